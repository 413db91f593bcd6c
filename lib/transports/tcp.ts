import { close as closeConn } from "../base/accept.ts";
import type { Context } from "../http/context.ts";
import { converse } from "./lines/conversation.ts";
import { type DecodedLine, LineDecoder } from "../wire/line_decoder.ts";
import { LIMITS } from "../model/message.ts";
import { TelnetFilter } from "../wire/telnet.ts";
import type { Writer } from "./pump/watchdog.ts";

/** Who connects and says nothing has not come to chat. */
const FIRST_LINE_MS = 30_000;

/** The line protocol over TCP, for `nc`, telnet and programs. Resolves when it has ended; the caller closes it. */
export async function tcpRoom(
  conn: Deno.TcpConn,
  context: Context,
  options: { emptyLine: "ignore" | "leave" },
): Promise<void> {
  const close = () => closeConn(conn);
  const writer = new ConnWriter(conn);
  context.watchdog.watch(writer);
  context.signal.addEventListener("abort", close, { once: true });
  try {
    await converse(context, {
      input: readLines(conn, close),
      encode: { lines: context.encode.lines, json: context.encode.jsonLines },
      write: (bytes) => writer.write(bytes),
      hangUp: close,
    }, options);
  } finally {
    context.watchdog.forget(writer);
    context.signal.removeEventListener("abort", close);
  }
}

async function* readLines(
  conn: Deno.TcpConn,
  close: () => void,
): AsyncGenerator<readonly DecodedLine[]> {
  const telnet = new TelnetFilter();
  const decoder = new LineDecoder(LIMITS.bytes);
  const buffer = new Uint8Array(16 * 1024);
  let silence: ReturnType<typeof setTimeout> | undefined = setTimeout(close, FIRST_LINE_MS);
  try {
    for (;;) {
      const count = await conn.read(buffer).catch(() => null); // cut off: the end of input
      if (count === null) break;
      const lines = decoder.push(telnet.push(buffer.subarray(0, count)));
      if (lines.length === 0) continue;
      clearTimeout(silence);
      silence = undefined;
      yield lines;
    }
    clearTimeout(silence); // whoever was given the last line need not ask for more
    const last = decoder.end();
    if (last) yield [last];
  } finally {
    clearTimeout(silence);
  }
}

class ConnWriter implements Writer {
  readonly #conn: Deno.TcpConn;
  #writing = false;
  #progress = true;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Resolves when the kernel has all of the bytes; false where the connection is gone. */
  async write(bytes: Uint8Array): Promise<boolean> {
    this.#writing = true;
    try {
      for (let sent = 0; sent < bytes.length;) {
        sent += await this.#conn.write(bytes.subarray(sent));
        this.#progress = true;
      }
      return true;
    } catch {
      return false; // the peer is gone: whoever reads from it will see that
    } finally {
      this.#writing = false;
    }
  }

  isStuck(): boolean {
    const stuck = this.#writing && !this.#progress;
    this.#progress = false;
    return stuck;
  }

  giveUp(): void {
    closeConn(this.#conn); // cuts the write that is waiting
  }
}
