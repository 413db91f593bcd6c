import { AuthorizationError } from "@nats-io/nats-core";
import { Backoff, pause } from "../base/backoff.ts";
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/observe/logger.ts";
import { StartupError } from "../base/startup_error.ts";

export interface PatienceOptions {
  /** What is wanted, as in `cannot use NATS at one:4222`. */
  readonly what: string;
  readonly clock: Clock;
  /** Told when there is something to wait for. */
  readonly log: Logger;
  /** How long it is tried. */
  readonly forMs: number;
}

/**
 * Does what a cluster may not be able to do yet that has just been started, and elects its leaders:
 * tries again whatever fails. Rejects with a StartupError when the time is over; at once where `action`
 * rejects with one, or where the server does not let us in.
 */
export async function patiently<T>(
  action: () => Promise<T>,
  { what, clock, log, forMs }: PatienceOptions,
): Promise<T> {
  const backoff = new Backoff({ minMs: 250, maxMs: 2000 });
  const until = clock.monotonic() + forMs;
  for (let tries = 1;; tries++) {
    try {
      return await action();
    } catch (cause) {
      if (cause instanceof StartupError) throw cause;
      const why = `${what}: ${reasonOf(cause)}`;
      if (cause instanceof AuthorizationError) {
        throw new StartupError(`cannot use ${why}; see --nats-creds`, { cause });
      }
      if (clock.monotonic() >= until) throw new StartupError(`cannot use ${why}`, { cause });
      if (tries === 1) log.log("warning", "nats", `waiting for ${why}`, { event: "nats_waiting" });
      await pause(clock, backoff.nextMs(), new AbortController().signal);
    }
  }
}

function reasonOf(cause: unknown): string {
  const { message } = cause as Error;
  return message === "" ? String(cause) : message;
}
