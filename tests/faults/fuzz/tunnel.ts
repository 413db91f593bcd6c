import { CA } from "../../support/certificates.ts";
import type { Addresses } from "../../support/server.ts";

/** Ports without TLS before ports with it, for clients that do not speak it. */
export class Tunnel implements Addresses, Disposable {
  readonly url: string;
  readonly httpPort: number;
  readonly tcpPort: number;
  readonly #listeners: Deno.TcpListener[] = [];
  readonly #open = new Set<Disposable>();

  constructor({ httpPort, tcpPort }: Addresses) {
    this.httpPort = this.#listen(httpPort);
    this.tcpPort = this.#listen(tcpPort);
    this.url = `http://127.0.0.1:${this.httpPort}`;
  }

  [Symbol.dispose](): void {
    for (const listener of this.#listeners) listener.close();
    for (const conn of this.#open) close(conn);
  }

  #listen(to: number): number {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#listeners.push(listener);
    this.#accept(listener, to);
    return listener.addr.port;
  }

  async #accept(listener: Deno.TcpListener, to: number): Promise<void> {
    for (;;) {
      let conn: Deno.TcpConn;
      try {
        conn = await listener.accept();
      } catch (error) {
        if (error instanceof Deno.errors.NotConnected) continue; // it was reset at once
        return; // it was closed
      }
      this.#join(conn, to);
    }
  }

  /** Until both sides have ended, or either breaks. */
  async #join(near: Deno.TcpConn, to: number): Promise<void> {
    this.#open.add(near);
    let far: Deno.TlsConn | undefined;
    try {
      far = await Deno.connectTls({ hostname: "localhost", port: to, caCerts: [CA] });
      this.#open.add(far);
      await Promise.all([pass(near, far), pass(far, near)]);
    } catch {
      // it was cut, as it may be
    }
    for (const conn of [near, far]) {
      if (!conn) continue;
      this.#open.delete(conn);
      close(conn);
    }
  }
}

async function pass(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (;;) {
    const count = await from.read(buffer);
    if (count === null) return await to.closeWrite();
    for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
  }
}

function close(conn: Disposable): void {
  try {
    conn[Symbol.dispose]();
  } catch {
    // best effort: it is closed already
  }
}
