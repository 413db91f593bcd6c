import type { Exchange } from "../http/exchange.ts";
import { closeSocket } from "./socket/close.ts";
import { upgrade } from "./socket/upgrade.ts";

/** A read that fills the buffer makes the next one larger: thousands of idle connections cost little. */
const BUFFER_BYTES = { first: 2 * 1024, most: 64 * 1024 };
/**
 * What a WebSocket may have unsent, and so the largest message it echoes. A Deno server WebSocket
 * cannot stop reading, so a client that sends on without reading is closed at this much.
 */
export const ECHO_UNSENT_BYTES = 16 * 1024 * 1024;

/**
 * Sends every byte back, in order, at the pace at which the peer reads; after its FIN the rest, and
 * then ours. `count` is told of each piece that was sent back. Rejects where the connection breaks.
 * The caller closes it.
 */
export async function tcpEcho(conn: Deno.TcpConn, count: (bytes: number) => void): Promise<void> {
  let buffer = new Uint8Array(BUFFER_BYTES.first);
  for (;;) {
    const read = await conn.read(buffer);
    if (read === null) return await conn.closeWrite();
    for (let sent = 0; sent < read;) sent += await conn.write(buffer.subarray(sent, read));
    count(read);
    if (read === buffer.length && read < BUFFER_BYTES.most) buffer = new Uint8Array(read * 4);
  }
}

/** GET /echo: sends every message back over WebSocket unchanged, text as text, bytes as bytes. */
export function echo({ request }: Pick<Exchange, "request">): Response {
  const upgraded = upgrade(request);
  if (upgraded instanceof Response) return upgraded;
  echoSocket(upgraded.socket);
  return upgraded.response;
}

/** Sends every message of a socket back, for as long as it is open. */
export function echoSocket(socket: WebSocket): void {
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    // A text counts by its UTF-16 units; counting its bytes would cost an encoding. At the worst the
    // bound is three times as wide.
    const bytes = typeof data === "string" ? data.length : data.byteLength;
    if (bytes > ECHO_UNSENT_BYTES) return closeSocket(socket, [1009, "a message may have 16 MiB"]);
    if (socket.bufferedAmount + bytes > ECHO_UNSENT_BYTES) {
      return closeSocket(socket, [1008, "read what comes back before sending more"]);
    }
    socket.send(data);
  };
  socket.onerror = () => {}; // close follows
}
