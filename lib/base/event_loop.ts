import { setImmediate } from "node:timers";
import { type Clock, systemClock } from "./clock.ts";

/** A clock that also knows the turns of the event loop. */
export interface EventLoop extends Clock {
  /**
   * Runs `action` when everything that has already arrived in this turn has been handled. `label` says
   * what it is, to the operator, where it takes long.
   */
  soon(action: () => void, label?: string): void;
  /**
   * As `soon`, for work that goes on turn after turn: from time to time the loop is left alone, so that
   * what arrives meanwhile is seen. The runtime looks at its sockets when no turn is asked for, or else
   * once in 61 turns (tokio's `event_interval`): in a row they kept everybody waiting for that long.
   */
  giveWay(action: () => void, label?: string): void;
  after(ms: number, action: () => void, label?: string): Disposable;
}

export const systemLoop: EventLoop = {
  ...systemClock,
  soon: (action) => void setImmediate(action),
  giveWay: (action) => void setTimeout(action),
};
