import { type Clock, systemClock } from "./clock.ts";

/** A signal that aborts after `ms` milliseconds, or with its parent. Disposing it stops the timer. */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  readonly #timer: Disposable;

  constructor(ms: number, options: { readonly clock?: Clock; readonly parent?: AbortSignal } = {}) {
    const { clock = systemClock, parent } = options;
    const controller = new AbortController();
    this.#timer = clock.after(ms, () => controller.abort(new Error("no answer in time")));
    this.signal = parent ? AbortSignal.any([parent, controller.signal]) : controller.signal;
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }
}

/** Resolves when the promise settles or the signal aborts; never rejects, and leaves no listener. */
export function settledOr(signal: AbortSignal, promise: Promise<unknown>): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      signal.removeEventListener("abort", done);
      resolve();
    };
    signal.addEventListener("abort", done);
    promise.then(done, done);
  });
}
