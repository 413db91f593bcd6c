import { closeQuietly } from "../../base/net/accept.ts";
import type { Writer } from "./writer.ts";

/** Writes to a TCP connection. */
export class ConnWriter implements Writer<Uint8Array> {
  readonly #conn: Deno.TcpConn;
  #writing = false;
  #bytes = 0;
  /** Of the write that is under way. */
  #left = 0;

  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Resolves when the kernel has all of the bytes; false where the connection is gone. */
  async write(bytes: Uint8Array): Promise<boolean> {
    this.#writing = true;
    this.#left = bytes.length;
    try {
      for (let sent = 0; sent < bytes.length;) {
        const count = await this.#conn.write(bytes.subarray(sent));
        sent += count;
        this.#left = bytes.length - sent;
        this.#bytes += count;
      }
      return true;
    } catch {
      return false; // the peer is gone: reading from it will find that
    } finally {
      this.#writing = false;
      this.#left = 0;
    }
  }

  taken(): number | undefined {
    return this.#writing ? this.#bytes : undefined;
  }

  buffered(): number {
    return this.#left;
  }

  /** Cuts the write that is waiting. */
  abort(): void {
    closeQuietly(this.#conn);
  }
}
