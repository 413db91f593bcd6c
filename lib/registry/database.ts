import { DatabaseSync } from "node:sqlite";
import { makePrivate } from "../base/private_file.ts";
import { StartupError } from "../base/startup_error.ts";
import type { Sharing } from "./sharing.ts";
import { checkFormat, type Format, inspectFile, stamp } from "../base/sqlite/format.ts";

/** The file as a table's module sees it; see Registry. */
export interface PeopleFile {
  readonly db: DatabaseSync;
  /** What holds at all nodes. */
  readonly sharing: Sharing;
  later(key: string, write: () => void): void;
  /** Writes what was to be written later. */
  flush(): void;
  now<T>(write: () => T): T;
}

/** `PLpe` in ASCII. The version is raised when a table changes as `CREATE TABLE IF NOT EXISTS` cannot. */
const FORMAT: Format = { applicationId: 0x504c7065, version: 1 };

/**
 * The file, made where there is none, for its owner alone to read, with these tables. Another process
 * may have it open too (`deno task operator` while the server runs): each sees what the other has
 * committed. Throws a StartupError where it is damaged, another program's, or of a newer version. The
 * caller closes it.
 */
export function openDatabase(path: string, tables: readonly string[]): DatabaseSync {
  using opening = new DisposableStack();
  try {
    if (path !== ":memory:") makeFile(path);
    const db = opening.use(new DatabaseSync(path));
    db.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    db.exec("BEGIN IMMEDIATE");
    checkFormat(db, path, FORMAT);
    for (const table of tables) db.exec(table);
    db.exec(`${stamp(FORMAT)}; COMMIT`);
    opening.move();
    return db;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(
      `cannot open ${path}: ${
        (error as Error).message
      }; restore it from a backup, remove it (then ` +
        "nobody's name, ban or role is remembered), or use another --data directory",
      { cause: error },
    );
  }
}

/** Throws where the server could not use the file, or it is damaged. Only reads. */
export function inspectRegistry(path: string): void {
  inspectFile(path, FORMAT);
}

function makeFile(path: string): void {
  Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  makePrivate(path);
}
