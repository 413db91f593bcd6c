import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { Clock } from "./clock.ts";
import type { Log, Range, Search } from "./log.ts";
import type { Draft, Entry, Receipt } from "./message.ts";
import { StartupError } from "./startup_error.ts";

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
];

/** Marks the file as ours ("prty"), so that somebody else's database is never written to. */
const APPLICATION_ID = 0x70727479;

/**
 * Indexing a text for search costs about ten times as much as storing it, so it waits until nobody
 * has written for this long; what is not indexed yet is searched by reading it.
 */
const INDEX_IDLE_MS = 500;
/** Rows indexed in one go: some 5 ms in which nothing else runs. */
const INDEX_STEP = 50;

const COLUMNS = 'seq, at, id, name AS "from", entries.text';

/** The log in an SQLite file; `:memory:` is one that is gone when closed. */
export class SqliteLog implements Log {
  readonly epoch: string;
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #insert: StatementSync;
  readonly #find: StatementSync;
  readonly #findForgotten: StatementSync;
  readonly #readAfter: StatementSync;
  readonly #readBefore: StatementSync;
  readonly #watchers = new Set<(entries: readonly Entry[]) => void>();
  #first: number;
  #last: number;
  #lastAt: number;
  #indexed: number;
  #indexing: Disposable | undefined;

  /**
   * Opens the file, or makes it. Throws a StartupError where it cannot be opened, is no database of
   * ours, is damaged, or was written by a newer version; the file is left as it was.
   */
  constructor(path: string, clock: Clock) {
    this.#clock = clock;
    this.#db = openDatabase(path);
    this.#db.function("fold", { deterministic: true }, (text) => fold(String(text)));
    this.#db.function(
      "has",
      { deterministic: true },
      (text, word) => Number(fold(String(text)).includes(String(word))),
    );
    this.epoch = this.#meta("epoch", newEpoch);
    const end = (order: string) =>
      this.#db.prepare(`SELECT seq, at FROM entries ORDER BY seq ${order} LIMIT 1`).get() as
        | { seq: number; at: number }
        | undefined;
    const newest = end("DESC");
    this.#last = newest?.seq ?? 0;
    this.#lastAt = newest?.at ?? 0;
    this.#first = end("ASC")?.seq ?? 1;
    this.#indexed = Math.max(this.#meta("indexed", () => 0), this.#first - 1);
    this.#insert = this.#db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#find = this.#db.prepare("SELECT seq FROM entries WHERE sender = ? AND id = ?");
    this.#findForgotten = this.#db.prepare("SELECT seq FROM forgotten WHERE sender = ? AND id = ?");
    this.#readAfter = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`,
    );
    this.#readBefore = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    );
    this.#indexLater();
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  // deno-lint-ignore require-await -- async, so that what SQLite throws is a rejection
  async append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    const entries: Entry[] = [];
    const receipts: Receipt[] = [];
    const at = Math.max(this.#clock.now(), this.#lastAt);
    let seq = this.#last;
    this.#transaction(() => {
      for (const { sender, id, from, text } of drafts) {
        const known = this.#forgotten(sender, id) ??
          this.#insertNew(seq + 1, at, sender, id, from, text);
        if (known !== undefined) {
          receipts.push({ seq: known, duplicate: true });
          continue;
        }
        seq++;
        entries.push(entry(seq, at, id, from, text));
        receipts.push({ seq, duplicate: false });
      }
    });
    if (entries.length > 0) {
      this.#last = seq;
      this.#lastAt = at;
      for (const watcher of this.#watchers) watcher(entries);
      this.#indexLater();
    }
    return receipts;
  }

  // deno-lint-ignore require-await -- as above
  async read(range: Range): Promise<readonly Entry[]> {
    return "after" in range
      ? this.#readAfter.all(range.after, range.limit).map(toEntry)
      : this.#readBefore.all(range.before, range.limit).map(toEntry).reverse();
  }

  // deno-lint-ignore require-await -- as above
  async search({ query, before = Infinity, limit }: Search): Promise<readonly Entry[]> {
    // SQLite would take a NUL for the end of the query.
    const words = fold(query.replaceAll("\0", " ")).split(/\s+/u).filter((word) => word !== "");
    if (words.length === 0) return [];
    const end = Math.min(before, this.#last + 1);
    const fresh = this.#scan(words, { from: this.#indexed + 1, end, limit });
    const older = { end: Math.min(end, this.#indexed + 1), limit: limit - fresh.length };
    return [...fresh, ...this.#lookUp(words, older)];
  }

  // deno-lint-ignore require-await -- as above
  async trim(before: number, limit: number): Promise<number> {
    const first = Math.min(before, this.#first + limit, this.#last);
    if (first <= this.#first) return 0;
    this.#transaction(() => {
      this.#db.prepare(
        "INSERT INTO forgotten SELECT sender, id, seq FROM entries WHERE seq < ? AND id IS NOT NULL",
      ).run(first);
      this.#db.prepare("DELETE FROM words WHERE rowid IN (SELECT seq FROM entries WHERE seq < ?)")
        .run(first);
      this.#db.prepare("DELETE FROM entries WHERE seq < ?").run(first);
    });
    const trimmed = first - this.#first;
    this.#first = first;
    this.#indexed = Math.max(this.#indexed, first - 1);
    return trimmed;
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    this.#watchers.add(listener);
    return { [Symbol.dispose]: () => void this.#watchers.delete(listener) };
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#indexing?.[Symbol.dispose]();
    if (this.#db.isOpen) this.#db.close();
    return Promise.resolve();
  }

  /** Stores an entry; or returns the seq of the one its sender has used the id for. */
  #insertNew(
    seq: number,
    at: number,
    sender: string,
    id: string | undefined,
    from: string,
    text: string,
  ): number | undefined {
    const { changes } = this.#insert.run(seq, at, sender, id ?? null, from, text);
    return changes === 1 ? undefined : (this.#find.get(sender, id!) as { seq: number }).seq;
  }

  /** The seq of a trimmed entry; where nothing was ever trimmed, nobody has to look. */
  #forgotten(sender: string, id: string | undefined): number | undefined {
    if (id === undefined || this.#first === 1) return undefined;
    return (this.#findForgotten.get(sender, id) as { seq: number } | undefined)?.seq;
  }

  #transaction(work: () => void): void {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      work();
      this.#db.exec("COMMIT");
    } catch (error) {
      // SQLite has already rolled back after some errors, a full disk among them.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw error;
    }
  }

  /** Finds words by reading every text of a range. */
  #scan(words: string[], { from, end, limit }: { from: number; end: number; limit: number }) {
    return this.#query(
      `SELECT ${COLUMNS} FROM entries WHERE seq >= ? AND seq < ? ${having(words)}
       ORDER BY seq DESC LIMIT ?`,
      [from, end, ...words, limit],
    );
  }

  /** Finds words by the index, which knows runs of three characters; shorter words by reading. */
  #lookUp(words: string[], { end, limit }: { end: number; limit: number }): Entry[] {
    if (limit <= 0) return [];
    const long = words.filter((word) => [...word].length >= 3);
    const short = words.filter((word) => !long.includes(word));
    if (long.length === 0) return this.#scan(words, { from: 0, end, limit });
    const phrases = long.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
    return this.#query(
      `SELECT ${COLUMNS} FROM entries JOIN words ON words.rowid = seq
       WHERE words MATCH ? AND words.rowid < ? ${having(short)}
       ORDER BY words.rowid DESC LIMIT ?`,
      [phrases, end, ...short, limit],
    );
  }

  #query(sql: string, values: SQLInputValue[]): Entry[] {
    return this.#db.prepare(sql).all(...values).map(toEntry);
  }

  #indexLater(): void {
    if (this.#indexed >= this.#last) return;
    this.#indexing?.[Symbol.dispose]();
    this.#indexing = this.#clock.after(INDEX_IDLE_MS, () => this.#index());
  }

  #index(): void {
    const to = Math.min(this.#indexed + INDEX_STEP, this.#last);
    try {
      this.#transaction(() => {
        this.#db.prepare(
          "INSERT INTO words (rowid, text) SELECT seq, fold(text) FROM entries WHERE seq > ? AND seq <= ?",
        ).run(this.#indexed, to);
        this.#db.prepare("UPDATE meta SET value = ? WHERE key = 'indexed'").run(to);
      });
    } catch {
      return; // best effort: search reads what is not indexed, and the next append tries again
    }
    this.#indexed = to;
    if (to < this.#last) this.#indexing = this.#clock.after(0, () => this.#index());
  }

  /** A value of the meta table; what `make` returns, stored, where there is none yet. */
  #meta<T extends SQLInputValue>(key: string, make: () => T): T {
    const row = this.#db.prepare("SELECT value FROM meta WHERE key = ?").get(key);
    if (row) return row.value as T;
    const value = make();
    this.#db.prepare("INSERT INTO meta (key, value) VALUES (?, ?)").run(key, value);
    return value;
  }
}

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

/** Throws where the file is not to be written to; leaves it, and what lies beside it, untouched. */
function inspect(path: string): void {
  if (exists(path)) openToRead(path).close();
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

/** Eight characters; the first is a letter, so that an epoch never looks like a bare seq. */
function newEpoch(): string {
  const random = crypto.getRandomValues(new Uint8Array(8));
  return "k" + Array.from(random, (byte) => (byte % 36).toString(36)).join("").slice(1);
}

/**
 * The same for all forms of a letter. SQLite's LIKE knows only the case of ASCII, and the index folds
 * otherwise than JavaScript; where both are given what this returns, both find the same. Capitals,
 * because how a small sigma is written depends on what follows it.
 */
function fold(text: string): string {
  return text.toLowerCase().toUpperCase();
}

/** A condition on each folded word. Where letters have no case, SQLite itself finds them, and faster. */
function having(words: readonly string[]): string {
  return words.map((word) =>
    word.toLowerCase() === word ? "AND instr(entries.text, ?)" : "AND has(entries.text, ?)"
  ).join(" ");
}

function entry(seq: number, at: number, id: string | undefined, from: string, text: string): Entry {
  return id === undefined
    ? { type: "message", seq, at, from, text }
    : { type: "message", seq, at, id, from, text };
}

function toEntry(row: Record<string, unknown>): Entry {
  const { seq, at, id, from, text } = row as {
    seq: number;
    at: number;
    id: string | null;
    from: string;
    text: string;
  };
  return entry(seq, at, id ?? undefined, from, text);
}
