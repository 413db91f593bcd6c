/** A server's HTTP as it is under a name that it does not know: for requests that it refuses at once. */
export function underAnotherName(httpPort: number): AsyncDisposable & { readonly url: string } {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const running = (async () => {
    for await (const conn of listener) await carry(conn, httpPort);
  })();
  return {
    url: `http://127.0.0.1:${listener.addr.port}`,
    async [Symbol.asyncDispose]() {
      listener.close();
      await running;
    },
  };
}

/** One request with another Host, and its whole answer. */
async function carry(conn: Deno.TcpConn, port: number): Promise<void> {
  const server = await Deno.connect({ hostname: "127.0.0.1", port });
  const buffer = new Uint8Array(64 * 1024);
  const count = await conn.read(buffer) ?? 0;
  const head = new TextDecoder("latin1").decode(buffer.subarray(0, count));
  const renamed = head.replace(/^host: .*\r$/im, "Host: chat.example\r\nConnection: close\r");
  await server.write(new TextEncoder().encode(renamed));
  await server.readable.pipeTo(conn.writable).catch(() => {}); // the client may have gone
}
