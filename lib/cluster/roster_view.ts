import { isNewer, parseRow, type Row } from "./row.ts";

/** What is known of a key: its row, and the newest revision of it, also where there is no row now. */
export interface Known {
  readonly row: Row | undefined;
  readonly revision: number;
}

/** The table of names as far as it has been told, by key and by session. */
export class RosterView {
  readonly #rows = new Map<string, Known>();
  readonly #keys = new Map<string, Set<string>>();
  /** Up to this revision the table has told all, in order: what is not known then was deleted by then. */
  #told = 0;

  get(key: string): Known | undefined {
    return this.#rows.get(key);
  }

  get all(): IterableIterator<[string, Known]> {
    return this.#rows.entries();
  }

  get sessions(): IterableIterator<string> {
    return this.#keys.keys();
  }

  /** The rows of a session with their keys: one, but for moments. The list may be kept. */
  of(session: string): [string, Row][] {
    return [...this.#keys.get(session) ?? []].map((key) => [key, this.#rows.get(key)!.row!]);
  }

  /** How the session is called, of those rows of it that `counts` says yes to. */
  newest(session: string, counts: (row: Row) => boolean): Row | undefined {
    let newest: Row | undefined;
    for (const [, row] of this.of(session)) {
      if (counts(row) && (!newest || isNewer(row, newest))) newest = row;
    }
    return newest;
  }

  /**
   * What is under a key from that revision on. The sessions that it concerns, the one before
   * first; none where something newer was known.
   */
  set(key: string, value: string | undefined, revision: number): Set<string> {
    const known = this.#rows.get(key);
    if (revision <= (known?.revision ?? this.#told)) return new Set();
    const row = value === undefined ? undefined : parseRow(value);
    const before = known?.row;
    if (before && before.session !== row?.session) this.#leave(key, before.session);
    if (row) {
      const keys = this.#keys.get(row.session);
      if (keys) keys.add(key);
      else this.#keys.set(row.session, new Set([key]));
    }
    this.#rows.set(key, { row, revision });
    return new Set(
      [before, row].filter((each) => each !== undefined).map(({ session }) => session),
    );
  }

  /** As `set`, told by the table itself. */
  told(key: string, value: string | undefined, revision: number): Set<string> {
    if (revision < this.#told) this.#restart();
    this.#told = revision - 1;
    const concerned = this.set(key, value, revision);
    this.#told = revision;
    return concerned;
  }

  /** Forgets the key where nothing newer is known; undefined: it has expired, whatever was known. */
  forget(key: string, revision = Infinity): Set<string> {
    const known = this.#rows.get(key);
    if (!known || known.revision > revision) return new Set();
    this.#rows.delete(key);
    if (!known.row) return new Set();
    this.#leave(key, known.row.session);
    return new Set([known.row.session]);
  }

  /** The table was lost and made anew, and counts from the start: all that it tells is newer. */
  #restart(): void {
    for (const [key, { row }] of this.#rows) this.#rows.set(key, { row, revision: 0 });
  }

  #leave(key: string, session: string): void {
    const keys = this.#keys.get(session);
    keys?.delete(key);
    if (keys?.size === 0) this.#keys.delete(session);
  }
}
