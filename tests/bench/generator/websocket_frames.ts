import { Buffer } from "node:buffer";

/**
 * Takes bytes[from, to) of a message; `left` are still to come of it (Infinity while it has not
 * reached its last fragment), `fresh` with its first.
 */
export type OnPayload = (
  bytes: Uint8Array,
  from: number,
  to: number,
  left: number,
  fresh: boolean,
) => void;
export type OnControl = (opcode: number, payload: Uint8Array) => void;

export const OPCODE = { continuation: 0, text: 1, close: 8, ping: 9, pong: 10 } as const;

/**
 * Walks the frames (RFC 6455, section 5.2) that a server sends, wherever the pieces are cut.
 * Looks at headers only: no decoding, no copy.
 */
export class FrameWalker {
  #header = new Uint8Array(14);
  #headerLength = 0;
  #left = 0;
  #opcode = 0;
  #final = true;
  #control: number[] = [];
  #onPayload: OnPayload;
  #onControl: OnControl;

  constructor(onPayload: OnPayload, onControl: OnControl) {
    this.#onPayload = onPayload;
    this.#onControl = onControl;
  }

  read(bytes: Uint8Array, length: number, start = 0): void {
    let at = start;
    while (at < length) {
      let fresh = false;
      if (this.#left === 0) {
        at = this.#readHeader(bytes, at, length);
        if (at < 0) return;
        fresh = this.#opcode !== OPCODE.continuation;
        if (this.#left === 0) {
          if (this.#opcode >= OPCODE.close) this.#onControl(this.#opcode, new Uint8Array());
          continue;
        }
        if (at === length) {
          // The payload's first byte comes with the next piece, which then is not called fresh:
          // only a guess is lost.
          return;
        }
      }
      const end = Math.min(length, at + this.#left);
      this.#left -= end - at;
      if (this.#opcode < OPCODE.close) {
        this.#onPayload(bytes, at, end, this.#final ? this.#left : Infinity, fresh);
      } else this.#readControl(bytes.subarray(at, end));
      at = end;
    }
  }

  /** Where the payload begins, or -1 where the header is not whole yet. */
  #readHeader(bytes: Uint8Array, from: number, length: number): number {
    if (this.#headerLength === 0 && from + 10 <= length) return this.#parse(bytes, from);
    let at = from;
    while (at < length) {
      this.#header[this.#headerLength++] = bytes[at++]!;
      if (this.#headerLength >= 2 && this.#headerLength === headerBytes(this.#header[1]!)) {
        this.#headerLength = 0;
        this.#parse(this.#header, 0);
        return at;
      }
    }
    return -1;
  }

  #parse(bytes: Uint8Array, at: number): number {
    this.#opcode = bytes[at]! & 15;
    this.#final = bytes[at]! > 127;
    const short = bytes[at + 1]!;
    if (short < 126) {
      this.#left = short;
      return at + 2;
    }
    if (short === 126) {
      this.#left = bytes[at + 2]! * 256 + bytes[at + 3]!;
      return at + 4;
    }
    if (short > 127) throw new Error("Cannot read the frame: the server masked it");
    let left = 0;
    for (let i = at + 2; i < at + 10; i++) left = left * 256 + bytes[i]!;
    this.#left = left;
    return at + 10;
  }

  #readControl(piece: Uint8Array): void {
    this.#control.push(...piece);
    if (this.#left > 0) return;
    this.#onControl(this.#opcode, Uint8Array.from(this.#control));
    this.#control = [];
  }
}

function headerBytes(second: number): number {
  return second < 126 ? 2 : second === 126 ? 4 : 10;
}

/** A client's frame, masked as RFC 6455 section 5.3 wants it. Payloads up to 65,535 bytes. */
export function clientFrame(opcode: number, payload: Uint8Array): Uint8Array {
  const wide = payload.length > 125;
  const head = wide ? 8 : 6;
  const frame = Buffer.allocUnsafe(head + payload.length);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (wide ? 126 : payload.length);
  if (wide) frame.writeUInt16BE(payload.length, 2);
  frame.writeUInt32BE(MASK, head - 4);
  for (let i = 0; i < payload.length; i++) {
    frame[head + i] = payload[i]! ^ (MASK >>> (24 - 8 * (i & 3)) & 255);
  }
  return frame;
}

// One key for all: unpredictable keys protect proxies from browsers, and here is neither.
const MASK = 0x9d3a61c5;
