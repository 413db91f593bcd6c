import { backup, DatabaseSync } from "node:sqlite";
import { StartupError } from "../base/startup_error.ts";
import { openArchived } from "./sqlite/file.ts";
import { removeEpoch } from "./sqlite/identity.ts";

/**
 * A copy of the log in a new file, consistent while people write; a server can be started with it, and
 * gives it a new epoch, as what was written after the copy is not in it. It does not hold the session
 * key. Resolves with the number of messages in it. Throws a StartupError where the file exists or
 * cannot be written; then no part of a copy is left behind.
 */
export async function backUp(path: string, to: string): Promise<number> {
  using db = openArchived(path);
  try {
    Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
  } catch (cause) {
    throw cannotWrite(to, cause, "name a file that does not exist yet");
  }
  try {
    // All pages in one step, hence of one moment: SQLite begins again after each write between two.
    await backup(db, to, { rate: 2 ** 31 - 1 });
    return detach(to);
  } catch (cause) {
    for (const file of [to, `${to}-journal`, `${to}-wal`, `${to}-shm`]) removeIfThere(file);
    throw cannotWrite(to, cause, "make room, or name a file on another disk");
  }
}

/** Makes the copy one file that stands for itself. Returns how many messages it has. */
function detach(path: string): number {
  using db = new DatabaseSync(path);
  db.exec("PRAGMA journal_mode = DELETE");
  removeEpoch(db);
  return (db.prepare("SELECT count(*) AS count FROM entries").get() as { count: number }).count;
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // best effort: what failed before is what is told
  }
}

function cannotWrite(path: string, cause: unknown, advice: string): StartupError {
  const { message } = cause as Error;
  return new StartupError(`cannot write the backup ${path}: ${message}; ${advice}`, { cause });
}
