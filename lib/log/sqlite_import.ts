import type { DatabaseSync } from "node:sqlite";
import { StartupError } from "../base/startup_error.ts";
import { openDatabase } from "./sqlite/file.ts";

/**
 * Stores an export as the log of that file, which must have no entries yet: all of it, or, where a
 * line is not what it should be, nothing. Seqs, times and the epoch are kept, so cursors stay good.
 * Resolves with the number of entries.
 */
export async function importLines(
  path: string,
  lines: AsyncIterable<string>,
): Promise<number> {
  const db = openDatabase(path);
  let number = 0;
  try {
    db.exec("BEGIN IMMEDIATE");
    const loader = new Loader(db, path);
    for await (const line of lines) {
      number++;
      if (line.trim() !== "") loader.load(parseRow(line));
    }
    db.exec("COMMIT");
    return loader.count;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(
      `cannot import line ${number}: ${(error as Error).message}; nothing was stored`,
      { cause: error },
    );
  } finally {
    db.close(); // rolls back what was not committed
  }
}

class Loader {
  count = 0;
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #forget;
  #seq: number | undefined;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    if (db.prepare("SELECT 1 FROM entries LIMIT 1").get()) {
      throw new StartupError(`${path} has messages; import into an empty --data directory`);
    }
    this.#insert = db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text) VALUES (?, ?, ?, ?, ?, ?)",
    );
    this.#forget = db.prepare("INSERT INTO forgotten (sender, id, seq) VALUES (?, ?, ?)");
  }

  load(row: Record<string, unknown>): void {
    switch (row.type) {
      case "log":
        if (row.v !== 1) throw new Error(`unknown version ${row.v}; wanted 1`);
        this.#db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('epoch', ?)")
          .run(text(row, "epoch"));
        return;
      case "message":
        return this.#message(row);
      case "forgotten":
        this.#forget.run(text(row, "sender"), text(row, "id"), whole(row, "seq"));
        return;
      default:
        throw new Error(`unknown type ${JSON.stringify(row.type)}`);
    }
  }

  #message(row: Record<string, unknown>): void {
    const seq = whole(row, "seq");
    if (this.#seq !== undefined && seq !== this.#seq + 1) {
      throw new Error(`seq ${seq} follows ${this.#seq}; wanted ${this.#seq + 1}`);
    }
    const id = row.id === undefined ? null : text(row, "id");
    const [sender, from, body] = [text(row, "sender"), text(row, "from"), text(row, "text")];
    this.#insert.run(seq, whole(row, "at"), sender, id, from, body);
    this.#seq = seq;
    this.count++;
  }
}

/** Throws an Error where the line is not one JSON object. */
function parseRow(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("wanted a JSON object");
  }
  return value as Record<string, unknown>;
}

function text(row: Record<string, unknown>, name: string): string {
  const value = row[name];
  if (typeof value !== "string" || value === "") throw new Error(`"${name}" must be a text`);
  return value;
}

function whole(row: Record<string, unknown>, name: string): number {
  const value = row[name];
  if (!Number.isSafeInteger(value) || (value as number) < 1) {
    throw new Error(`"${name}" must be a whole number from 1`);
  }
  return value as number;
}
