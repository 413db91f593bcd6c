import type { Clock } from "../../base/clock.ts";
import type { Rate } from "../../base/rate_limit.ts";

/**
 * How long to wait before the next message, so that the server's token bucket never refuses it. A
 * message is counted when it is answered, and so never before the server has counted it: what the
 * network delays and then delivers in a bunch is not too fast either.
 */
export class Pace {
  readonly #clock: Clock;
  /** No limit where undefined. */
  rate: Rate | undefined;
  /** When the server's bucket will be full again, at the latest. */
  #fullAt = -Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** In whole milliseconds, as the server's clock may count them. */
  get waitMs(): number {
    if (!this.rate) return 0;
    const { perSecond, burst } = this.rate;
    const tokensUsed = Math.max(0, this.#fullAt - this.#clock.now()) * perSecond / 1000;
    return Math.max(0, Math.ceil((tokensUsed - (burst - 1)) * 1000 / perSecond));
  }

  count(): void {
    if (!this.rate) return;
    this.#fullAt = Math.max(this.#fullAt, this.#clock.now()) + 1000 / this.rate.perSecond;
  }
}
