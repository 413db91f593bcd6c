import { DatabaseSync } from "node:sqlite";
import { StartupError } from "../../base/startup_error.ts";
import type { Cursor } from "../../model/cursor.ts";
import { makePrivate } from "../../base/private_file.ts";
import { exists, withoutTraces } from "../../base/sqlite/without_traces.ts";
import { identify, identifyCopy, type Identity } from "./identity.ts";
import { check, migrate } from "./schema.ts";

/** An open file, and which history it holds. */
export interface OpenFile extends Identity {
  readonly db: DatabaseSync;
}

/** How a file is told from others. */
export interface Known {
  /** How far the log of this file had come. */
  readonly seen?: Cursor | undefined;
  /** The epoch of the log of which it is a copy. */
  readonly copyOf?: string | undefined;
}

/**
 * The file, made and brought to the present layout where it has to be, for its owner alone to read. Throws a StartupError as the constructor of
 * SqliteLog does. The caller closes it, and has made sure that nobody else writes.
 */
export function openDatabase(path: string, { seen, copyOf }: Known = {}): OpenFile {
  const opening = new DisposableStack();
  try {
    if (path !== ":memory:") prepare(path);
    const db = opening.use(new DatabaseSync(path));
    // WAL with FULL: a commit is on the disk when it returns, and readers never wait for it.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
    // What is deleted is overwritten, in pages that stay as in those that become free.
    db.exec("PRAGMA secure_delete = ON");
    migrate(db);
    // Here, so that a disk with no room for them is told as one line like all else that is wrong.
    const identity = transaction(db, () => {
      db.exec("INSERT OR IGNORE INTO meta (key, value) VALUES ('indexed', 0)");
      return copyOf === undefined ? identify(db, path, seen) : identifyCopy(db, copyOf);
    });
    opening.move();
    return { db, ...identity };
  } catch (error) {
    opening.dispose();
    if (error instanceof StartupError) throw error;
    throw new StartupError(
      `cannot open ${path}: ${(error as Error).message}; ` +
        `restore it from a backup, or use another --data directory`,
      { cause: error },
    );
  }
}

/**
 * The file as it is, for reading beside a server that writes to it. Throws where it is not ours, of
 * a newer version, or damaged. The caller closes it.
 */
export function openToRead(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    check(db, path);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Looks into the file as `openToRead` does, and leaves nothing beside it that was not there. */
export function lookInto<T>(path: string, look: (db: DatabaseSync) => T): T {
  return withoutTraces(path, () => {
    using db = openToRead(path);
    return look(db);
  });
}

/** As `openToRead`, for a command: throws a StartupError where the file cannot be read. */
export function openArchived(path: string): DatabaseSync {
  try {
    return openToRead(path);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`cannot open ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/**
 * Makes an empty file where there is none. Throws where there is one that is not to be written to, and
 * leaves it, and what lies beside it, untouched.
 */
function prepare(path: string): void {
  const [wal, shm] = [`${path}-wal`, `${path}-shm`];
  if (!exists(path)) return Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  lookInto(path, () => {});
  // SQLite gives files that it makes beside it the mode of this one.
  for (const file of [path, wal, shm]) makePrivate(file);
}

/** Stores everything that `work` writes, or, where it throws, nothing; returns what it returns. */
export function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    // SQLite has already rolled back after some errors, a full disk among them.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}
