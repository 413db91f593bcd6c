import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { StartupError } from "../../base/startup_error.ts";
import { check, migrate } from "./schema.ts";

/**
 * The file, made and brought to the present layout where it has to be. Throws a StartupError as the
 * constructor of SqliteLog does. The caller closes it, and has made sure that nobody else writes.
 */
export function openDatabase(path: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    if (path !== ":memory:") inspect(path);
    db = new DatabaseSync(path);
    // WAL with FULL: a commit is on the disk when it returns, and readers never wait for it.
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000");
    migrate(db);
    // Here, so that a disk with no room for them is told as one line like all else that is wrong.
    db.prepare("INSERT OR IGNORE INTO meta (key, value) VALUES ('epoch', ?), ('indexed', 0)")
      .run(newEpoch());
    return db;
  } catch (error) {
    db?.close();
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

/** As `openToRead`, for a command: throws a StartupError where the file cannot be read. */
export function openArchived(path: string): DatabaseSync {
  try {
    return openToRead(path);
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`cannot open ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** Throws where the file is not to be written to; leaves it, and what lies beside it, untouched. */
function inspect(path: string): void {
  if (!exists(path)) return;
  const beside = [`${path}-wal`, `${path}-shm`].filter((path) => !exists(path));
  try {
    openToRead(path).close();
  } catch (error) {
    // Reading alone makes these, empty, and a reader may not remove them.
    for (const path of beside) if (exists(path)) Deno.removeSync(path);
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Everything that `work` writes, or where it throws nothing. */
export function transaction(db: DatabaseSync, work: () => void): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    work();
    db.exec("COMMIT");
  } catch (error) {
    // SQLite has already rolled back after some errors, a full disk among them.
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** A value of the meta table, all of which are there once the file is open. */
export function meta<T extends SQLInputValue>(db: DatabaseSync, key: "epoch" | "indexed"): T {
  return db.prepare("SELECT value FROM meta WHERE key = ?").get(key)!.value as T;
}

/** Eight characters; the first is a letter, so that an epoch never looks like a bare seq. */
function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return "k" + Array.from(random, (byte) => (byte % 36).toString(36)).join("").slice(1);
}
