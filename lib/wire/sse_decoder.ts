import { LineDecoder } from "./line_decoder.ts";

/** The data of one event; undefined for what keeps the line alive: comments, and fields we do not need. */
export type Heard = string | undefined;

/**
 * Server-Sent Events from bytes, wherever they were cut
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation). Only
 * `data` is kept: ours says the rest in JSON. A bare CR as a line end, which the standard allows and
 * our server does not send, is not known here.
 */
export class SseDecoder {
  readonly #lines: LineDecoder;
  #data: string[] = [];

  constructor(lineLimit: number) {
    this.#lines = new LineDecoder(lineLimit);
  }

  push(bytes: Uint8Array): Heard[] {
    return this.#lines.push(bytes).map((line) =>
      line.type === "line" ? this.#take(line.text) : undefined
    );
  }

  #take(line: string): Heard {
    if (line === "") {
      const data = this.#data;
      this.#data = [];
      return data.length > 0 ? data.join("\n") : undefined;
    }
    const data = /^data(?:: ?(.*))?$/s.exec(line);
    if (data) this.#data.push(data[1] ?? "");
    return undefined;
  }
}
