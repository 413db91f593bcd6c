import type { Exchange } from "../http/exchange.ts";
import type { Allowance, Limits } from "../limits/mod.ts";
import { CLOSE, closeSocket } from "./socket/close.ts";
import { upgrade } from "./socket/upgrade.ts";

/** A read that fills the buffer makes the next one larger: thousands of idle connections cost little. */
const BUFFER_BYTES = { first: 2 * 1024, most: 64 * 1024 };
/**
 * What a WebSocket may have unsent, and so the largest message it echoes. A Deno server WebSocket
 * cannot stop reading, so a client that sends on without reading is closed at this much.
 */
export const ECHO_UNSENT_BYTES = 16 * 1024 * 1024;
/** What a frame that waits costs besides its payload, rounded up: 700 bytes were measured. */
const FRAME_BYTES = 1024;
/** Each so many bytes count as one frame more: a message may be large here. */
const COUNTED_BYTES = 64 * 1024;

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
export function echo(
  limits: Limits,
): (exchange: Pick<Exchange, "request" | "address">) => Response {
  return (exchange) => {
    const upgraded = upgrade(exchange, limits, "echo");
    if (upgraded instanceof Response) return upgraded;
    echoSocket(upgraded.socket, upgraded.allowance);
    return upgraded.response;
  };
}

/** Sends every message of a socket back, for as long as it is open and within its allowance. */
export function echoSocket(socket: WebSocket, allowance: Pick<Allowance, "take">): void {
  const unsent = new Unsent();
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    // A text counts by its UTF-16 units; counting its bytes would cost an encoding. At the worst the
    // bound is three times as wide.
    const bytes = typeof data === "string" ? data.length : data.byteLength;
    if (!allowance.take(1 + Math.floor(bytes / COUNTED_BYTES))) {
      return closeSocket(socket, CLOSE.flooding);
    }
    if (bytes > ECHO_UNSENT_BYTES) return closeSocket(socket, [1009, "a message may have 16 MiB"]);
    unsent.settle(socket.bufferedAmount);
    if (!unsent.hasRoom(bytes)) {
      return closeSocket(socket, [1008, "read what comes back before sending more"]);
    }
    unsent.add(bytes);
    socket.send(data);
  };
  socket.onerror = () => {}; // close follows
}

/** What a socket was handed and has not taken: bytes, and what each frame costs besides. */
export class Unsent {
  /** Of each frame, in order. */
  #sizes: number[] = [];
  #bytes = 0;

  get frames(): number {
    return this.#sizes.length;
  }

  /** Whether a frame more fits. One alone always does. */
  hasRoom(bytes: number): boolean {
    const cost = this.#bytes + this.frames * FRAME_BYTES;
    return cost === 0 || cost + bytes + FRAME_BYTES <= ECHO_UNSENT_BYTES;
  }

  add(bytes: number): void {
    this.#sizes.push(bytes);
    this.#bytes += bytes;
  }

  /**
   * So many bytes are unsent now. Frames are taken in order; that an empty one has been taken is known
   * when one after it has.
   */
  settle(unsent: number): void {
    let taken = 0;
    let left = this.#bytes;
    for (let i = 0; i < this.#sizes.length && left > unsent; i++) {
      left -= this.#sizes[i]!;
      if (left >= unsent && this.#sizes[i]! > 0) {
        taken = i + 1;
        this.#bytes = left;
      }
    }
    if (taken > 0) this.#sizes.splice(0, taken);
  }
}
