import type { EventLoop } from "../event_loop.ts";
import { type Distribution, Histogram } from "../observe/histogram.ts";

/** How often the delay is measured. */
const LOOK_MS = 20;
/**
 * How long work that gives way may keep the loop from its sockets. Leaving it alone takes two to three
 * milliseconds, as timers are no finer.
 */
const AWAY_MS = 8;
/** A turn that takes longer is reported; up to `LOOK_MS` longer where it began just before a look. */
export const SLOW_TURN_MS = 50;
/** Between two reports. */
const REPORT_MS = 60_000;
const BOUNDS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000] as const;

/** What is known of a piece of work that was run through the monitor. */
interface Work {
  ms: number;
  times: number;
}

/**
 * An event loop that is watched. It measures all the time how late the loop is, and reports a turn that
 * took longer than 50 ms, at most once a minute, with what it did as far as that is known: work that
 * was run through it (`soon`, `after`) under a label. What runs between, as the handlers of requests and
 * frames, is not told apart.
 */
export class LoopMonitor implements EventLoop, Disposable {
  readonly #loop: EventLoop;
  readonly #report: (what: string) => void;
  readonly #delays = new Histogram(BOUNDS_MS);
  /** Since the last look, by label. */
  readonly #work = new Map<string, Work>();
  #dueAt = 0;
  #looking: Disposable | undefined;
  /** From then on, work that gives way leaves the loop alone. */
  #leaveAt = -Infinity;
  #reportedAt = -Infinity;
  /** Slow turns that were not reported, since the last one that was. */
  #unreported = 0;
  #worstMs = 0;

  constructor(loop: EventLoop, report: (what: string) => void) {
    this.#loop = loop;
    this.#report = report;
  }

  /** Measures from now on, until disposed: the start of a program is slow, and nobody waits. */
  start(): void {
    this.#lookLater();
  }

  /** How late the loop was, in milliseconds, each 20 ms since the start. */
  get delay(): Distribution {
    return this.#delays.read();
  }

  now(): number {
    return this.#loop.now();
  }

  monotonic(): number {
    return this.#loop.monotonic();
  }

  after(ms: number, action: () => void, label?: string): Disposable {
    return this.#loop.after(ms, label === undefined ? action : () => this.#run(action, label));
  }

  soon(action: () => void, label?: string): void {
    this.#loop.soon(label === undefined ? action : () => this.#run(action, label));
  }

  giveWay(action: () => void, label?: string): void {
    // All that give way do so at the same time: one that goes on keeps the loop busy for the others.
    if (this.#loop.monotonic() < this.#leaveAt) return this.soon(action, label);
    this.after(0, () => {
      this.#leaveAt = this.#loop.monotonic() + AWAY_MS;
      action();
    }, label);
  }

  [Symbol.dispose](): void {
    this.#looking?.[Symbol.dispose]();
  }

  #run(action: () => void, label: string): void {
    const start = this.#loop.monotonic();
    try {
      action();
    } finally {
      const ms = this.#loop.monotonic() - start;
      const work = this.#work.get(label);
      if (work) {
        work.ms += ms;
        work.times++;
      } else {
        this.#work.set(label, { ms, times: 1 });
      }
    }
  }

  #lookLater(): void {
    this.#dueAt = this.#loop.monotonic() + LOOK_MS;
    this.#work.clear();
    this.#looking = this.#loop.after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    const now = this.#loop.monotonic();
    const delayMs = Math.max(0, now - this.#dueAt);
    this.#delays.observe(delayMs);
    if (delayMs > SLOW_TURN_MS) this.#tell(now, delayMs);
    this.#lookLater();
  }

  #tell(now: number, delayMs: number): void {
    if (now - this.#reportedAt < REPORT_MS) {
      this.#unreported++;
      this.#worstMs = Math.max(this.#worstMs, delayMs);
      return;
    }
    const before = this.#unreported === 0
      ? ""
      : `; ${this.#unreported} more since the last report, up to ${this.#worstMs.toFixed(0)} ms`;
    this.#report(
      `the event loop stood still for ${delayMs.toFixed(0)} ms (${this.#known()})${before}`,
    );
    this.#reportedAt = now;
    this.#unreported = this.#worstMs = 0;
  }

  /** What was done since the last look, what took longest first. */
  #known(): string {
    const known = [...this.#work].sort(([, a], [, b]) => b.ms - a.ms)
      .map(([label, { ms, times }]) => `${label} ${ms.toFixed(0)} ms in ${times}`);
    return known.length > 0 ? known.join(", ") : "with nothing that is known by name";
  }
}
