import type { Batch } from "../model/events.ts";
import { encodeLines } from "./lines.ts";
import { encodeFrame, encodeSse } from "./json.ts";

/**
 * Every form a batch is sent in, each made at most once: readers who are caught up share batches by
 * identity, and so they share what is made of them.
 */
export interface Encodings {
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

export function createEncodings(epoch: string): Encodings {
  const utf8 = new TextEncoder();
  const text = (encode: (batch: Batch) => string, separator = "") =>
    once(encode, (parts) => parts.filter((part) => part !== "").join(separator));
  const bytes = (encode: (batch: Batch) => string) =>
    once((batch) => utf8.encode(encode(batch)), concat);
  const frame = text(encodeFrame, "\n");
  const lines = once((batch) => encodeLines(batch), (parts) => parts.flat());
  return {
    frame,
    ndjson: bytes((batch) => frame(batch) + "\n"),
    jsonLines: bytes((batch) => frame(batch).replaceAll("\n", "\r\n") + "\r\n"),
    sse: bytes((batch) => encodeSse(batch, epoch)),
    lines: bytes((batch) => lines(batch).map((line) => line + "\r\n").join("")),
    textFrame: text((batch) => lines(batch).join("\n"), "\n"),
  };
}

/** Of a joined batch, what its parts have been made into is put together. */
function once<T>(encode: (batch: Batch) => T, join: (parts: T[]) => T): (batch: Batch) => T {
  const made = new WeakMap<Batch, T>();
  const encodeOnce = (batch: Batch): T => {
    let encoded = made.get(batch);
    if (encoded === undefined) {
      encoded = batch.parts ? join(batch.parts.map(encodeOnce)) : encode(batch);
      made.set(batch, encoded);
    }
    return encoded;
  };
  return encodeOnce;
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
