import type { Nodes } from "./nodes.ts";

/** One address for all nodes, as a proxy in front of them is: each connection goes to one that answers. */
export class Balancer implements Disposable {
  readonly url: string;
  readonly #nodes: Nodes;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.Conn>();
  #next = 0;

  constructor(nodes: Nodes) {
    this.#nodes = nodes;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.url = `http://127.0.0.1:${this.#listener.addr.port}`;
    this.#accept();
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const conn of this.#open) close(conn);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) this.#relay(client);
  }

  async #relay(client: Deno.Conn): Promise<void> {
    this.#open.add(client);
    const node = await this.#dial();
    if (node) {
      this.#open.add(node);
      // Whichever side ends, both do.
      await Promise.race([pipe(client, node), pipe(node, client)]);
      close(node);
      this.#open.delete(node);
    }
    close(client);
    this.#open.delete(client);
  }

  /** The next node that takes a connection. */
  async #dial(): Promise<Deno.Conn | undefined> {
    const { all } = this.#nodes;
    for (let tries = 0; tries < all.length; tries++) {
      try {
        const { httpPort } = await all[this.#next++ % all.length]!.addresses();
        return await Deno.connect({ hostname: "127.0.0.1", port: httpPort });
      } catch {
        // It is down: the next one.
      }
    }
    return undefined;
  }
}

async function pipe(from: Deno.Conn, to: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      for (let sent = 0; sent < count;) sent += await to.write(buffer.subarray(sent, count));
    }
  } catch {
    // One of both has ended.
  }
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed already.
  }
}
