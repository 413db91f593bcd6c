/** One line without its end, or why it cannot be read. */
export type DecodedLine =
  | { readonly type: "line"; readonly text: string }
  | { readonly type: "too_long" }
  | { readonly type: "not_utf8" };

const LF = 0x0a;
const CR = 0x0d;

/**
 * Bytes to lines, wherever the bytes were cut. A line ends with LF or CRLF; one of more than
 * `limit` bytes is skipped to its end and reported once. A pure function of the bytes: any split of
 * them gives the same lines, and memory is bounded by the limit.
 */
export class LineDecoder {
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  readonly #line: Uint8Array;
  #length = 0;
  #skipping = false;

  constructor(limit: number) {
    this.#line = new Uint8Array(limit + 1); // a CR may come after the last byte
  }

  push(bytes: Uint8Array): DecodedLine[] {
    const lines: DecodedLine[] = [];
    let from = 0;
    for (;;) {
      const end = bytes.indexOf(LF, from);
      this.#take(bytes.subarray(from, end === -1 ? bytes.length : end));
      if (end === -1) return lines;
      lines.push(this.#finish());
      from = end + 1;
    }
  }

  /** What came after the last line feed, at the end of input. */
  end(): DecodedLine | undefined {
    return this.#length > 0 || this.#skipping ? this.#finish() : undefined;
  }

  #take(part: Uint8Array): void {
    if (this.#skipping) return;
    if (this.#length + part.length > this.#line.length) {
      this.#skipping = true;
      return;
    }
    this.#line.set(part, this.#length);
    this.#length += part.length;
  }

  #finish(): DecodedLine {
    let bytes = this.#line.subarray(0, this.#length);
    if (bytes.at(-1) === CR) bytes = bytes.subarray(0, -1);
    const tooLong = this.#skipping || bytes.length === this.#line.length;
    this.#length = 0;
    this.#skipping = false;
    if (tooLong) return { type: "too_long" };
    try {
      return { type: "line", text: this.#utf8.decode(bytes) };
    } catch {
      return { type: "not_utf8" };
    }
  }
}
