import { LIMITS } from "../../model/message.ts";
import type { Watchdog, Writer } from "./watchdog.ts";

/**
 * What a socket may have unsent before its reader waits: more than a frame of ours, so that a healthy
 * line never waits, and so little that a thousand stalled ones cost 256 MB at the worst.
 */
export const UNSENT_BYTES = 256 * 1024;
/** How often a full socket is looked at, less and less: there is no event that says it has drained. */
const DRAIN_LOOK_MS = { first: 10, most: 250 };

/** The one writer of a server WebSocket: paced by what the peer takes. */
export class SocketWriter implements Writer {
  readonly #socket: WebSocket;
  readonly #watchdog: Watchdog;
  readonly #onStall: () => void;
  /** What was unsent, at least, after the last frame or look. */
  #unsent = 0;
  #progress = true;
  #stalled = false;

  /** `onStall`: the peer takes nothing, and nothing more will be sent. */
  constructor(socket: WebSocket, watchdog: Watchdog, onStall: () => void) {
    this.#socket = socket;
    this.#watchdog = watchdog;
    this.#onStall = onStall;
    watchdog.watch(this);
  }

  /** Resolves when another frame may follow; false where none will. */
  send(frame: string): boolean | Promise<boolean> {
    const unsent = this.#look();
    if (unsent > UNSENT_BYTES) return this.#drained().then((ready) => ready && this.send(frame));
    if (this.#stalled || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(frame);
    // At least this much; asking the socket again would be a second call into the runtime a delivery.
    this.#unsent = unsent + frame.length;
    return true;
  }

  isStuck(): boolean {
    this.#look();
    const stuck = this.#unsent > 0 && !this.#progress;
    this.#progress = false;
    return stuck;
  }

  giveUp(): void {
    this.#stalled = true;
    this.#onStall();
  }

  /** The last frame has been handed over; the socket is closed as soon as the peer takes it. */
  end(code: number, reason: string): void {
    this.#watchdog.forget(this);
    if (this.#stalled) close(this.#socket, 1008, "nothing was read for a minute");
    else close(this.#socket, code, reason);
  }

  #look(): number {
    const unsent = this.#socket.bufferedAmount;
    if (unsent < this.#unsent) this.#progress = true;
    this.#unsent = unsent;
    return unsent;
  }

  async #drained(): Promise<boolean> {
    for (let ms = DRAIN_LOOK_MS.first; this.#look() > UNSENT_BYTES;) {
      if (this.#stalled || this.#socket.readyState !== WebSocket.OPEN) return false;
      await new Promise((resolve) => setTimeout(resolve, ms));
      ms = Math.min(2 * ms, DRAIN_LOOK_MS.most);
    }
    return true;
  }
}

/** Has text frames within the limit handled, and refuses others by the code that says why. */
export function onText(socket: WebSocket, handle: (text: string) => void): void {
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return close(socket, 1003, "text frames only");
    if (isTooBig(data)) return close(socket, 1009, `at most ${LIMITS.bytes} bytes in a frame`);
    if (socket.readyState === WebSocket.OPEN) handle(data);
  };
}

/** Most frames are told by their length in UTF-16 units, each of which takes three bytes at most. */
function isTooBig(frame: string): boolean {
  if (frame.length * 3 <= LIMITS.bytes) return false;
  return frame.length > LIMITS.bytes || new TextEncoder().encode(frame).length > LIMITS.bytes;
}

/**
 * Closes with a code that arrives. A server socket closed while a frame is being handled, with
 * another behind it, drops the connection and the code with it: so it waits for its turn, and
 * nothing that comes meanwhile is heard.
 */
export function close(socket: WebSocket, code: number, reason: string): void {
  socket.onmessage = null;
  setImmediate(() => {
    try {
      socket.close(code, reason);
    } catch {
      // best effort: it is closed already
    }
  });
}
