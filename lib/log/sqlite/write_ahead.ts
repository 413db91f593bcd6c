import type { DatabaseSync } from "node:sqlite";

/** Where SQLite keeps commits until a checkpoint copies them into the database. */
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
