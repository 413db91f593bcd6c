import { DatabaseSync, type StatementSync } from "node:sqlite";
import { makePrivate } from "../../base/private_file.ts";
import { StartupError } from "../../base/startup_error.ts";
import { checkFormat, type Format, inspectFile, stamp } from "../../base/sqlite/format.ts";
import type { Kind } from "../kind/kind.ts";

/** `PLfi` in ASCII. The version is raised when a table changes as `CREATE TABLE IF NOT EXISTS` cannot. */
const FORMAT: Format = { applicationId: 0x504c6669, version: 1 };

const TABLES = `CREATE TABLE IF NOT EXISTS files (
  id TEXT PRIMARY KEY,
  size INTEGER NOT NULL,
  type TEXT NOT NULL,
  extension TEXT NOT NULL,
  width INTEGER,
  height INTEGER,
  added INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS uploads (
  file TEXT NOT NULL,
  session TEXT NOT NULL,
  name TEXT NOT NULL,
  at INTEGER NOT NULL,
  posted INTEGER NOT NULL,
  PRIMARY KEY (file, session)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS uploads_at ON uploads (at)`;

/** A file that is stored. */
export interface FileRow extends Kind {
  readonly id: string;
  readonly size: number;
  /** When it came first, in milliseconds since 1970. */
  readonly added: number;
}

/** That somebody has uploaded a file, for as long as it is remembered under which name. */
export interface Upload {
  readonly file: string;
  /** Empty where it came without a session. */
  readonly session: string;
  readonly name: string;
  readonly at: number;
  /** Its message is stored; not, where left out. */
  readonly posted?: boolean;
}

/** A file with all its uploads that are remembered. */
export interface UploadedFile extends FileRow {
  readonly uploads: readonly Upload[];
}

/**
 * Which files there are, and who uploaded them last under which name, in an SQLite file. What is
 * written is on the disk when the method returns; where it throws, nothing of it is.
 */
export class FileTable implements Disposable {
  readonly #db: DatabaseSync;
  readonly #find: StatementSync;
  readonly #name: StatementSync;
  readonly #isAwaited: StatementSync;

  /** Throws a StartupError where the file cannot be used. The caller has made sure that nobody else writes. */
  constructor(path: string) {
    this.#db = openTable(path);
    this.#find = this.#db.prepare("SELECT * FROM files WHERE id = ?");
    this.#name = this.#db.prepare("SELECT name FROM uploads WHERE file = ? AND session = ?");
    this.#isAwaited = this.#db.prepare(
      "SELECT 1 FROM uploads WHERE file = ? AND posted = 0 AND at > ? LIMIT 1",
    );
  }

  find(id: string): FileRow | undefined {
    const row = this.#find.get(id);
    return row && rowOf(row);
  }

  /** The name under which a session has uploaded a file; undefined where that is not remembered. */
  nameOf(id: string, session: string): string | undefined {
    return this.#name.get(id, session)?.name as string | undefined;
  }

  /** Whether somebody has uploaded it since then, and has not posted it yet. */
  isAwaited(id: string, since: number): boolean {
    return this.#isAwaited.get(id, since) !== undefined;
  }

  /** The files that somebody has uploaded since then, and has not posted yet. */
  awaited(since: number): string[] {
    return this.#db.prepare("SELECT DISTINCT file FROM uploads WHERE posted = 0 AND at > ?")
      .all(since).map(({ file }) => file as string);
  }

  /** The ids that come after one, in their order. */
  idsAfter(id: string, limit: number): string[] {
    return this.#db.prepare("SELECT id FROM files WHERE id > ? ORDER BY id LIMIT ?").all(id, limit)
      .map((row) => row.id as string);
  }

  /** Each file's size is counted by `sizeOf`. */
  sum(sizeOf: (size: number) => number): { count: number; bytes: number } {
    let [count, bytes] = [0, 0];
    for (const { size } of this.#db.prepare("SELECT size FROM files").iterate()) {
      count++;
      bytes += sizeOf(size as number);
    }
    return { count, bytes };
  }

  /** Of all that is given; what is there already stays as it is, and its upload is the newest of that session. */
  add(added: readonly { readonly row: FileRow; readonly upload?: Upload | undefined }[]): void {
    const file = this.#db.prepare("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)");
    const put = this.#db.prepare("REPLACE INTO uploads VALUES (?, ?, ?, ?, ?)");
    this.#transact(() => {
      for (const { row, upload } of added) {
        file.run(...valuesOfRow(row));
        if (upload) put.run(...valuesOf(upload));
      }
    });
  }

  /** The same, where these are all uploads that there are of each file. */
  put(files: readonly UploadedFile[]): void {
    const file = this.#db.prepare("INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?, ?, ?, ?)");
    const forget = this.#db.prepare("DELETE FROM uploads WHERE file = ?");
    const put = this.#db.prepare("REPLACE INTO uploads VALUES (?, ?, ?, ?, ?)");
    this.#transact(() => {
      for (const uploaded of files) {
        file.run(...valuesOfRow(uploaded));
        forget.run(uploaded.id);
        for (const upload of uploaded.uploads) put.run(...valuesOf(upload));
      }
    });
  }

  /** These were posted by those who uploaded them, and are not awaited any more. */
  markPosted(posted: readonly Pick<Upload, "file" | "session">[]): void {
    const mark = this.#db.prepare("UPDATE uploads SET posted = 1 WHERE file = ? AND session = ?");
    this.#transact(() => posted.forEach(({ file, session }) => mark.run(file, session)));
  }

  /** The same of these files, whoever uploaded them. */
  markAllPosted(files: readonly string[]): void {
    const mark = this.#db.prepare("UPDATE uploads SET posted = 1 WHERE file = ?");
    this.#transact(() => files.forEach((file) => mark.run(file)));
  }

  /** Forgets uploads from before then, their names too. Returns of which files they were. */
  forgetUploads(before: number): string[] {
    return this.#db.prepare("DELETE FROM uploads WHERE at <= ? RETURNING file").all(before)
      .map(({ file }) => file as string);
  }

  remove(ids: readonly string[]): void {
    const [file, uploads] = [
      this.#db.prepare("DELETE FROM files WHERE id = ?"),
      this.#db.prepare("DELETE FROM uploads WHERE file = ?"),
    ];
    this.#transact(() => {
      for (const id of ids) {
        file.run(id);
        uploads.run(id);
      }
    });
  }

  /** What was removed is in no file any more. */
  clean(): void {
    this.#db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  [Symbol.dispose](): void {
    this.#db.close();
  }

  #transact(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }
}

/** All files of a table that another process may be writing to, as of one moment. The caller closes it. */
export function* readTable(path: string): Generator<FileRow> {
  using db = new DatabaseSync(path, { readOnly: true });
  checkFormat(db, path, FORMAT);
  for (const row of db.prepare("SELECT * FROM files ORDER BY id").iterate()) yield rowOf(row);
}

/** Throws where the server could not use the file, or it is damaged. Only reads. */
export function inspectTable(path: string): void {
  inspectFile(path, FORMAT);
}

function openTable(path: string): DatabaseSync {
  using opening = new DisposableStack();
  try {
    Deno.openSync(path, { write: true, create: true, mode: 0o600 }).close();
    makePrivate(path);
    const db = opening.use(new DatabaseSync(path));
    // What is removed is overwritten: a name may say as much as a text.
    db.exec("PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    db.exec("PRAGMA secure_delete = ON; BEGIN IMMEDIATE");
    checkFormat(db, path, FORMAT);
    db.exec(TABLES);
    db.exec(`${stamp(FORMAT)}; COMMIT`);
    opening.move();
    return db;
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(
      `cannot open ${path}: ${(error as Error).message}; restore it from a backup, remove the ` +
        "folder (then the files of messages are gone), or use another --data directory",
      { cause: error },
    );
  }
}

function valuesOfRow(row: FileRow) {
  const { id, size, type, extension, width, height, added } = row;
  return [id, size, type, extension, width ?? null, height ?? null, added] as const;
}

function valuesOf({ file, session, name, at, posted = false }: Upload) {
  return [file, session, name, at, Number(posted)] as const;
}

function rowOf(row: Record<string, unknown>): FileRow {
  const { id, size, type, extension, width, height, added } = row;
  return {
    id: String(id),
    size: Number(size),
    type: String(type),
    extension: String(extension),
    ...(width !== null && { width: Number(width), height: Number(height) }),
    added: Number(added),
  };
}
