import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/observe/logger.ts";
import { Bucket } from "../../base/rate_limit.ts";
import type { Holder } from "../../limits/mod.ts";

/** Why the server ended a connection; `dead`: its pings were not answered. */
export type Cut = "slow" | "dead" | "flooding" | "failed";

const WHY: Record<Cut, string> = {
  slow: "took nothing for a minute",
  dead: "did not answer pings",
  flooding: "kept flooding",
  failed: "could not be read for",
};

/** Comings and goings that are told one by one; of the others, how many there were. */
const TOLD = { perSecond: 10, burst: 50 };
const GATHERED_MS = 1000;

/** Since when it was there, on the journal's own clock, and the cut that ended it. */
interface Ended {
  readonly since: number;
  readonly cut: Cut | undefined;
}

/** Somebody's connection: how, and from where. */
export interface Peer {
  readonly transport: Holder;
  readonly address: string;
}

/**
 * Who comes and goes, for the log, and how connections ended, counted. After a restart everybody comes
 * at once: beyond some tens a second only their number is told.
 */
export class Journal implements Disposable {
  /** To be read. */
  readonly cuts: Record<Cut, number> = { slow: 0, dead: 0, flooding: 0, failed: 0 };
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #budget = new Bucket(TOLD);
  #untold = { came: 0, left: 0 };
  #timer: Disposable | undefined;

  constructor(log: Logger, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  stay(peer: Peer): Stay {
    return new Stay(this, peer, this.#clock.monotonic());
  }

  /** For a stay: somebody has come in. */
  came(name: string, { transport, address }: Peer): void {
    if (!this.#mayTell("came")) return;
    this.#log.log("info", "people", `${name} came in (${transport}, ${address})`, {
      event: "came",
      name,
      transport,
      address,
    });
  }

  /** For a stay: it has ended, by itself or by a cut. */
  left(name: string, { transport, address }: Peer, { since, cut }: Ended): void {
    const ms = this.#clock.monotonic() - since;
    if (cut) this.cuts[cut]++;
    if (!this.#mayTell("left")) return;
    const seconds = Math.round(ms / 1000);
    const how = cut ? `was cut after ${seconds} s: ${WHY[cut]}` : `left after ${seconds} s`;
    this.#log.log("info", "people", `${name} ${how} (${transport}, ${address})`, {
      event: "left",
      name,
      transport,
      address,
      seconds,
      cut,
    });
  }

  /** Tells what has not been told yet. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#tellUntold();
  }

  #mayTell(what: "came" | "left"): boolean {
    if (this.#budget.take(this.#clock.monotonic()) <= 1) return true;
    this.#untold[what]++;
    this.#timer ??= this.#clock.after(GATHERED_MS, () => this.#tellUntold());
    return false;
  }

  #tellUntold(): void {
    this.#timer = undefined;
    const { came, left } = this.#untold;
    if (came + left === 0) return;
    this.#untold = { came: 0, left: 0 };
    const message = `and besides these ${came} came in and ${left} left`;
    this.#log.log("info", "people", message, { event: "others", came, left });
  }
}

/** One connection, from before it has come in to its end. */
export class Stay {
  readonly #journal: Journal;
  readonly #peer: Peer;
  readonly #since: number;
  #cut: Cut | undefined;

  constructor(journal: Journal, peer: Peer, since: number) {
    this.#journal = journal;
    this.#peer = peer;
    this.#since = since;
  }

  came(name: string): void {
    this.#journal.came(name, this.#peer);
  }

  /** The server ends it, and why; the first reason counts. */
  cut(why: Cut): void {
    this.#cut ??= why;
  }

  /** It has ended. */
  left(name: string): void {
    this.#journal.left(name, this.#peer, { since: this.#since, cut: this.#cut });
  }
}
