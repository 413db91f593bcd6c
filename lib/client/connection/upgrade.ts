import { pause } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import { Lost } from "../errors.ts";
import type { Connection, TransportChoice } from "./connection.ts";

/** From settling for less to the first look; then ever more rarely. */
const FIRST_MS = 5000;
const LONGEST_MS = 120_000;

export interface SeekOptions {
  /** Opens a connection that ends as soon as it is known to be open. */
  readonly probe: (choice: TransportChoice) => Connection;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Looks from time to time whether one of the choices opens, best first. True as soon as one does; false
 * when the signal aborts. Two connections of one session are one person: nobody sees the attempt.
 */
export async function seekBetter(
  choices: readonly TransportChoice[],
  { probe, clock, signal }: SeekOptions,
): Promise<boolean> {
  for (let ms = FIRST_MS;; ms = Math.min(2 * ms, LONGEST_MS)) {
    await pause(clock, ms, signal);
    for (const choice of choices) {
      if (signal.aborted) return false;
      const connection = probe(choice);
      const stop = () => connection.end(new Lost("it is not wanted any more"));
      signal.addEventListener("abort", stop, { once: true });
      await connection.ended;
      signal.removeEventListener("abort", stop);
      if (connection.opened && !signal.aborted) return true;
    }
    if (signal.aborted) return false;
  }
}
