import { systemClock } from "../../clock.ts";
import { closeQuietly } from "../accept.ts";

/** A read that fills the buffer makes the next one larger: thousands of idle connections cost little. */
const BUFFER_BYTES = { first: 2 * 1024, most: 64 * 1024 };
/** How long somebody may stay to whom everything has been said. */
const LINGER_MS = 5000;

/** What a connection can do, with TLS or without. */
type Connection = Pick<Deno.Conn, "read" | "write" | "closeWrite" | "close">;

/**
 * Carries the bytes of two connections to each other, each at the pace at which the other reads, and
 * the end of one as the end of the other. Resolves when both are closed.
 */
export async function join(client: Connection, server: Connection): Promise<void> {
  const close = () => {
    closeQuietly(client);
    closeQuietly(server);
  };
  const forth = carry(client, server).catch(close);
  const back = carry(server, client).catch(close);
  await back;
  using _linger = systemClock.after(LINGER_MS, close);
  await forth;
  close();
}

async function carry(from: Connection, to: Connection): Promise<void> {
  let buffer = new Uint8Array(BUFFER_BYTES.first);
  for (;;) {
    const read = await from.read(buffer);
    if (read === null) return await to.closeWrite();
    for (let sent = 0; sent < read;) sent += await to.write(buffer.subarray(sent, read));
    if (read === buffer.length && read < BUFFER_BYTES.most) buffer = new Uint8Array(read * 4);
  }
}
