import type { Batch } from "./events.ts";
import { encodeLines } from "./line_protocol.ts";
import { encodeFrame, encodeSse } from "./protocol.ts";

/**
 * Every form a batch is sent in, each made at most once: readers who are caught up share batches by
 * identity, and so they share what is made of them.
 */
export interface Encoders {
  /** A WebSocket frame. */
  readonly frame: (batch: Batch) => string;
  /** Lines of JSON, each with its line feed. */
  readonly ndjson: (batch: Batch) => Uint8Array<ArrayBuffer>;
  readonly sse: (batch: Batch) => Uint8Array<ArrayBuffer>;
  /** The same with CRLF, for the line protocol. */
  readonly jsonLines: (batch: Batch) => Uint8Array<ArrayBuffer>;
  /** Terminal lines, each with CRLF; empty where a terminal has nothing to show. */
  readonly lines: (batch: Batch) => Uint8Array<ArrayBuffer>;
  /** The same joined by line feeds, as a WebSocket frame. */
  readonly textFrame: (batch: Batch) => string;
}

export function createEncoders(epoch: string): Encoders {
  const utf8 = new TextEncoder();
  const frame = once(encodeFrame);
  const lines = once((batch) => encodeLines(batch));
  return {
    frame,
    ndjson: once((batch) => utf8.encode(frame(batch) + "\n")),
    jsonLines: once((batch) => utf8.encode(frame(batch).replaceAll("\n", "\r\n") + "\r\n")),
    sse: once((batch) => utf8.encode(encodeSse(batch, epoch))),
    lines: once((batch) => utf8.encode(lines(batch).map((line) => line + "\r\n").join(""))),
    textFrame: once((batch) => lines(batch).join("\n")),
  };
}

function once<T>(encode: (batch: Batch) => T): (batch: Batch) => T {
  const made = new WeakMap<Batch, T>();
  return (batch) => {
    let encoded = made.get(batch);
    if (encoded === undefined) made.set(batch, encoded = encode(batch));
    return encoded;
  };
}
