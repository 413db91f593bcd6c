import { Buffer } from "node:buffer";
import type { Addresses } from "../../support/server.ts";
import { openRaw, type RawKind } from "../support/raw_connections.ts";

/** Before the number of a message: in JSON, and on a terminal line. */
const MARKS = { json: '"message","seq":', lines: "] #" };
/** The longest mark, with the number after it. */
const CARRY_BYTES = 48;
/** What a WebSocket is told that was given up; the rest of its closing waits for an answer. */
const GIVEN_UP = "nothing was read for a minute";
/** An unasked pong (RFC 6455, section 5.5.3): who reads is there, though it says nothing else. */
const PONG = new Uint8Array([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_MS = 5000;

/** Comes into the room, stops reading, and later reads on: over a bare socket, which alone can do so. */
export class SlowReader implements Disposable {
  readonly kind: RawKind;
  /** The newest message it has seen. */
  cursor: number;
  /** How often it had to come back by its cursor, since it was given up. */
  returns = 0;
  readonly #at: Addresses;
  readonly #name: string;
  readonly #mark: string;
  readonly #buffer = new Uint8Array(256 * 1024);
  #conn: Deno.TcpConn;

  private constructor(
    kind: RawKind,
    at: Addresses,
    options: { name: string; cursor: number; conn: Deno.TcpConn },
  ) {
    this.kind = kind;
    this.#at = at;
    this.#name = options.name;
    this.cursor = options.cursor;
    this.#conn = options.conn;
    this.#mark = kind.name === "tcp" || kind.name === "/ws/text" ? MARKS.lines : MARKS.json;
  }

  /** Resolves when it has been let in; from then on nothing is read. `cursor`: the newest there is. */
  static async join(
    kind: RawKind,
    at: Addresses,
    options: { name: string; cursor: number },
  ): Promise<SlowReader> {
    const conn = await openRaw(kind, at, { name: options.name, since: options.cursor });
    const reader = new SlowReader(kind, at, { ...options, conn });
    let text = "";
    while (!/welcome|hello/.test(text)) {
      const count = await conn.read(reader.#buffer);
      if (count === null) throw new Error(`${kind.name} was not let in: ${text}`);
      text += Buffer.from(reader.#buffer.subarray(0, count)).toString("latin1");
    }
    return reader;
  }

  /** Reads on, up to and including a message. Throws where one is missing or comes twice. */
  async readTo(last: number): Promise<void> {
    let carry = Buffer.alloc(0);
    // A terminal may be shown a screen of the newest before it has said where to go on.
    let seeking = this.#mark === MARKS.lines;
    let ponged = performance.now();
    while (this.cursor < last) {
      const ended = carry.includes(GIVEN_UP);
      const count = ended ? null : await this.#conn.read(this.#buffer).catch(() => null);
      if (count === null) {
        this.#conn.close();
        const { cursor: since } = this;
        this.#conn = await openRaw(this.kind, this.#at, { name: this.#name, since });
        this.returns++;
        carry = Buffer.alloc(0);
        seeking = this.#mark === MARKS.lines;
        continue;
      }
      const bytes = Buffer.concat([carry, this.#buffer.subarray(0, count)]);
      let from = 0;
      for (let at = bytes.indexOf(this.#mark); at !== -1; at = bytes.indexOf(this.#mark, from)) {
        if (at + CARRY_BYTES > bytes.length) break; // the number may not be there yet
        from = at + this.#mark.length;
        const seq = parseInt(bytes.toString("latin1", from, from + 12));
        if (seeking && seq !== this.cursor + 1) continue;
        seeking = false;
        if (seq !== this.cursor + 1) {
          throw new Error(`${this.kind.name} saw ${seq} after ${this.cursor}`);
        }
        this.cursor = seq;
      }
      carry = bytes.subarray(Math.max(from, bytes.length - CARRY_BYTES));
      if (this.kind.name.startsWith("/ws") && performance.now() - ponged > PONG_MS) {
        ponged = performance.now();
        await this.#conn.write(PONG).catch(() => {}); // it may just have been given up
      }
    }
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
