import { backup, type DatabaseSync } from "node:sqlite";
import { openDatabase, openToRead } from "./sqlite_file.ts";
import { parseObject } from "../wire/json.ts";
import { StartupError } from "../base/startup_error.ts";

/** Rows read at a time: an export beside a busy server never holds much. */
const PAGE = 1000;

/**
 * The log as lines of JSON, without their ends: a head with the epoch, then every entry with its
 * sender, then the ids of entries that are no longer kept. One consistent state, also while a server
 * writes to the file.
 */
export function* exportLines(path: string): Generator<string> {
  const db = opened(path, openToRead);
  try {
    db.exec("BEGIN"); // one snapshot for all that follows
    const epoch = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.value;
    yield JSON.stringify({ type: "log", v: 1, epoch });
    const page = db.prepare(
      `SELECT 'message' AS type, seq, at, sender, id, name AS "from", text FROM entries
       WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
    );
    for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)!.seq as number)) {
      // What JSON leaves out is what SQL calls null.
      for (const row of rows) yield JSON.stringify({ ...row, id: row.id ?? undefined });
    }
    if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'forgotten'").get()) return;
    const forgotten = db.prepare("SELECT 'forgotten' AS type, seq, sender, id FROM forgotten");
    for (const row of forgotten.iterate()) yield JSON.stringify(row);
  } finally {
    db.close();
  }
}

/**
 * Stores an export as the log of that file, which must have no entries yet: all of it, or, where a
 * line is not what it should be, nothing. Seqs, times and the epoch are kept, so cursors stay good.
 * Resolves with the number of entries.
 */
export async function importLines(
  path: string,
  lines: AsyncIterable<string>,
): Promise<number> {
  const db = opened(path, openDatabase);
  let number = 0;
  try {
    db.exec("BEGIN IMMEDIATE");
    const loader = new Loader(db, path);
    for await (const line of lines) {
      number++;
      if (line.trim() !== "") loader.load(parseObject(line));
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

/** A copy of the log in a new file, consistent while people write. Throws where the file exists. */
export async function backUp(path: string, to: string): Promise<void> {
  const db = opened(path, openToRead);
  try {
    Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
    // All pages in one step, hence of one moment: SQLite begins again after each write between two.
    await backup(db, to, { rate: 2 ** 31 - 1 });
  } catch (cause) {
    throw new StartupError(
      `cannot write the backup ${to}: ${
        (cause as Error).message
      }; name a file that does not exist yet`,
      { cause },
    );
  } finally {
    db.close();
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

function opened(path: string, open: (path: string) => DatabaseSync): DatabaseSync {
  try {
    return open(path);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`cannot open ${path}: ${(error as Error).message}`, { cause: error });
  }
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
