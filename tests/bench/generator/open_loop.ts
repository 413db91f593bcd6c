import { setImmediate, setTimeout } from "node:timers";
import { Histogram } from "./histogram.ts";
import type { Publisher } from "./publisher.ts";

export type OpenLoopPlan = {
  readonly rate: number;
  readonly warmMs: number;
  readonly measureMs: number;
  /** How long to wait at the end for what has not arrived. */
  readonly drainMs: number;
};

export type OpenLoopResult = {
  /** Microseconds, of what arrived; null where nothing did. */
  readonly p50: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  /** Microseconds by which the generator itself sent late: 99th percentile. */
  readonly lateP99: number | null;
  /** Messages due in the window, times the readers that are watched. */
  readonly expected: number;
  readonly arrived: number;
  /** How far behind the deliveries were when the window closed, in seconds of messages. */
  readonly behindSeconds: number;
};

/**
 * Sends at a fixed rate, whatever comes back, and says how long after its due time each message
 * was read. What a message waits because the one before it was slow therefore counts (no
 * coordinated omission).
 */
export class OpenLoop {
  readonly #publishers: readonly Publisher[];
  readonly #plan: OpenLoopPlan;
  readonly #latency = new Histogram();
  readonly #late = new Histogram();
  readonly #begin: number;
  readonly #from: number;
  readonly #to: number;

  constructor(publishers: readonly Publisher[], plan: OpenLoopPlan) {
    this.#publishers = publishers;
    this.#plan = plan;
    this.#begin = Math.ceil(performance.now() * 1000) + 1000;
    this.#from = this.#begin + plan.warmMs * 1000;
    this.#to = this.#from + plan.measureMs * 1000;
  }

  /** A watched reader got a text, due at `due`, at `now`: both microseconds. */
  arrived(due: number, now: number): void {
    if (due >= this.#from && due < this.#to) this.#latency.add(now - due);
  }

  async run(readers: number): Promise<OpenLoopResult> {
    const gap = 1e6 / this.#plan.rate;
    const dueInWindow = await this.#sendAll(gap);
    const expected = dueInWindow * readers;
    const missing = expected - this.#latency.count;
    const deadline = performance.now() + this.#plan.drainMs;
    while (this.#latency.count < expected && performance.now() < deadline) await pause(10);
    return {
      p50: this.#latency.percentile(0.5),
      p99: this.#latency.percentile(0.99),
      p999: this.#latency.percentile(0.999),
      lateP99: this.#late.percentile(0.99),
      expected,
      arrived: this.#latency.count,
      behindSeconds: missing / readers / this.#plan.rate,
    };
  }

  /** Resolves, when the window has closed, to the number of messages that were due in it. */
  #sendAll(gap: number): Promise<number> {
    let next = 0;
    let inWindow = 0;
    return new Promise((resolve) => {
      const tick = (): void => {
        const now = performance.now() * 1000;
        let due = this.#due(next, gap);
        while (due <= now && due < this.#to) {
          this.#publishers[next % this.#publishers.length]!.send(due);
          this.#late.add(now - due);
          if (due >= this.#from) inWindow++;
          due = this.#due(++next, gap);
        }
        const wake = Math.min(due, this.#to);
        if (now >= this.#to) resolve(inWindow);
        // Timers are a millisecond coarse, so the last of a wait is spent looking at the clock.
        else if (wake - now > 2500) setTimeout(tick, (wake - now) / 1000 - 2);
        else setImmediate(tick);
      };
      tick();
    });
  }

  #due(index: number, gap: number): number {
    return Math.round(this.#begin + index * gap);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
