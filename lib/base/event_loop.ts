import { setImmediate } from "node:timers";
import { type Clock, systemClock } from "./clock.ts";

/** A clock that also knows the turns of the event loop. */
export interface EventLoop extends Clock {
  /** Runs `action` when everything that has already arrived in this turn has been handled. */
  soon(action: () => void): void;
}

export const systemLoop: EventLoop = {
  ...systemClock,
  soon: (action) => void setImmediate(action),
};
