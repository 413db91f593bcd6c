import type { Clock } from "./clock.ts";

export interface Rate {
  /** Tokens that come back each second. */
  readonly perSecond: number;
  /** Tokens there are at most, and at first. */
  readonly burst: number;
}

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
