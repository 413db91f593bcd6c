import type { EventLoop } from "../base/event_loop.ts";
import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";

/** Somebody who has been given everything and waits for more. */
export interface Waiter {
  /** Called once for each time it waited. It may wait again at once. */
  wake(): void;
}

/**
 * How many are woken in one turn of the event loop: a fraction of a millisecond of writing. In
 * between, what has come in meanwhile is stored.
 */
const SLICE = 16;

/**
 * Wakes all waiters when there is more: the one that has waited longest first, a slice in each turn of
 * the event loop, round after round for as long as anybody lacks something. Each is given all there is
 * when it is woken. So nothing waits longer than one round, and the busier the room the fewer and the
 * larger the frames; in a quiet room a message begins its round at once. A waiter in a hurry is woken
 * before the round, so that it can send its next message.
 */
export class RoundRobin {
  readonly #loop: EventLoop;
  readonly #waiting = new Set<Waiter>();
  /** Goes on with whoever begins to wait while it lasts, so that nobody it has passed is looked at again. */
  #next = this.#waiting.values();
  #hurried = new Set<Waiter>();
  /** How many of those that wait, from the longest waiting on, may lack something. */
  #left = 0;
  readonly #times: Histogram;
  /** How many of those who waited at the time of `#timedAt` have not been woken. */
  #timed = 0;
  #timedAt = 0;

  /** `times` counts how long it takes until all who waited have been woken, in milliseconds. */
  constructor(loop: EventLoop, times = new Histogram(MS_BOUNDS)) {
    this.#loop = loop;
    this.#times = times;
  }

  /** Whether somebody may still lack what there is. */
  get underWay(): boolean {
    return this.#left > 0;
  }

  /**
   * Until the waiter is woken: in a round that begins later or, if it is `behind`, in the one under
   * way; with `hurry`, before the next round. Waiting twice is waiting once.
   */
  wait(waiter: Waiter, { behind = false, hurry = false } = {}): void {
    this.#waiting.add(waiter);
    if (hurry) this.#hurried.add(waiter);
    if (behind && this.#left > 0) this.#left = this.#waiting.size;
  }

  /** There is more: begins a round, or extends the one under way to everybody. */
  begin(): void {
    const hurried = this.#hurried;
    this.#hurried = new Set();
    for (const waiter of hurried) {
      this.#waiting.delete(waiter);
      waiter.wake();
    }
    const idle = this.#left === 0;
    this.#left = this.#waiting.size;
    if (this.#timed === 0 && this.#left > 0) {
      this.#timed = this.#left;
      this.#timedAt = this.#loop.monotonic();
    }
    if (idle) this.#wakeSlice();
  }

  /** Wakes everybody now: not for what there is, but for what has become of the room. */
  wakeAll(): void {
    for (const waiter of [...this.#waiting]) {
      this.#waiting.delete(waiter);
      waiter.wake();
    }
  }

  #wakeSlice(): void {
    let slice = SLICE;
    for (; slice > 0 && this.#left > 0; slice--) {
      const { value: waiter, done } = this.#next.next();
      if (done) {
        this.#next = this.#waiting.values();
        this.#left = 0;
        break;
      }
      this.#left--;
      this.#waiting.delete(waiter);
      waiter.wake();
    }
    this.#time(SLICE - slice);
    if (this.#left > 0) this.#loop.soon(() => this.#wakeSlice(), "delivering messages");
  }

  /** The first to wait are woken first: when so many were woken, so were all who waited then. */
  #time(woken: number): void {
    if (this.#timed === 0) return;
    this.#timed = this.#left === 0 ? 0 : Math.max(0, this.#timed - woken);
    if (this.#timed === 0) this.#times.observe(this.#loop.monotonic() - this.#timedAt);
  }
}
