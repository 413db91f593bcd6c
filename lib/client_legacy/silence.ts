import type { Clock } from "../base/clock.ts";

/** Finds a peer that has gone without a word: calls `found` once when nothing was heard for too long. */
export class Silence implements Disposable {
  readonly #clock: Clock;
  readonly #found: () => void;
  #limitMs: number;
  #heardAt: number;
  #timer: Disposable;

  constructor(limitMs: number, options: { readonly clock: Clock; readonly found: () => void }) {
    this.#clock = options.clock;
    this.#found = options.found;
    this.#limitMs = limitMs;
    this.#heardAt = this.#clock.now();
    this.#timer = this.#clock.after(limitMs, () => this.#look());
  }

  set limitMs(ms: number) {
    this.#limitMs = ms;
    this.#timer[Symbol.dispose]();
    this.#look();
  }

  /** Costs a look at the clock; the timer is set anew only when it goes off. */
  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #look(): void {
    const restMs = this.#heardAt + this.#limitMs - this.#clock.now();
    if (restMs <= 0) this.#found();
    else this.#timer = this.#clock.after(restMs, () => this.#look());
  }
}
