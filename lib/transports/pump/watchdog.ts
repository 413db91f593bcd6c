import type { Clock } from "../../base/clock.ts";

/** A peer that takes nothing for this long is given up; its cursor lets it come back. */
export const STALL_MS = 60_000;
/** How often it is looked for; a stall is found at most this much later. */
const LOOK_MS = 5_000;

/** Something that writes to a peer. */
export interface Writer {
  /** Whether the peer has taken nothing of what it was handed since this was last asked. */
  isStuck(): boolean;
  /** Called once, when that was so for `STALL_MS`. */
  giveUp(): void;
}

/**
 * Ends writes that make no progress, so that dead peers do not stay for ever: one timer that looks
 * at all connections now and then, instead of one set and cleared for each write.
 */
export class Watchdog implements Disposable {
  readonly #clock: Clock;
  /** Since when each writer is stuck; undefined while it is not. */
  readonly #stuckSince = new Map<Writer, number | undefined>();
  #looking: Disposable;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#looking = clock.after(LOOK_MS, () => this.#look());
  }

  /** Until `forget`, or the writer is given up. */
  watch(writer: Writer): void {
    this.#stuckSince.set(writer, undefined);
  }

  forget(writer: Writer): void {
    this.#stuckSince.delete(writer);
  }

  [Symbol.dispose](): void {
    this.#looking[Symbol.dispose]();
  }

  #look(): void {
    const now = this.#clock.now();
    for (const [writer, since = now] of this.#stuckSince) {
      if (!writer.isStuck()) this.#stuckSince.set(writer, undefined);
      else if (now - since < STALL_MS) this.#stuckSince.set(writer, since);
      else {
        this.#stuckSince.delete(writer);
        writer.giveUp();
      }
    }
    this.#looking = this.#clock.after(LOOK_MS, () => this.#look());
  }
}
