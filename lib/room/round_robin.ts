import type { EventLoop } from "../base/event_loop.ts";

/** Somebody who has seen everything and waits to be told that there is more. */
export interface Waiter {
  /** Called once for each time it waited. It may wait again at once. */
  wake(): void;
}

/**
 * How many are told in one turn of the event loop: a fraction of a millisecond of writing. In between,
 * what has come in meanwhile is stored, and who sent it is told.
 */
const SLICE = 16;

/**
 * Tells all who wait that there is more: who has waited longest first, a slice a turn, round and
 * round for as long as anybody has something to be told. Each is told all there is when its turn
 * comes. So nothing waits longer than one round, and the busier the room the fewer and the larger the
 * frames; in a quiet room a message begins its round at once. Who has sent what is coming need not
 * wait for its turn, and can send the next.
 */
export class RoundRobin {
  readonly #clock: EventLoop;
  readonly #waiting = new Set<Waiter>();
  /** Goes on with whoever begins to wait while it lasts: so nobody it has passed is looked at again. */
  #next = this.#waiting.values();
  #hurried = new Set<Waiter>();
  /** How many of those who wait, from the longest waiting on, may have something to be told. */
  #left = 0;

  constructor(clock: EventLoop) {
    this.#clock = clock;
  }

  /** Whether somebody is still to be told what there is. */
  get underWay(): boolean {
    return this.#left > 0;
  }

  /**
   * Until its turn comes: after the next `tell`, or if it is `behind`, in the round under way. With
   * `hurry`, until the next `tell`. Waiting twice is waiting once.
   */
  wait(waiter: Waiter, { behind = false, hurry = false } = {}): void {
    this.#waiting.add(waiter);
    if (hurry) this.#hurried.add(waiter);
    if (behind && this.#left > 0) this.#left = this.#waiting.size;
  }

  /** There is more. */
  tell(): void {
    const hurried = this.#hurried;
    this.#hurried = new Set();
    for (const waiter of hurried) {
      this.#waiting.delete(waiter);
      waiter.wake();
    }
    const idle = this.#left === 0;
    this.#left = this.#waiting.size;
    if (idle) this.#turn();
  }

  /** Wakes all who wait, now: not for what there is, but for what has become of the room. */
  wakeAll(): void {
    for (const waiter of [...this.#waiting]) {
      this.#waiting.delete(waiter);
      waiter.wake();
    }
  }

  #turn(): void {
    for (let slice = SLICE; slice > 0 && this.#left > 0; slice--) {
      const { value: waiter, done } = this.#next.next();
      if (done) {
        this.#next = this.#waiting.values();
        this.#left = 0;
        return;
      }
      this.#left--;
      this.#waiting.delete(waiter);
      waiter.wake();
    }
    if (this.#left > 0) this.#clock.soon(() => this.#turn());
  }
}
