import { DatabaseSync } from "node:sqlite";
import { makePrivate } from "../base/private_file.ts";
import { StartupError } from "../base/startup_error.ts";
import { withoutTraces } from "../base/without_traces.ts";

/** The file as a table's module sees it; see Registry. */
export interface PeopleFile {
  readonly db: DatabaseSync;
  later(key: string, write: () => void): void;
  /** Writes what was to be written later. */
  flush(): void;
  now<T>(write: () => T): T;
}

/** Raised when a table changes in a way that `CREATE TABLE IF NOT EXISTS` does not cover. */
const VERSION = 1;
/** PRAGMA application_id: ASCII "PLpe". */
const APPLICATION_ID = 0x504c7065;

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
    check(db, path);
    for (const table of tables) db.exec(table);
    db.exec(`PRAGMA user_version = ${VERSION}; PRAGMA application_id = ${APPLICATION_ID}; COMMIT`);
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
  withoutTraces(path, () => {
    using db = new DatabaseSync(path, { readOnly: true });
    check(db, path);
    const [damage] = Object.values(db.prepare("PRAGMA quick_check(1)").get() ?? {});
    if (damage === "ok") return;
    throw new Error(`${path} is damaged (${String(damage).replaceAll("\n", " ")})`);
  });
}

function makeFile(path: string): void {
  Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
  makePrivate(path);
}

function check(db: DatabaseSync, path: string): void {
  const { application_id: application } = db.prepare("PRAGMA application_id").get()!;
  const { user_version: version } = db.prepare("PRAGMA user_version").get()!;
  const { count } = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!;
  if (count === 0) return;
  if (application !== APPLICATION_ID) {
    throw new StartupError(`${path} is not Partyline's; use another --data directory`);
  }
  if (Number(version) > VERSION) {
    throw new StartupError(
      `${path} is of a newer Partyline (format ${version}, this one knows ${VERSION}); update it`,
    );
  }
}
