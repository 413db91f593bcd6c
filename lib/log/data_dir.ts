import { StartupError } from "../base/startup_error.ts";

/** The files of one server's data, its own until disposed. */
export interface DataDir extends Disposable {
  /** The history, an SQLite file. */
  readonly log: string;
  /** What is remembered about people, an SQLite file. */
  readonly people: string;
  /** What session tokens are signed with. */
  readonly key: string;
  /** What operators did, line by line. */
  readonly audit: string;
  /** The folder of the files of messages. */
  readonly files: string;
  /** How far the history had come, as SqliteLog's option `mark`. */
  readonly mark: string;
}

/** The log in a folder that is a server's. */
export function logPath(path: string): string {
  return `${path}/partyline.db`;
}

/** The registry in a folder that is a server's. */
export function peoplePath(path: string): string {
  return `${path}/people.db`;
}

/** The files of messages, in a folder that is a server's. */
export function filesPath(path: string): string {
  return `${path}/files`;
}

/** What session tokens are signed with, in a folder that is a server's. */
export function keyPath(path: string): string {
  return `${path}/session.key`;
}

/** What operators did, in a folder that is a server's. */
export function auditPath(path: string): string {
  return `${path}/audit.jsonl`;
}

/**
 * Makes the folder where there is none (readable for its owner only) and locks it; the operating
 * system gives the lock back however the process ends. Throws a StartupError where another server
 * has it, where it cannot be written, or where its history has been lost.
 */
export function openDataDir(path: string): DataDir {
  const dir = {
    log: logPath(path),
    people: peoplePath(path),
    key: keyPath(path),
    audit: auditPath(path),
    files: filesPath(path),
    mark: `${path}/last-seen`,
  };
  const lock = lockFolder(path, dir.mark);
  try {
    refuseLoss(dir);
    return { ...dir, [Symbol.dispose]: () => release(lock) };
  } catch (error) {
    release(lock);
    throw error;
  }
}

/** Whether a server has the folder, which is there. */
export function isInUse(path: string): boolean {
  const lock = openLock(path);
  try {
    if (!lock.tryLockSync(true)) return true;
    lock.unlockSync();
    return false;
  } finally {
    lock.close();
  }
}

function lockFolder(path: string, mark: string): Deno.FsFile {
  let lock: Deno.FsFile | undefined;
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    lock = openLock(path);
    if (lock.tryLockSync(true)) {
      // A folder that can only be read is noticed here, and told as such.
      Deno.openSync(mark, { create: true, write: true, mode: 0o600 }).close();
      return lock;
    }
  } catch (cause) {
    lock?.close();
    throw new StartupError(
      `cannot write to ${path}: ${reasonOf(cause)}; ` +
        "make it writable, or use another --data directory",
      { cause },
    );
  }
  lock.close();
  throw new StartupError(
    `another Partyline is using ${path}; stop it, or use another --data directory`,
  );
}

/**
 * What the lock is on: the folder itself, as a lock on a file in it would be gone with the file. Not
 * on the database, whose locks SQLite needs, and on some systems both are of one kind.
 */
function openLock(path: string): Deno.FsFile {
  if (Deno.build.os !== "windows") return Deno.openSync(path, { read: true });
  // There a folder cannot be opened; and a file that is open cannot be replaced.
  return Deno.openSync(`${path}/lock`, { create: true, write: true, mode: 0o600 });
}

/** Closing alone leaves the lock to a child process that has been forked and has not started yet. */
function release(lock: Deno.FsFile): void {
  lock.unlockSync();
  lock.close();
}

/**
 * Throws a StartupError where the history was lost: a server makes its key after its log, so where there is a
 * key, an empty file has lost its history.
 */
export function refuseLoss({ log, key }: { readonly log: string; readonly key: string }): void {
  if (sizeOf(log) !== 0 || sizeOf(key) === undefined) return;
  throw new StartupError(
    `${log} has 0 bytes, but a server has used this folder: its history is lost; ` +
      "restore it from a backup, or remove the file to begin with an empty history",
  );
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function reasonOf(cause: unknown): string {
  const { message } = cause as Error;
  // The runtime advises to allow everything for the folders of the system, which nobody should.
  return message.startsWith("Requires all access") ? "it belongs to the system" : message;
}
