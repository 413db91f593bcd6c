import type { PeopleFile } from "./database.ts";

/** What operators did lately, with what each was answered and how it is undone, both as JSON. */
export const ACTIONS_TABLE = `CREATE TABLE IF NOT EXISTS actions (
  number   INTEGER PRIMARY KEY AUTOINCREMENT,
  operator TEXT NOT NULL,
  id       TEXT,
  answer   TEXT NOT NULL,
  undo     TEXT
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS actions_by_id ON actions (operator, id) WHERE id IS NOT NULL`;

/** So many are remembered: a retry or an undo comes soon. */
const KEPT = 1000;

/** Something an operator did. */
export interface Action<Answer, Undo> {
  /** The operator's session. */
  readonly operator: string;
  /** The operator's own key for it. */
  readonly id: string | undefined;
  readonly answer: Answer;
  /** Undefined where there is nothing to undo. */
  readonly undo: Undo | undefined;
}

/** What operators did, so that a retry does nothing twice, and the last thing can be undone. */
export class Actions<Answer, Undo> {
  readonly #file: PeopleFile;

  constructor(file: PeopleFile) {
    this.#file = file;
  }

  /** Within `Registry.now` of the caller's. */
  add({ operator, id, answer, undo }: Action<Answer, Undo>): void {
    const { db } = this.#file;
    const { lastInsertRowid } = db.prepare(
      "INSERT INTO actions (operator, id, answer, undo) VALUES (?, ?, ?, ?)",
    ).run(
      operator,
      id ?? null,
      JSON.stringify(answer),
      undo === undefined ? null : JSON.stringify(undo),
    );
    db.prepare("DELETE FROM actions WHERE number <= ?").run(Number(lastInsertRowid) - KEPT);
  }

  /** What an operator was answered when it asked for the same thing before. */
  answered(operator: string, id: string): Answer | undefined {
    const row = this.#file.db.prepare(
      "SELECT answer FROM actions WHERE operator = ? AND id = ?",
    ).get(operator, id);
    return row && JSON.parse(row.answer as string);
  }

  /** The last thing of an operator's that is not undone. */
  last(operator: string): { readonly number: number; readonly undo: Undo } | undefined {
    const row = this.#file.db.prepare(
      `SELECT number, undo FROM actions WHERE operator = ? AND undo IS NOT NULL
       ORDER BY number DESC LIMIT 1`,
    ).get(operator);
    return row && { number: row.number as number, undo: JSON.parse(row.undo as string) };
  }

  /** Within `Registry.now` of the caller's. */
  undone(number: number): void {
    this.#file.db.prepare("UPDATE actions SET undo = NULL WHERE number = ?").run(number);
  }
}
