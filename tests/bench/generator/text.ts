/**
 * The text of a benchmark message: 100 bytes of ASCII, which say who sent it and when.
 *
 *     ~P0123456789 the rest is filler …
 *
 * `~` occurs once in a text and nowhere in what servers put around it, so a message can be
 * counted by finding one byte. P is the publisher, the ten digits are the microsecond (of the
 * sender's clock) at which the message was due.
 */
export const TEXT_BYTES = 100;
export const MARK = 0x7e;
export const STAMP_DIGITS = 10;
/** What must be there of a text before its stamp can be read: P and the digits. */
export const STAMP_BYTES = 1 + STAMP_DIGITS;

const FILLER =
  " benchmarks talk a lot and say little, as people do when nobody listens to them at all "
    .padEnd(TEXT_BYTES, ".").slice(0, TEXT_BYTES - 1 - STAMP_BYTES);

export function textOf(publisher: number, micros: number): string {
  return `~${publisher}${String(micros).padStart(STAMP_DIGITS, "0")}${FILLER}`;
}
