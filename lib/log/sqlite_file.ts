import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { StartupError } from "../base/startup_error.ts";

/** The layout of the file, step by step; how many steps a file has seen is its `user_version`. */
const MIGRATIONS: readonly string[] = [
  `CREATE TABLE entries (
     seq    INTEGER PRIMARY KEY,
     at     INTEGER NOT NULL,
     sender TEXT    NOT NULL,
     id     TEXT,
     name   TEXT    NOT NULL,
     text   TEXT    NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX entries_by_id ON entries (sender, id) WHERE id IS NOT NULL;
   CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
   CREATE VIRTUAL TABLE words USING fts5
     (text, content='', contentless_delete=1, tokenize='trigram');`,
  // The ids of entries that are no longer kept, so that a retry stays a duplicate however late it is.
  `CREATE TABLE forgotten (
     sender TEXT    NOT NULL,
     id     TEXT    NOT NULL,
     seq    INTEGER NOT NULL,
     PRIMARY KEY (sender, id)
   ) STRICT, WITHOUT ROWID;`,
  // The parts of the index are joined when SearchIndex says so, a little at a time, and not in a
  // commit that would take tens of milliseconds.
  `INSERT INTO words (words, rank) VALUES ('automerge', 0), ('crisismerge', 1000);`,
];

/** Marks the file as ours ("prty"), so that somebody else's database is never written to. */
const APPLICATION_ID = 0x70727479;

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
    migrate(db, pragma(db, "user_version"));
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

/** Where SQLite has commits until a checkpoint. */
export interface WriteAheadLog extends Disposable {
  /** Resolves when everything committed before is on the disk. */
  sync(): Promise<void>;
}

/**
 * Commits of `db` are from now on durable only after a `sync`: what `synchronous = FULL` does at the
 * end of each commit, but here the event loop goes on meanwhile. With NORMAL, SQLite itself syncs at
 * checkpoints alone, which is all that a consistent file needs (https://sqlite.org/wal.html).
 * Undefined, and nothing deferred, where there is no such log: in memory, or on a file system that
 * cannot have one.
 */
export function deferSync(db: DatabaseSync, path: string): WriteAheadLog | undefined {
  if (db.prepare("PRAGMA journal_mode").get()?.journal_mode !== "wal") return undefined;
  db.exec("PRAGMA synchronous = NORMAL");
  // SQLite's locks are on other files, so that closing this one does not undo them.
  const file = Deno.openSync(`${path}-wal`, { read: true, write: true });
  return { sync: () => file.syncData(), [Symbol.dispose]: () => file.close() };
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

/**
 * The file as it is, for reading beside a server that writes to it. Throws where it is not ours, of
 * a newer version, or damaged. The caller closes it.
 */
export function openToRead(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    const version = pragma(db, "user_version");
    const owner = pragma(db, "application_id");
    const empty = version === 0 && owner === 0 && pragma(db, "schema_version") === 0;
    if (!empty && owner !== APPLICATION_ID) {
      throw new StartupError(`${path} is not a Partyline log; use another --data directory`);
    }
    if (version > MIGRATIONS.length) {
      throw new StartupError(
        `${path} was written by a newer Partyline (format ${version}; this one knows up to ` +
          `${MIGRATIONS.length}); start that one, or use another --data directory`,
      );
    }
    const [damage] = Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (damage !== "ok") {
      throw new Error(`the file is damaged (${String(damage).replaceAll("\n", " ")})`);
    }
    return db;
  } catch (error) {
    db.close();
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

function migrate(db: DatabaseSync, version: number): void {
  if (version === MIGRATIONS.length) return;
  db.exec(
    `BEGIN IMMEDIATE; ${MIGRATIONS.slice(version).join("\n")}
     PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}; COMMIT`,
  );
}

function pragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
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
