import type { StatementSync } from "node:sqlite";
import type { PeopleFile } from "./database.ts";

/** Names that belong to a session though it may be away. */
export const TABLE = `CREATE TABLE IF NOT EXISTS held_names (
  key TEXT PRIMARY KEY,
  session TEXT NOT NULL,
  address TEXT NOT NULL,
  until INTEGER NOT NULL
) STRICT, WITHOUT ROWID`;

const KIND = "held";

export interface HeldName {
  /** As `nameKey` makes it of the name. */
  readonly key: string;
  readonly session: string;
  /** Whose share of all names it counts to. */
  readonly address: string;
  /** In milliseconds since 1970. */
  readonly until: number;
}

/** The held names as they are after a restart. What is written is on the disk within a second. */
export class HeldNameTable {
  readonly #file: PeopleFile;

  readonly #put: StatementSync;

  /** Called when another node holds a name, or (undefined) does not any more. */
  onTaken: (key: string, held: HeldName | undefined) => void = () => {};

  constructor(file: PeopleFile) {
    this.#file = file;
    this.#put = file.db.prepare("REPLACE INTO held_names VALUES (?, ?, ?, ?)");
    file.sharing.add({
      kind: KIND,
      lasts: false,
      ids: () => file.db.prepare("SELECT key FROM held_names").all().map(({ key }) => String(key)),
      read: (key) => file.db.prepare("SELECT * FROM held_names WHERE key = ?").get(key),
      take: (key, row) => this.#take(key, row as HeldName | undefined),
    });
  }

  /** Those that are held still, the one that ends first first; the others are gone then. */
  read(now: number): HeldName[] {
    const { db } = this.#file;
    db.prepare("DELETE FROM held_names WHERE until <= ?").run(now);
    const rows = db.prepare("SELECT key, session, address, until FROM held_names ORDER BY until");
    return rows.all().map(({ key, session, address, until }) => ({
      key: String(key),
      session: String(session),
      address: String(address),
      until: Number(until),
    }));
  }

  put({ key, session, address, until }: HeldName): void {
    this.#file.later(`held name ${key}`, () => {
      this.#put.run(key, session, address, until);
      this.#file.sharing.changed(KIND, key);
    });
  }

  remove(key: string): void {
    this.#file.later(`held name ${key}`, () => {
      this.#file.db.prepare("DELETE FROM held_names WHERE key = ?").run(key);
      this.#file.sharing.changed(KIND, key);
    });
  }

  #take(key: string, held: HeldName | undefined): void {
    this.#file.later(`held name ${key}`, () => {
      if (held) this.#put.run(key, held.session, held.address, held.until);
      else this.#file.db.prepare("DELETE FROM held_names WHERE key = ?").run(key);
    });
    this.onTaken(key, held);
  }
}
