import type { Clock } from "./clock.ts";

export interface BackoffOptions {
  /** The shortest wait, and half the ceiling of the first one. */
  readonly minMs: number;
  readonly maxMs: number;
  /** Evenly from 0 to below 1, as Math.random. */
  readonly random?: () => number;
}

/**
 * How long to wait before each further try: anywhere, evenly, between `minMs` and a ceiling that
 * doubles with every failure up to `maxMs` (full jitter), so that the many who lost one server do not
 * all come back in the same moment.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #failures = 0;

  constructor(options: BackoffOptions) {
    this.#options = { random: Math.random, ...options };
  }

  /** Counts a failure and returns the milliseconds to wait after it. */
  nextMs(): number {
    const { minMs, maxMs, random } = this.#options;
    const ceiling = Math.min(maxMs, minMs * 2 ** ++this.#failures);
    return minMs + random() * (ceiling - minMs);
  }

  /** It worked: the next failure is a first one. */
  reset(): void {
    this.#failures = 0;
  }
}

/** Resolves after `ms` milliseconds, or at once when the signal aborts; never rejects. */
export function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = () => {
      timer[Symbol.dispose]();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.after(ms, done);
    signal.addEventListener("abort", done);
  });
}
