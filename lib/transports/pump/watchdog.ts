import type { Clock } from "../../base/clock.ts";
import type { Writer } from "./writer.ts";

/** A peer that takes nothing for this long is given up; its cursor lets it come back. */
export const STALL_MS = 60_000;
/** How often it is looked for; a stall is found at most this much later. */
const LOOK_MS = 5_000;

type Watched = Pick<Writer<never>, "taken" | "buffered">;

interface Watch {
  readonly giveUp: () => void;
  /** What it had taken at the last look. */
  taken: number | undefined;
  /** Since when that has not grown. */
  since: number;
}

/**
 * Ends writes that make no progress, so that dead peers do not stay for ever: one timer that looks
 * at all connections now and then, instead of one set and cleared for each write.
 */
export class Watchdog implements Disposable {
  readonly #clock: Clock;
  readonly #watches = new Map<Watched, Watch>();
  #looking: Disposable;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#looking = clock.after(LOOK_MS, () => this.#look());
  }

  /** Until `forget`; or calls `giveUp`, once, when what the peer has taken did not grow for `STALL_MS`. */
  watch(writer: Watched, giveUp: () => void): void {
    this.#watches.set(writer, { giveUp, taken: undefined, since: 0 });
  }

  forget(writer: Watched): void {
    this.#watches.delete(writer);
  }

  /** Bytes that all of them have been handed and have not taken. */
  get buffered(): number {
    let sum = 0;
    for (const writer of this.#watches.keys()) sum += writer.buffered();
    return sum;
  }

  [Symbol.dispose](): void {
    this.#looking[Symbol.dispose]();
  }

  #look(): void {
    const now = this.#clock.monotonic();
    for (const [writer, watch] of this.#watches) {
      const taken = writer.taken();
      if (taken === undefined || taken !== watch.taken) {
        watch.taken = taken;
        watch.since = now;
      } else if (now - watch.since >= STALL_MS) {
        this.#watches.delete(writer);
        watch.giveUp();
      }
    }
    this.#looking = this.#clock.after(LOOK_MS, () => this.#look());
  }
}
