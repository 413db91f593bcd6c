import type { StatementSync } from "node:sqlite";
import type { PeopleFile } from "./database.ts";

/** Of all sign-ins those that were used last; and of those that were ended, the last. */
const KEPT = 20_000;
const ENDED_KEPT = 50_000;
/** After so many writes it is looked whether there are too many. */
const WRITES_UNCOUNTED = 1000;

const ENDED = "ended";
const ADDED = "sign-in";

export const TABLE = `CREATE TABLE IF NOT EXISTS sign_ins (
  session TEXT NOT NULL,
  id TEXT NOT NULL,
  created INTEGER NOT NULL,
  used INTEGER NOT NULL,
  address TEXT NOT NULL,
  agent TEXT NOT NULL,
  PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS sign_ins_used ON sign_ins (used);
CREATE TABLE IF NOT EXISTS ended_sign_ins (
  session TEXT NOT NULL,
  id TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (session, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS ended_sign_ins_at ON ended_sign_ins (at);
CREATE TABLE IF NOT EXISTS tokens_end (since INTEGER NOT NULL) STRICT`;

/** A sign-in that was used. Times are in milliseconds since 1970. */
export interface SignIn {
  readonly session: string;
  readonly id: string;
  readonly created: number;
  readonly used: number;
  /** Where it was used from last. */
  readonly address: string;
  /** What it was used with last: a browser's name, or what else a program says of itself. */
  readonly agent: string;
}

/** A sign-in whose tokens are good no more, or all of a session's but one. */
export interface EndedSignIn {
  readonly session: string;
  /** One sign-in; or `*` and the one that is kept of all there were. */
  readonly id: string;
  readonly at: number;
}

/** Which sign-ins there are and were. That one is used is written within a second, its end at once. */
export class SignInTable {
  readonly #file: PeopleFile;
  // Asked for each token that is brought: prepared once.
  readonly #find: StatementSync;
  readonly #use: StatementSync;
  #writes = 0;

  /** Called when a sign-in was ended at another node. */
  onEnded: (ended: EndedSignIn) => void = () => {};

  constructor(file: PeopleFile) {
    this.#file = file;
    this.#find = file.db.prepare("SELECT * FROM sign_ins WHERE session = ? AND id = ?");
    this.#use = file.db.prepare(
      "INSERT INTO sign_ins VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE " +
        "SET used = excluded.used, address = excluded.address, agent = excluded.agent",
    );
    file.sharing.add({
      kind: ENDED,
      lasts: true,
      ids: () => this.ended().map(idOf),
      read: (id) => this.#findEnded(id),
      take: (_id, row) => row !== undefined && this.#takeEnd(row as EndedSignIn),
    });
    // That one is used is each node's own: it is written with every first connection.
    file.sharing.add({
      kind: ADDED,
      lasts: false,
      ids: () => [],
      read: (id) => this.find(...partsOf(id)),
      take: (_id, row) => row !== undefined && this.use(row as SignIn),
    });
  }

  /** When tokens began to have an end in this data: now, where it is asked for the first time. */
  since(now: number): number {
    const { db } = this.#file;
    const row = db.prepare("SELECT since FROM tokens_end").get();
    if (row) return Number(row.since);
    this.#file.now(() => db.prepare("INSERT INTO tokens_end VALUES (?)").run(now));
    return now;
  }

  find(session: string, id: string): SignIn | undefined {
    const row = this.#find.get(session, id);
    return row && signInOf(row);
  }

  /** Those of a session, the one that was used last first. */
  list(session: string): SignIn[] {
    this.#file.flush();
    return this.#file.db.prepare("SELECT * FROM sign_ins WHERE session = ? ORDER BY used DESC")
      .all(session).map(signInOf);
  }

  ended(): EndedSignIn[] {
    return this.#file.db.prepare("SELECT session, id, at FROM ended_sign_ins ORDER BY at").all()
      .map(({ session, id, at }) => ({ session: String(session), id: String(id), at: Number(at) }));
  }

  /** Within a second. What was used for the first time is new. */
  use(signIn: SignIn): void {
    this.#file.later(`sign-in ${signIn.session} ${signIn.id}`, () => this.#put(signIn));
  }

  /** At once. */
  add(signIn: SignIn): void {
    this.#file.now(() => this.#put(signIn));
    this.#file.sharing.changed(ADDED, idOf(signIn));
  }

  /** At once, and for good: their rows are gone, and so is what was to be written of them. */
  end(ended: EndedSignIn, gone: readonly string[]): void {
    const { session, id, at } = ended;
    for (const each of gone) this.#file.later(`sign-in ${session} ${each}`, () => {});
    this.#file.now(() => {
      const { db } = this.#file;
      // What is ended with all is ended by that one row.
      if (id.startsWith("*")) {
        db.prepare("DELETE FROM ended_sign_ins WHERE session = ?").run(session);
      }
      db.prepare("REPLACE INTO ended_sign_ins VALUES (?, ?, ?)").run(session, id, at);
      const remove = db.prepare("DELETE FROM sign_ins WHERE session = ? AND id = ?");
      for (const each of gone) remove.run(session, each);
    });
    this.#file.sharing.changed(ENDED, idOf(ended));
  }

  /** Within a second. Forgets what was used, and what was ended, before that time; and the oldest where there are many. */
  prune(before: number): void {
    this.#file.later("sign-ins of long ago", () => {
      const { db } = this.#file;
      db.prepare("DELETE FROM sign_ins WHERE used < ?").run(before);
      db.prepare("DELETE FROM ended_sign_ins WHERE at < ?").run(before);
      keep(db, { table: "sign_ins", by: "used", most: KEPT });
      keep(db, { table: "ended_sign_ins", by: "at", most: ENDED_KEPT });
    });
  }

  #findEnded(id: string): EndedSignIn | undefined {
    const row = this.#file.db.prepare(
      "SELECT session, id, at FROM ended_sign_ins WHERE session = ? AND id = ?",
    ).get(...partsOf(id));
    return row && { session: String(row.session), id: String(row.id), at: Number(row.at) };
  }

  #takeEnd(ended: EndedSignIn): void {
    const { session, id, at } = ended;
    const { db } = this.#file;
    this.#file.now(() => {
      db.prepare("REPLACE INTO ended_sign_ins VALUES (?, ?, ?)").run(session, id, at);
      db.prepare("DELETE FROM sign_ins WHERE session = ? AND id = ?").run(session, id);
    });
    this.onEnded(ended);
  }

  #put({ session, id, created, used, address, agent }: SignIn): void {
    this.#use.run(session, id, created, used, address, agent);
    if (++this.#writes < WRITES_UNCOUNTED) return;
    this.#writes = 0;
    keep(this.#file.db, { table: "sign_ins", by: "used", most: KEPT });
  }
}

/** Neither has a space. */
function idOf({ session, id }: Pick<SignIn, "session" | "id">): string {
  return `${session} ${id}`;
}

function partsOf(id: string): [session: string, id: string] {
  const [session = "", signIn = ""] = id.split(" ");
  return [session, signIn];
}

function keep(
  db: PeopleFile["db"],
  { table, by, most }: { readonly table: string; readonly by: string; readonly most: number },
): void {
  const { count } = db.prepare(`SELECT count(*) AS count FROM ${table}`).get()!;
  const over = Number(count) - most;
  if (over <= 0) return;
  db.prepare(
    `DELETE FROM ${table} WHERE (session, id) IN ` +
      `(SELECT session, id FROM ${table} ORDER BY ${by} LIMIT ?)`,
  ).run(over);
}

function signInOf(row: Record<string, unknown>): SignIn {
  const { session, id, created, used, address, agent } = row;
  return {
    session: String(session),
    id: String(id),
    created: Number(created),
    used: Number(used),
    address: String(address),
    agent: String(agent),
  };
}
