import { setImmediate } from "node:timers";
import type { EventLoop } from "../../lib/base/event_loop.ts";

/** Time that a test moves by hand. */
export class ManualClock implements EventLoop {
  #now = 0;
  /** How far somebody has set the clock ahead of the time that has passed. */
  #ahead = 0;
  readonly #timers = new Set<{ at: number; action: () => void }>();

  now(): number {
    return this.#now + this.#ahead;
  }

  monotonic(): number {
    return this.#now;
  }

  after(ms: number, action: () => void): Disposable {
    const timer = { at: this.#now + ms, action };
    this.#timers.add(timer);
    return { [Symbol.dispose]: () => void this.#timers.delete(timer) };
  }

  soon(action: () => void): void {
    this.after(0, action);
  }

  giveWay(action: () => void): void {
    this.soon(action);
  }

  /** Sets the clock ahead, or back: no time passes, and no timer knows. */
  jump(ms: number): void {
    this.#ahead += ms;
  }

  /** How many timers have been set and neither run nor been disposed. */
  get pending(): number {
    return this.#timers.size;
  }

  /** One turn of the event loop: runs what is due now, not what that makes due. Whether there was any. */
  turn(): boolean {
    const due = [...this.#timers].filter(({ at }) => at <= this.#now);
    for (const timer of due) if (this.#timers.delete(timer)) timer.action();
    return due.length > 0;
  }

  /** Runs what is due until then, in order. What that awaits comes after: see `settle`. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.action();
    }
    this.#now = end;
  }
}

/** Lets everything happen that waits for nothing but its turn. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
