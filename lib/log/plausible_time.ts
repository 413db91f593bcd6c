import type { Clock } from "../base/clock.ts";

/** A clock that is corrected a little at a time stays within this from one look to the next. */
const TOLERANCE_MS = 60_000;
/** A clock that was set is believed when it has stayed so for as long as it was set, or this long. */
const CONFIRMED_MS = 24 * 60 * 60 * 1000;

interface Doubt {
  /** Where the clock is now, as `#offset`, and since when. */
  readonly offset: number;
  readonly since: number;
  readonly reported: boolean;
}

/**
 * The time of the clock, while it is plausible: for what cannot be undone. Time passes as the
 * monotonic clock says; a clock that is suddenly elsewhere was set by somebody, or a machine slept, and
 * is believed only when it has stayed there for a day, or for as long as it jumped if that is less.
 * Until then, or until it is back where it was, there is no time.
 *
 * It must be asked every few seconds: it knows of a jump only what it sees. A clock that is wrong when
 * it is made is taken for right where `known` is as wrong.
 */
export class PlausibleTime {
  readonly #clock: Clock;
  readonly #report: (what: string) => void;
  /** From the monotonic clock to the time that is believed. */
  #offset: number;
  #doubt: Doubt | undefined;

  /** `known`: a time that has certainly been, and perhaps is now. */
  constructor(known: number, clock: Clock, report: (what: string) => void) {
    this.#clock = clock;
    this.#report = report;
    this.#offset = known - clock.monotonic();
    const jumped = this.#jumped();
    if (jumped > TOLERANCE_MS) {
      // Time went by since then, as it does; how much, only the clock says.
      const offset = this.#offset + jumped;
      this.#doubt = { offset, since: clock.monotonic(), reported: false };
    }
  }

  /** Milliseconds since the Unix epoch; undefined while the clock is not plausible. */
  now(): number | undefined {
    const monotonic = this.#clock.monotonic();
    const jumped = this.#jumped();
    const offset = this.#offset + jumped;
    if (Math.abs(jumped) <= TOLERANCE_MS) return this.#believe(offset, "is back where it was");
    if (!this.#doubt || Math.abs(offset - this.#doubt.offset) > TOLERANCE_MS) {
      this.#doubt = { offset, since: monotonic, reported: true };
      this.#report(
        `the clock is ${duration(jumped)} ${jumped > 0 ? "ahead of" : "behind"} where it was; ` +
          `nothing is trimmed by age until it is back, or has stayed for ${
            duration(needed(jumped))
          }`,
      );
    }
    if (monotonic - this.#doubt.since < needed(jumped)) return undefined;
    return this.#believe(offset, "has stayed where it is");
  }

  #believe(offset: number, why: string): number {
    if (this.#doubt?.reported) {
      this.#report(`the clock ${why}; the history is trimmed by age again`);
    }
    this.#doubt = undefined;
    this.#offset = offset;
    return this.#clock.monotonic() + offset;
  }

  /** How far the clock is from the time that is believed, which goes on with the monotonic clock. */
  #jumped(): number {
    return this.#clock.now() - this.#clock.monotonic() - this.#offset;
  }
}

function needed(jumped: number): number {
  return Math.min(Math.abs(jumped), CONFIRMED_MS);
}

function duration(ms: number): string {
  const hours = Math.abs(ms) / 3_600_000;
  if (hours < 2) return `${Math.round(hours * 60)} min`;
  return hours < 48 ? `${Math.round(hours)} h` : `${Math.round(hours / 24)} days`;
}
