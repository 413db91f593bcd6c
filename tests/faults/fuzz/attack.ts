import { Buffer } from "node:buffer";
import type { Addresses } from "../../support/server.ts";
import { type Case, fill, type Known } from "./case.ts";

/** How long something that is due is waited for, and how long nothing more means that it is over. */
const PATIENCE_MS = 2000;
const QUIET_MS = 60;
/** More is not read: the room's whole history may be coming. */
const READ_BYTES = 512 * 1024;

/** Does what the case says, on a connection of its own; resolves with what came back. Never rejects. */
export async function attack(
  { at, bare }: { readonly at: Addresses; readonly bare: Addresses },
  attempt: Case,
  known: Known,
): Promise<Uint8Array> {
  const { httpPort, tcpPort } = attempt.door.startsWith("bare") ? bare : at;
  const port = attempt.door.endsWith("tcp") ? tcpPort : httpPort;
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const heard = new Heard(conn, attempt.ending !== "reset");
  try {
    for (const step of attempt.steps) {
      if (step === "answer") await heard.more(PATIENCE_MS);
      else await write(conn, fill(step, known));
    }
    if (attempt.ending === "fin") await conn.closeWrite();
    if (attempt.ending !== "reset") {
      await heard.more(PATIENCE_MS / 4); // there need be no answer
      while (await heard.more(QUIET_MS));
    }
  } catch {
    // it was cut, as it may be
  }
  try {
    conn.close();
  } catch {
    // best effort: reading has found its end already
  }
  await heard.ended;
  return heard.bytes;
}

async function write(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
  // What is written next shall not come in the same read.
  await new Promise((resolve) => setTimeout(resolve));
}

/** Reads all the time; or, so that the end becomes a reset, nothing. */
class Heard {
  readonly ended: Promise<void>;
  #pieces: Uint8Array[] = [];
  #length = 0;
  #seen = 0;
  #over = false;
  #wake = () => {};

  constructor(conn: Deno.TcpConn, reads: boolean) {
    this.ended = reads ? this.#read(conn) : Promise.resolve();
    if (!reads) this.#over = true;
  }

  get bytes(): Uint8Array {
    return Buffer.concat(this.#pieces);
  }

  /** Whether something has come that was not asked about yet; false at the end too. */
  async more(patienceMs: number): Promise<boolean> {
    if (this.#length === this.#seen && !this.#over) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    const isMore = this.#length > this.#seen;
    this.#seen = this.#length;
    return isMore;
  }

  async #read(conn: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    while (this.#length < READ_BYTES) {
      const count = await conn.read(buffer).catch(() => null);
      if (count === null) break;
      this.#pieces.push(buffer.slice(0, count));
      this.#length += count;
      this.#wake();
    }
    this.#over = true;
    this.#wake();
  }
}
