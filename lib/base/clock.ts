/** Time as the program knows it: passed in, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. May jump, also backwards, when somebody sets the clock. */
  now(): number;
  /** Milliseconds since some moment; never goes back, whatever becomes of the clock: for durations. */
  monotonic(): number;
  /** Runs `action` once after `ms` milliseconds; disposing the result prevents that. */
  after(ms: number, action: () => void): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};
