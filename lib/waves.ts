import type { Clock } from "./clock.ts";

/** Somebody who has seen everything and waits to be told that there is more. */
export interface Waiter {
  /** Called once for each time it waited. It may wait again at once. */
  wake(): void;
}

/**
 * How many are told in one turn of the event loop: some half a millisecond of writing. In between,
 * what has come in meanwhile is stored, and who sent it is told. Fewer would make larger frames of
 * what comes meanwhile, and let the last of a crowd wait longer.
 */
const SLICE = 64;
/** How many when as much has come as a frame holds: going slower would make no frame larger. */
const LARGE_SLICE = 128;

/**
 * Tells all who wait that there is more, in waves: one at a time, a slice a turn. What comes while a
 * wave is under way goes out with the next one, together, so the busier the room the fewer and the
 * larger the frames; in a quiet room each message is a wave of its own, and begins at once. Who has
 * sent what is coming need not wait for a wave, and can send the next.
 */
export class Waves {
  readonly #clock: Clock;
  /** Called when a wave begins: what there is now is what it brings. */
  readonly #begin: () => void;
  #waiting = new Set<Waiter>();
  #hurried = new Set<Waiter>();
  #underWay = false;
  /** Something has come that the wave under way does not bring. */
  #more = false;
  /** And so much of it that waiting for more would make no frame larger. */
  #full = false;

  constructor(clock: Clock, begin: () => void) {
    this.#clock = clock;
    this.#begin = begin;
  }

  /** Until the next wave; with `hurry`, until the next `tell`. Waiting twice is waiting once. */
  wait(waiter: Waiter, hurry = false): void {
    this.#waiting.add(waiter);
    if (hurry) this.#hurried.add(waiter);
  }

  /** There is more; `full`: as much as a frame holds, so the wave under way need not take its time. */
  tell(full = false): void {
    const hurried = this.#hurried;
    this.#hurried = new Set();
    for (const waiter of hurried) {
      this.#waiting.delete(waiter);
      waiter.wake();
    }
    this.#more = true;
    this.#full = full;
    if (!this.#underWay) this.#next();
  }

  /** Wakes all who wait, now: not for what there is, but for what has become of the room. */
  wakeAll(): void {
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const waiter of waiting) waiter.wake();
  }

  #next(): void {
    this.#underWay = this.#more;
    if (!this.#more) return;
    this.#more = false;
    this.#full = false;
    this.#begin();
    const waiting = this.#waiting;
    this.#waiting = new Set();
    this.#wake(waiting.values(), waiting.size);
  }

  #wake(waiting: Iterator<Waiter>, left: number): void {
    const slice = Math.min(this.#full ? LARGE_SLICE : SLICE, left);
    for (let i = 0; i < slice; i++) waiting.next().value!.wake();
    if (left > slice) this.#clock.soon(() => this.#wake(waiting, left - slice));
    else this.#next();
  }
}
