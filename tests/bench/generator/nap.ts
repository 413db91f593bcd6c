import { setImmediate } from "node:timers";
import type { Inbox } from "./connection.ts";

/**
 * Lets a process of many readers sleep between its sweeps over the sockets, as long as a sweep
 * finds little in each of them: a read costs the same for one message as for fifty, and nobody
 * waits for these readers. Never so long that a socket's buffer (64 KB at first) would fill.
 */
export class Napper {
  readonly #inbox: Inbox;
  readonly #cell = new Int32Array(new SharedArrayBuffer(4));
  #longest = 0;
  #ms = 0;
  #reads = 0;
  #received = 0;
  #running = false;

  constructor(inbox: Inbox) {
    this.#inbox = inbox;
  }

  /**
   * The longest nap in milliseconds; 0 stays awake. Under Deno it always does: after a nap Deno's
   * loop reads a few sockets, not all that are ready, and would sleep its time away.
   */
  allow(wanted: number): void {
    const longest = "Deno" in globalThis ? 0 : wanted;
    this.#longest = longest;
    this.#ms = Math.min(this.#ms, longest);
    if (longest > 0 && !this.#running) {
      this.#running = true;
      this.#sweep();
    }
  }

  #sweep(): void {
    if (this.#longest === 0) {
      this.#running = false;
      return;
    }
    const reads = this.#inbox.reads - this.#reads;
    const perRead = reads === 0 ? 0 : (this.#inbox.received - this.#received) / reads;
    this.#reads = this.#inbox.reads;
    this.#received = this.#inbox.received;
    if (perRead > 24_000) this.#ms = this.#ms / 2;
    else if (perRead < 8000) this.#ms = Math.min(this.#longest, this.#ms + 1);
    if (this.#ms >= 1) Atomics.wait(this.#cell, 0, 0, this.#ms);
    // After the check phase comes one round of reading, then the next nap.
    setImmediate(() => this.#sweep());
  }
}
