import type { DatabaseSync } from "node:sqlite";
import type { Entry } from "../../../model/message.ts";
import { COLUMNS, toEntry } from "../rows.ts";
import { contentOf, fingerprint } from "../storing/content.ts";
import type { Placed } from "../storing/batch.ts";

/** What a node looks up in its copy of the log, besides what readers see. */
export class CopyRows {
  readonly #find;
  readonly #editsOf;
  readonly #changed;
  readonly #note;
  readonly #noted;
  readonly #unnote;

  constructor(db: DatabaseSync) {
    db.exec("CREATE TABLE IF NOT EXISTS to_erase (seq INTEGER PRIMARY KEY) STRICT");
    this.#find = db.prepare(`SELECT ${COLUMNS}, sender, print FROM entries WHERE seq = ?`);
    this.#editsOf = db.prepare(
      `SELECT ${COLUMNS}, sender, print FROM entries WHERE ref = ? AND type = 'edit' ORDER BY seq`,
    );
    this.#changed = db.prepare("SELECT fields ->> 'changed' AS seq FROM entries WHERE seq = ?");
    this.#note = db.prepare("INSERT OR IGNORE INTO to_erase VALUES (?)");
    this.#noted = db.prepare("SELECT seq FROM to_erase ORDER BY seq LIMIT 100");
    this.#unnote = db.prepare("DELETE FROM to_erase WHERE seq = ?");
  }

  find(seq: number): Placed | undefined {
    const row = this.#find.get(seq);
    return row && toPlaced(row);
  }

  /** The last change of a message; 0 where there is none. */
  lastChangeOf(seq: number): number {
    return (this.#changed.get(seq)?.seq ?? 0) as number;
  }

  /** A message and its edits without what was said: what is left when it is deleted. */
  remainsOf(seq: number): Placed[] {
    const rows = [this.#find.get(seq), ...this.#editsOf.all(seq)];
    return rows.flatMap((row) => row ? [remainsOf(toPlaced(row))] : []);
  }

  /** Entries whose texts are to be erased where the log is kept; within a transaction of the caller's. */
  noteToErase(seq: number): void {
    this.#note.run(seq);
    for (const { seq: edit } of this.#editsOf.all(seq)) this.#note.run(edit as number);
  }

  /** The first of those that have been noted, and are not erased. */
  toErase(): number[] {
    return this.#noted.all().map(({ seq }) => seq as number);
  }

  erased(seq: number): void {
    this.#unnote.run(seq);
  }
}

function toPlaced(row: Record<string, unknown>): Placed {
  const { sender, print } = row as { sender: string; print: number | null };
  return { entry: toEntry(row), sender, ...(print !== null && { print }) };
}

function remainsOf({ entry, sender, print }: Placed): Placed {
  const kept = print ?? (entry.id === undefined ? undefined : fingerprint(contentOf(entry)));
  return {
    entry: { ...withoutContent(entry), text: "" } as Entry,
    sender,
    ...(kept !== undefined && { print: kept }),
  };
}

function withoutContent(entry: Entry): Partial<Entry> {
  if (entry.type !== "message") return entry;
  const { files: _files, reactions: _reactions, edited: _edited, changed: _changed, ...rest } =
    entry;
  return rest;
}
