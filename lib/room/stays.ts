import type { Clock } from "../base/clock.ts";

/** Why somebody is sent away; the codes of the protocol. */
export type Dismissal = "unauthorized" | "forbidden";

/** One connection that is in the room, as whoever must end it sees it. */
export interface Stay {
  readonly session: string;
  /** By which it came in; undefined where it has none. */
  readonly signIn: string | undefined;
  /** Ends the connection at once, whatever it has not been told yet, and tells it why. */
  dismiss(code: Dismissal, message: string): void;
}

/** The connections that are in the room, by session: for what ends some of them from outside. */
export class Stays {
  readonly #clock: Clock;
  readonly #bySession = new Map<string, Map<Stay, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(stay: Stay): void {
    const known = this.#bySession.get(stay.session);
    const now = this.#clock.monotonic();
    if (known) known.set(stay, now);
    else this.#bySession.set(stay.session, new Map([[stay, now]]));
  }

  delete(stay: Stay): void {
    const stays = this.#bySession.get(stay.session);
    stays?.delete(stay);
    if (stays?.size === 0) this.#bySession.delete(stay.session);
  }

  /** Those of a session; the list may be kept while they end. */
  of(session: string): Stay[] {
    return [...this.#bySession.get(session)?.keys() ?? []];
  }

  /** Those that have been here for as long. */
  *since(ms: number): Generator<Stay> {
    const before = this.#clock.monotonic() - ms;
    for (const stays of this.#bySession.values()) {
      for (const [stay, at] of stays) if (at <= before) yield stay;
    }
  }
}
