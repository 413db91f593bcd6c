import type { Clock } from "../../base/clock.ts";

/** Why somebody is sent away; the codes of the protocol. */
export type Dismissal = "unauthorized" | "forbidden";

/** One connection that is in the room, as whoever must end it sees it. */
export interface Dismissable {
  readonly session: string;
  /** By which it came in; undefined where it has none. */
  readonly signIn: string | undefined;
  /** Ends the connection at once, whatever it has not been told yet, and tells it why. */
  dismiss(code: Dismissal, message: string): void;
}

/** The connections that are in the room, by session: for what ends some of them from outside. */
export class Visits {
  readonly #clock: Clock;
  readonly #bySession = new Map<string, Map<Dismissable, number>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(visit: Dismissable): void {
    const known = this.#bySession.get(visit.session);
    const now = this.#clock.monotonic();
    if (known) known.set(visit, now);
    else this.#bySession.set(visit.session, new Map([[visit, now]]));
  }

  delete(visit: Dismissable): void {
    const visits = this.#bySession.get(visit.session);
    visits?.delete(visit);
    if (visits?.size === 0) this.#bySession.delete(visit.session);
  }

  /** Those of a session; the list may be kept while they end. */
  of(session: string): Dismissable[] {
    return [...this.#bySession.get(session)?.keys() ?? []];
  }

  /** Those that have been here for as long. */
  *since(ms: number): Generator<Dismissable> {
    const before = this.#clock.monotonic() - ms;
    for (const visits of this.#bySession.values()) {
      for (const [visit, at] of visits) if (at <= before) yield visit;
    }
  }
}
