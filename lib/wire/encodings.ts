import type { Batch, RoomEvent } from "../model/events.ts";
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
  /**
   * Terminal lines, each with CRLF; empty where a terminal has nothing to show. `base` is where the
   * room is for the reader: with files in the batch, it is made for each place once.
   */
  readonly lines: (batch: Batch, base?: string) => Uint8Array<ArrayBuffer>;
  /** The same joined by line feeds, as a WebSocket frame. */
  readonly textFrame: (batch: Batch, base?: string) => string;
}

export function createEncodings(epoch: string): Encodings {
  const utf8 = new TextEncoder();
  const text = (encode: (batch: Batch) => string, separator = "") =>
    once(encode, (parts) => parts.filter((part) => part !== "").join(separator));
  const bytes = (encode: (batch: Batch) => string) =>
    once((batch) => utf8.encode(encode(batch)), concat);
  const frame = text(encodeFrame, "\n");
  const lines = once((batch) => encodeLines(batch), (parts) => parts.flat());
  const terminal = (lines: string[]) => lines.map((line) => line + "\r\n").join("");
  return {
    frame,
    ndjson: bytes((batch) => frame(batch) + "\n"),
    jsonLines: bytes((batch) => frame(batch).replaceAll("\n", "\r\n") + "\r\n"),
    sse: bytes((batch) => encodeSse(batch, epoch)),
    lines: forEachBase(
      bytes((batch) => terminal(lines(batch))),
      (batch, base) => utf8.encode(terminal(encodeLines(batch, base))),
    ),
    textFrame: forEachBase(
      text((batch) => lines(batch).join("\n"), "\n"),
      (batch, base) => encodeLines(batch, base).join("\n"),
    ),
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

/** What has no links in it is the same for all, and `shared`. */
function forEachBase<T>(
  shared: (batch: Batch) => T,
  encode: (batch: Batch, base: string) => T,
): (batch: Batch, base?: string) => T {
  const linked = once<Map<string, T> | false>(
    ({ events }) => events.some(hasFiles) && new Map(),
    (parts) => parts.some((part) => part !== false) && new Map(),
  );
  return (batch, base) => {
    const made = base !== undefined && linked(batch);
    if (!made) return shared(batch);
    const encoded = made.get(base) ?? encode(batch, base);
    made.set(base, encoded);
    return encoded;
  };
}

function hasFiles(event: RoomEvent): boolean {
  return event.type === "message" && event.files !== undefined;
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
