import type { Clock } from "../base/clock.ts";
import type { Log } from "./log.ts";
import { PlausibleTime } from "./plausible_time.ts";

/** How much of the log is kept: at least this much, and what has not been trimmed yet. */
export type Keep =
  | { readonly type: "all" }
  | { readonly type: "entries"; readonly count: number }
  | { readonly type: "age"; readonly ms: number };

/** Entries forgotten in one transaction: a few milliseconds in which nobody can post. */
const STEP = 200;
/** Between two steps while there is more to forget; the traffic goes on meanwhile. */
const STEP_MS = 20;
/** Between two looks while there is nothing to forget. */
const LOOK_MS = 10_000;

/**
 * Trims the log to what is to be kept, in small steps beside the traffic, until disposed or until the
 * log is broken. By age it trims while the clock is plausible, as what is trimmed is gone for good.
 */
export class Retention implements Disposable {
  readonly #log: Log;
  readonly #keep: Keep;
  readonly #clock: Clock;
  readonly #report: (what: string, error?: unknown) => void;
  #time: PlausibleTime | undefined;
  /** Since the last step was in vain: said once. */
  #failing = false;
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(
    log: Log,
    keep: Keep,
    clock: Clock,
    report: (what: string, error?: unknown) => void,
  ) {
    this.#log = log;
    this.#keep = keep;
    this.#clock = clock;
    this.#report = report;
    // At once: an entry that is posted from now on may have the time of a clock that is wrong.
    if (keep.type !== "all") this.#step();
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
  }

  #later(ms: number): void {
    if (!this.#disposed) this.#timer = this.#clock.after(ms, () => this.#step());
  }

  async #step(): Promise<void> {
    let trimmed = 0;
    try {
      const before = await this.#oldestKept();
      trimmed = await this.#log.trim(before, STEP);
      this.#failing = false;
    } catch (error) {
      if (this.#disposed || this.#log.broken) return; // the log has reported it
      if (!this.#failing) this.#report("cannot trim the history", error); // the next look tries again
      this.#failing = true;
    }
    this.#later(trimmed > 0 ? STEP_MS : LOOK_MS);
  }

  /** No further than a step from the oldest entry there is. */
  async #oldestKept(): Promise<number> {
    const { first, last } = this.#log;
    switch (this.#keep.type) {
      case "all":
        return first;
      case "entries":
        return last - this.#keep.count + 1;
      case "age": {
        this.#time ??= await this.#startOfTime();
        const now = this.#time.now();
        if (now === undefined) return first;
        const oldest = now - this.#keep.ms;
        const page = await this.#log.read({ after: first - 1, limit: STEP });
        return page.find((entry) => entry.at >= oldest)?.seq ?? first + page.length;
      }
    }
  }

  /** It goes on from the newest entry: that time has been. */
  async #startOfTime(): Promise<PlausibleTime> {
    const [newest] = await this.#log.read({ before: this.#log.last + 1, limit: 1 });
    return new PlausibleTime(newest?.at ?? this.#clock.now(), this.#clock, this.#report);
  }
}
