import type { Clock } from "./clock.ts";

export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens there are at most, and at first. */
  readonly burst: number;
}

/**
 * One token bucket, for an owner that keeps it itself. `now` is the monotonic clock's, asked once for
 * all the buckets that one thing is counted by. Allocates nothing.
 */
export class Bucket {
  readonly #tokenMs: number;
  readonly #burstMs: number;
  /** When it will be full again. */
  #fullAt = 0;

  constructor({ perSecond, burst }: Rate) {
    this.#tokenMs = 1000 / perSecond;
    this.#burstMs = burst * this.#tokenMs;
  }

  /**
   * Takes `cost` tokens. Returns the part of the burst that is used then, from 0 to 1; more than 1
   * where there were not enough, and none has been taken.
   */
  take(now: number, cost = 1): number {
    const fullAt = Math.max(this.#fullAt, now) + cost * this.#tokenMs;
    const used = (fullAt - now) / this.#burstMs;
    if (used > 1 + ROUNDING) return used;
    this.#fullAt = fullAt;
    return Math.min(used, 1);
  }

  /** Undoes a `take` that was not refused. */
  giveBack(cost = 1): void {
    this.#fullAt -= cost * this.#tokenMs;
  }

  /** The milliseconds until what `take` has just refused, with this result, can be had. */
  waitMs(used: number): number {
    return (used - 1) * this.#burstMs;
  }

  isFull(now: number): boolean {
    return this.#fullAt <= now;
  }
}

/** Less than this part of a burst is rounding. */
const ROUNDING = 1e-9;

/** Above this many keys, those whose bucket is full again are forgotten: they tell nothing. */
const SWEEP_ABOVE = 1000;

/** A token bucket for each key (a sender, an address). */
export class RateLimit {
  readonly #rate: Rate;
  readonly #clock: Clock;
  /** When the key's bucket will be full again, by the monotonic clock; that alone tells its level. */
  readonly #fullAt = new Map<string, number>();
  #sweepAt = SWEEP_ABOVE;

  constructor(rate: Rate, clock: Clock) {
    this.#rate = rate;
    this.#clock = clock;
  }

  /** Takes a token and returns 0; or takes none and returns the milliseconds until there is one. */
  take(key: string): number {
    const now = this.#clock.monotonic();
    const tokenMs = 1000 / this.#rate.perSecond;
    const burstMs = this.#rate.burst * tokenMs;
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now);
    const wait = fullAt + tokenMs - now - burstMs;
    // A hundredth of a millisecond is rounding, not a wait.
    const taken = wait <= 0.01;
    this.#fullAt.set(key, taken ? fullAt + tokenMs : fullAt);
    if (!taken) return wait;
    if (this.#fullAt.size > this.#sweepAt) this.#sweep(now);
    return 0;
  }

  #sweep(now: number): void {
    for (const [key, fullAt] of this.#fullAt) {
      if (fullAt <= now) this.#fullAt.delete(key);
    }
    this.#sweepAt = Math.max(SWEEP_ABOVE, 2 * this.#fullAt.size);
  }
}
