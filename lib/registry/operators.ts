import { nameKey } from "../model/names.ts";
import type { Store } from "./store.ts";

/** Who keeps order in the room: a session each, whose token was made on the machine. */
export const OPERATORS_TABLE = `CREATE TABLE IF NOT EXISTS operators (
  session TEXT PRIMARY KEY,
  name    TEXT NOT NULL,
  key     TEXT NOT NULL UNIQUE,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

/** An operator, as `deno task operator` made it. */
export interface Operator {
  readonly session: string;
  readonly name: string;
  /** Since when, in milliseconds since 1970. */
  readonly at: number;
}

/** The operators. They are looked up in memory; what another process changes is seen by `refresh`. */
export class Operators {
  readonly #store: Store;
  #bySession = new Map<string, Operator>();
  #byKey = new Map<string, Operator>();

  constructor(store: Store) {
    this.#store = store;
    this.refresh();
  }

  /** In the order in which they were made. */
  get all(): readonly Operator[] {
    return [...this.#bySession.values()];
  }

  of(session: string | undefined): Operator | undefined {
    return session === undefined ? undefined : this.#bySession.get(session);
  }

  named(name: string): Operator | undefined {
    return this.#byKey.get(nameKey(name));
  }

  /** The name must not be another operator's. */
  add({ session, name, at }: Operator): void {
    const { db } = this.#store;
    this.#store.now(() =>
      db.prepare("INSERT INTO operators (session, name, key, at) VALUES (?, ?, ?, ?)")
        .run(session, name, nameKey(name), at)
    );
    this.refresh();
  }

  remove({ session }: Operator): void {
    const { db } = this.#store;
    this.#store.now(() => db.prepare("DELETE FROM operators WHERE session = ?").run(session));
    this.refresh();
  }

  /** Reads them anew. True where they are others than before. */
  refresh(): boolean {
    const before = this.#bySession;
    const rows = this.#store.db.prepare("SELECT session, name, at FROM operators ORDER BY at")
      .all() as unknown as Operator[];
    const all = rows.map(({ session, name, at }): Operator => ({ session, name, at }));
    this.#bySession = new Map(all.map((operator) => [operator.session, operator]));
    this.#byKey = new Map(all.map((operator) => [nameKey(operator.name), operator]));
    return before.size !== all.length || all.some(({ session }) => !before.has(session));
  }
}
