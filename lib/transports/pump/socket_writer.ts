import type { Writer } from "./writer.ts";

/**
 * What a socket may have unsent before its reader waits: more than a frame of ours, so that a healthy
 * line never waits, and so little that a thousand stalled ones cost 256 MB at the worst.
 */
export const UNSENT_BYTES = 256 * 1024;
/** How often a full socket is looked at, less and less: there is no event that says it has drained. */
const DRAIN_LOOK_MS = { first: 10, most: 250 };

/** Writes frames to a server WebSocket, paced by what the peer takes. */
export class SocketWriter implements Writer<string> {
  readonly #socket: WebSocket;
  /** What was unsent, at least, after the last frame or look. */
  #unsent = 0;
  /** How often a look found less unsent than there was. */
  #taken = 0;
  #aborted = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  write(frame: string): boolean | Promise<boolean> {
    const unsent = this.#look();
    if (unsent > UNSENT_BYTES) return this.#drained().then((ready) => ready && this.write(frame));
    if (this.#isOver) return false;
    this.#socket.send(frame);
    // At least this much; asking the socket again would be a second call into the runtime a delivery.
    this.#unsent = unsent + frame.length;
    return true;
  }

  taken(): number | undefined {
    this.#look();
    return this.#unsent > 0 ? this.#taken : undefined;
  }

  buffered(): number {
    return this.#socket.bufferedAmount;
  }

  abort(): void {
    this.#aborted = true;
  }

  get #isOver(): boolean {
    return this.#aborted || this.#socket.readyState !== WebSocket.OPEN;
  }

  #look(): number {
    const unsent = this.#socket.bufferedAmount;
    if (unsent < this.#unsent) this.#taken++;
    this.#unsent = unsent;
    return unsent;
  }

  async #drained(): Promise<boolean> {
    for (let ms = DRAIN_LOOK_MS.first; this.#look() > UNSENT_BYTES;) {
      if (this.#isOver) return false;
      await new Promise((resolve) => setTimeout(resolve, ms));
      ms = Math.min(2 * ms, DRAIN_LOOK_MS.most);
    }
    return true;
  }
}
