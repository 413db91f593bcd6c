import type { DatabaseSync } from "node:sqlite";
import { keepTopic, toEntry } from "../rows.ts";
import { contentOf, fingerprint } from "./content.ts";

/** An id that somebody has used for an entry, and a fingerprint of what they said. */
export interface UsedId {
  readonly seq: number;
  readonly sender: string;
  readonly id: string;
  readonly print: number | null;
}

const USED_IDS =
  `SELECT sender, id, seq, coalesce(print, print(seq, type, ref, text, fields)) AS print
   FROM entries WHERE seq < ? AND id IS NOT NULL`;

/** Forgets the oldest entries, with what belongs to them; their ids stay known. */
export class Trimmer {
  readonly #db: DatabaseSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    db.function("print", { deterministic: true }, (seq, type, ref, text, fields) => {
      const row = { seq, at: 0, id: null, from: "", type, ref, text, fields };
      return fingerprint(contentOf(toEntry(row)));
    });
  }

  /** Those before `first`; within a transaction of the caller's. */
  trim(first: number): void {
    const run = (sql: string) => this.#db.prepare(sql).run(first);
    run(`INSERT OR IGNORE INTO forgotten (sender, id, seq, print) ${USED_IDS}`);
    keepTopic(this.#db, first);
    run("DELETE FROM entries WHERE seq < ?");
    // What is kept says nothing any more of those that are not.
    run(
      `UPDATE entries SET text = '', print = coalesce(print, print(seq, type, ref, text, fields))
       WHERE ref < ? AND type = 'edit' AND text <> ''`,
    );
    run("DELETE FROM reactions WHERE ref < ?");
    run("DELETE FROM files WHERE seq < ?");
  }

  /** The ids of entries before `first`, which are there. */
  usedIds(first: number): UsedId[] {
    return this.#db.prepare(USED_IDS).all(first) as unknown as UsedId[];
  }

  /** The ids of entries that were there. */
  forgottenIds(): UsedId[] {
    return this.#db.prepare("SELECT sender, id, seq, print FROM forgotten ORDER BY seq")
      .all() as unknown as UsedId[];
  }

  /** Ids of entries that this log may never have had; within a transaction of the caller's. */
  remember(ids: readonly UsedId[]): void {
    const insert = this.#db.prepare(
      "INSERT OR IGNORE INTO forgotten (sender, id, seq, print) VALUES (?, ?, ?, ?)",
    );
    for (const { sender, id, seq, print } of ids) insert.run(sender, id, seq, print);
  }
}
