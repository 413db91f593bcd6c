import { setImmediate } from "node:timers";

/** Time as the room knows it: passed in, so that a test can move it by hand. */
export interface Clock {
  /** Milliseconds since the Unix epoch, UTC. */
  now(): number;
  /** Runs `action` once after `ms` milliseconds; disposing the result prevents that. */
  after(ms: number, action: () => void): Disposable;
  /** Runs `action` when everything that has already arrived in this turn has been handled. */
  soon(action: () => void): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, action) {
    const timer = setTimeout(action, ms);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  soon: (action) => void setImmediate(action),
};
