import type { DatabaseSync } from "node:sqlite";
import { keepTopic, toEntry } from "../rows.ts";
import { contentOf, fingerprint } from "./content.ts";

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
    run(
      `INSERT INTO forgotten (sender, id, seq, print)
       SELECT sender, id, seq, coalesce(print, print(seq, type, ref, text, fields)) FROM entries
       WHERE seq < ? AND id IS NOT NULL`,
    );
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
}
