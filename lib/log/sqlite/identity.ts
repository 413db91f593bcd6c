import type { DatabaseSync } from "node:sqlite";
import type { Cursor } from "../../model/cursor.ts";

/** Which history a file holds. */
export interface Identity {
  readonly epoch: string;
  /** Why the epoch is a new one, although there has been a history; undefined where it is not. */
  readonly change: string | undefined;
}

/**
 * The epoch of the log in the file; a new one where the history is another than it was, so that no
 * cursor of the old one is taken for a place in the new one. That is noticed where
 *
 * - there is none: `backUp` leaves it out;
 * - the file was created at another time than the one that got the epoch: it is a copy, however it was
 *   made (where the file system knows when a file was created);
 * - it was a node's copy of one that goes on elsewhere;
 * - the log is shorter than `seen`, its mark, says: an older file was written over it, or the
 *   write-ahead log was removed.
 *
 * What cannot be noticed: a whole folder, mark and all, put back without making new files, as by a
 * snapshot of the disk. Run in a transaction of the caller's.
 */
export function identify(db: DatabaseSync, path: string, seen: Cursor | undefined): Identity {
  const created = creationTime(path);
  const epoch = read(db, "epoch") as string | undefined;
  const change = changeOf(db, { epoch, created, seen });
  if (created !== undefined) write(db, "created", created);
  db.exec("DELETE FROM meta WHERE key = 'copy'");
  if (epoch === undefined || change !== undefined) return { epoch: renewEpoch(db), change };
  return { epoch, change };
}

/** The file is a copy of the log with that epoch, which is elsewhere; one that has entries is so already. */
export function identifyCopy(db: DatabaseSync, epoch: string): Identity {
  write(db, "epoch", epoch);
  write(db, "copy", 1);
  return { epoch, change: undefined };
}

/** Of which log the file is a copy; undefined where it is none. */
export function copiedEpoch(db: DatabaseSync): string | undefined {
  return read(db, "copy") === undefined ? undefined : read(db, "epoch") as string | undefined;
}

/** From here on the entries in the file are another log's. Returns its epoch. */
export function renewEpoch(db: DatabaseSync): string {
  const epoch = newEpoch();
  write(db, "epoch", epoch);
  return epoch;
}

/** A copy without this gets an epoch of its own when it is first opened. */
export function removeEpoch(db: DatabaseSync): void {
  db.exec("DELETE FROM meta WHERE key = 'epoch'");
}

function changeOf(
  db: DatabaseSync,
  { epoch, created, seen }: {
    epoch: string | undefined;
    created: number | undefined;
    seen: Cursor | undefined;
  },
): string | undefined {
  const { last } = db.prepare("SELECT coalesce(max(seq), 0) AS last FROM entries").get() as {
    last: number;
  };
  if (epoch === undefined) {
    if (last > 0) return "it was restored from a backup";
    return seen && seen.seq > 0
      ? `the one that was here, with ${seen.seq} messages, is gone`
      : undefined;
  }
  if (read(db, "copy") !== undefined) return "it was the copy of one in NATS";
  const before = read(db, "created");
  if (created !== undefined && before !== undefined && created !== before) {
    return "the file is a copy";
  }
  if (seen?.epoch === epoch && last < seen.seq) {
    return `it ends at message ${last}, and had reached ${seen.seq}`;
  }
  return undefined;
}

/** In milliseconds; undefined in memory, and where the file system does not know. */
function creationTime(path: string): number | undefined {
  return path === ":memory:" ? undefined : Deno.statSync(path).birthtime?.getTime();
}

function read(db: DatabaseSync, key: string): unknown {
  return db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.value;
}

function write(db: DatabaseSync, key: string, value: string | number): void {
  db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").run(key, value);
}

/** Eight characters; the first is a letter, so that an epoch never looks like a bare seq. */
function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return "k" + Array.from(random, (byte) => (byte % 36).toString(36)).join("").slice(1);
}
