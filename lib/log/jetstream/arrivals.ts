import type { Clock } from "../../base/clock.ts";
import { unavailable } from "../../model/refusal.ts";
import { RETRY_AFTER_S } from "./publisher.ts";

/** What is in the stream is in the copy within milliseconds; where it is not, nobody waits for ever. */
const WAIT_MS = 5000;
const LOOK_MS = 1000;

interface Waiter {
  readonly seq: number;
  readonly until: number;
  resolve(): void;
  reject(why: Error): void;
}

/** Those who wait until the copy has come to a seq. */
export class Arrivals implements Disposable {
  readonly #clock: Clock;
  readonly #last: () => number;
  #waiters: Waiter[] = [];
  #timer: Disposable | undefined;

  constructor(clock: Clock, last: () => number) {
    this.#clock = clock;
    this.#last = last;
  }

  /** Rejects with a Refusal, `unavailable`, where that takes too long. */
  at(seq: number, waitMs = WAIT_MS): Promise<void> {
    if (seq <= this.#last()) return Promise.resolve();
    this.#timer ??= this.#clock.after(LOOK_MS, () => this.#look());
    return new Promise((resolve, reject) => {
      this.#waiters.push({ seq, until: this.#clock.monotonic() + waitMs, resolve, reject });
    });
  }

  /** The copy has come further. */
  readonly arrived = (): void => {
    if (this.#waiters.length === 0) return;
    const last = this.#last();
    const waiting: Waiter[] = [];
    for (const waiter of this.#waiters) {
      if (waiter.seq <= last) waiter.resolve();
      else waiting.push(waiter);
    }
    this.#waiters = waiting;
  };

  /** Nothing comes any more. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#rejectAt(Infinity);
  }

  #look(): void {
    this.#timer = undefined;
    this.#rejectAt(this.#clock.monotonic());
    if (this.#waiters.length > 0) this.#timer = this.#clock.after(LOOK_MS, () => this.#look());
  }

  #rejectAt(now: number): void {
    const waiting: Waiter[] = [];
    for (const waiter of this.#waiters) {
      if (waiter.until > now) waiting.push(waiter);
      else waiter.reject(unavailable("the room's history is behind", RETRY_AFTER_S));
    }
    this.#waiters = waiting;
  }
}
