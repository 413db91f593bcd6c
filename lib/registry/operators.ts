import type { PeopleFile } from "./database.ts";

/** Who keeps order in the room: a session each, whose token was made on the machine. */
export const OPERATORS_TABLE = `CREATE TABLE IF NOT EXISTS operators (
  session TEXT PRIMARY KEY,
  name    TEXT NOT NULL,
  key     TEXT NOT NULL UNIQUE,
  at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

const KIND = "operator";

/** An operator, as `deno task operator` made it. */
export interface Operator {
  readonly session: string;
  readonly name: string;
  /** The same for all names that read like it. */
  readonly key: string;
  /** Since when, in milliseconds since 1970. */
  readonly at: number;
}

/** The operators. They are looked up in memory; what another process changes is seen by `refresh`. */
export class Operators {
  readonly #file: PeopleFile;
  #bySession = new Map<string, Operator>();
  #byKey = new Map<string, Operator>();

  constructor(file: PeopleFile) {
    this.#file = file;
    this.refresh();
    file.sharing.add({
      kind: KIND,
      lasts: true,
      ids: () => this.#bySession.keys(),
      read: (session) => this.#bySession.get(session),
      take: (session, row) => this.#take(session, row as Operator | undefined),
    });
  }

  /** Called when another node has other operators than before. */
  onTaken = () => {};

  /** In the order in which they were made. */
  get all(): readonly Operator[] {
    return [...this.#bySession.values()];
  }

  of(session: string | undefined): Operator | undefined {
    return session === undefined ? undefined : this.#bySession.get(session);
  }

  /** By the key of the name. */
  named(key: string): Operator | undefined {
    return this.#byKey.get(key);
  }

  /** The name must not be another operator's. */
  add({ session, name, key, at }: Operator): void {
    const { db } = this.#file;
    this.#file.now(() =>
      db.prepare("INSERT INTO operators (session, name, key, at) VALUES (?, ?, ?, ?)")
        .run(session, name, key, at)
    );
    this.refresh();
  }

  remove({ session }: Operator): void {
    const { db } = this.#file;
    this.#file.now(() => db.prepare("DELETE FROM operators WHERE session = ?").run(session));
    this.refresh();
  }

  /** Reads them anew. True where they are others than before. */
  refresh(): boolean {
    const others = this.#read();
    for (const session of others) this.#file.sharing.changed(KIND, session);
    return others.length > 0;
  }

  /** Those who were made or removed. */
  #read(): string[] {
    const before = this.#bySession;
    const rows = this.#file.db.prepare("SELECT session, name, key, at FROM operators ORDER BY at")
      .all() as unknown as Operator[];
    const all = rows.map(({ session, name, key, at }): Operator => ({ session, name, key, at }));
    this.#bySession = new Map(all.map((operator) => [operator.session, operator]));
    this.#byKey = new Map(all.map((operator) => [operator.key, operator]));
    const sessions = new Set([...before.keys(), ...this.#bySession.keys()]);
    return [...sessions].filter((each) => before.has(each) !== this.#bySession.has(each));
  }

  #take(session: string, operator: Operator | undefined): void {
    const { db } = this.#file;
    // What another process has changed here is told to the others, this is not.
    this.refresh();
    this.#file.now(() => {
      // Where two nodes have made one of the same name, the later is the one there is.
      if (operator) {
        db.prepare("REPLACE INTO operators (session, name, key, at) VALUES (?, ?, ?, ?)")
          .run(session, operator.name, operator.key, operator.at);
      } else db.prepare("DELETE FROM operators WHERE session = ?").run(session);
    });
    this.#read();
    this.onTaken();
  }
}
