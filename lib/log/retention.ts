import type { Clock } from "../base/clock.ts";
import type { Log } from "./log.ts";

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

/** Trims the log to what is to be kept, in small steps beside the traffic, until disposed. */
export class Retention implements Disposable {
  readonly #log: Log;
  readonly #keep: Keep;
  readonly #clock: Clock;
  readonly #report: (what: string, error: unknown) => void;
  #timer: Disposable | undefined;
  #disposed = false;

  constructor(
    log: Log,
    keep: Keep,
    clock: Clock,
    report: (what: string, error: unknown) => void,
  ) {
    this.#log = log;
    this.#keep = keep;
    this.#clock = clock;
    this.#report = report;
    if (keep.type !== "all") this.#later(0);
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
    } catch (error) {
      this.#report("cannot trim the history", error); // the next look tries again
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
        const oldest = this.#clock.now() - this.#keep.ms;
        const page = await this.#log.read({ after: first - 1, limit: STEP });
        return page.find((entry) => entry.at >= oldest)?.seq ?? first + page.length;
      }
    }
  }
}
