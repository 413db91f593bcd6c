import { setImmediate } from "node:timers";
import { type Clock, systemClock } from "./clock.ts";

/** A clock that also knows the turns of the event loop. */
export interface EventLoop extends Clock {
  /**
   * Runs `action` when everything that has already arrived in this turn has been handled. `label` says
   * what it is, to the operator, where it takes long.
   */
  soon(action: () => void, label?: string): void;
  after(ms: number, action: () => void, label?: string): Disposable;
}

export const systemLoop: EventLoop = {
  ...systemClock,
  soon: (action) => void setImmediate(action),
};
