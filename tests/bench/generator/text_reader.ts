import { MARK, STAMP_BYTES, TEXT_BYTES } from "./text.ts";

export type OnText = (publisher: number, micros: number) => void;

/**
 * Where the next text is expected, learned from the last one. Shared by all connections of a
 * process, since a server puts the same bytes around a text for everybody.
 */
export type Guess = { first: number; between: number };

/**
 * Counts the texts in a stream that comes in pieces, looking at one byte a text where the guess
 * is right: a delivery must cost the generator far less than it costs the server. Looking ahead
 * skips no text as long as what servers put around one stays under twice its usual size; the
 * totals checked at the end of a run would show it.
 */
export class TextReader {
  texts = 0;
  /** Bytes of the last text that belong to the next piece. */
  #skip = 0;
  #stamp = new Uint8Array(STAMP_BYTES);
  /** How much of a stamp that was cut in two has come, or undefined where none was. */
  #stampLength: number | undefined;
  #guess: Guess;
  #onText: OnText | undefined;

  constructor(guess: Guess, onText?: OnText) {
    this.#guess = guess;
    this.#onText = onText;
  }

  /**
   * Reads bytes[from, to). A MARK must follow somewhere after `to`, so that a search ends.
   * `left` is what is still to come of the frame, `fresh` where it begins. Five arguments on
   * purpose: an object for each frame would cost as much as the rest.
   */
  read(bytes: Uint8Array, from: number, to: number, left: number, fresh: boolean): void {
    if (this.#stampLength !== undefined) {
      this.#finishStamp(this.#stampLength, bytes.subarray(from, to));
    }
    const guess = this.#guess;
    let at = from + this.#skip;
    let atFirst = fresh && this.#skip === 0;
    while (at < to && to - at + left >= TEXT_BYTES) {
      let mark = at + (atFirst ? guess.first : guess.between);
      if (mark >= to || bytes[mark] !== MARK) {
        mark = bytes.indexOf(MARK, at);
        if (mark < 0 || mark >= to) break;
        if (atFirst) guess.first = mark - at;
        else guess.between = mark - at;
      }
      atFirst = false;
      this.texts++;
      if (this.#onText !== undefined) {
        if (mark + STAMP_BYTES < to) this.#report(bytes, mark + 1);
        else this.#keepStamp(bytes, mark + 1, to);
      }
      at = mark + TEXT_BYTES;
    }
    this.#skip = Math.max(0, at - to);
  }

  #report(bytes: Uint8Array, at: number): void {
    let micros = 0;
    for (let i = at + 1; i < at + STAMP_BYTES; i++) micros = micros * 10 + bytes[i]! - 48;
    this.#onText?.(bytes[at]! - 48, micros);
  }

  #keepStamp(bytes: Uint8Array, from: number, to: number): void {
    this.#stamp.set(bytes.subarray(from, to));
    this.#stampLength = to - from;
  }

  #finishStamp(have: number, rest: Uint8Array): void {
    const taken = rest.subarray(0, STAMP_BYTES - have);
    this.#stamp.set(taken, have);
    this.#stampLength = have + taken.length;
    if (this.#stampLength < STAMP_BYTES) return;
    this.#stampLength = undefined;
    this.#report(this.#stamp, 0);
  }
}
