import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { EventLoop } from "../../base/event_loop.ts";
import { transaction } from "./file.ts";

/**
 * Indexing a text costs about ten times as much as storing it, so it waits until nobody has written
 * for this long; what is not indexed yet is searched by reading it.
 */
const IDLE_MS = 500;
/** Above this many it does not wait any more: reading them would take tens of milliseconds. */
const FRESH_AT_MOST = 5000;
/** Rows indexed, and pages of the index joined, in one go: a millisecond in which nothing else runs. */
const INDEX_STEP = 20;
const MERGE_PAGES = 8;
/** Between two steps while people write: a few hundredths of the time are for the index. */
const BUSY_PAUSE_MS = 40;
/** Rows read in one go where the index cannot help. */
const SCAN_STEP = 5000;

/** Rows of `entries` from `from` on and before `end`, at most `limit` of them. */
interface Span {
  readonly from: number;
  readonly end: number;
  readonly limit: number;
}

export interface SearchIndexOptions<Row> {
  /** What is read of an entry, as SQL, and what is made of it. */
  readonly columns: string;
  readonly toRow: (row: Record<string, unknown>) => Row;
  /** The kept range of the log. */
  readonly first: number;
  readonly last: number;
  readonly report: (what: string, error: unknown) => void;
}

/** Finds entries by their words, newest first; keeps the index up with the log beside the traffic. */
export class SearchIndex<Row> implements Disposable {
  readonly #db: DatabaseSync;
  readonly #clock: EventLoop;
  readonly #columns: string;
  readonly #toRow: (row: Record<string, unknown>) => Row;
  readonly #report: (what: string, error: unknown) => void;
  /** Everything up to this seq is in the index. */
  #indexed: number;
  #last: number;
  #grewAt: number;
  #indexing: Disposable | undefined;
  /** Since the last step was in vain: said once. */
  #failing = false;

  constructor(db: DatabaseSync, clock: EventLoop, options: SearchIndexOptions<Row>) {
    db.function("fold", { deterministic: true }, (text) => fold(String(text)));
    db.function(
      "has",
      { deterministic: true },
      (text, word) => Number(fold(String(text)).includes(String(word))),
    );
    this.#db = db;
    this.#clock = clock;
    this.#columns = options.columns;
    this.#toRow = options.toRow;
    this.#report = options.report;
    this.#indexed = Math.max(indexed(db), options.first - 1);
    this.#last = this.#indexed;
    this.#grewAt = clock.monotonic();
    this.grow(options.last);
  }

  /** The log has entries up to `last` now. */
  grow(last: number): void {
    this.#last = last;
    this.#grewAt = this.#clock.monotonic();
    if (last > this.#indexed) this.#indexAfter(IDLE_MS);
  }

  /** Forgets entries before `first`; within the caller's transaction. */
  trim(first: number): void {
    this.#db.prepare("DELETE FROM words WHERE rowid IN (SELECT seq FROM entries WHERE seq < ?)")
      .run(first);
    this.#indexed = Math.max(this.#indexed, first - 1);
  }

  /** Rows before `end` whose text has all words of the query, in any place and case. */
  async search(query: string, { end, limit }: { end: number; limit: number }): Promise<Row[]> {
    // SQLite would take a NUL for the end of the query.
    const words = fold(query.replaceAll("\0", " ")).split(/\s+/u).filter((word) => word !== "");
    if (words.length === 0) return [];
    // The index grows while the search reads: it looks up no further than where reading began.
    const from = this.#indexed + 1;
    const fresh = await this.#scan(words, { from, end, limit });
    const older = { from: 0, end: Math.min(end, from), limit: limit - fresh.length };
    const long = words.filter((word) => [...word].length >= 3);
    // The index knows runs of three characters.
    return fresh.concat(
      long.length > 0 ? this.#lookUp(words, long, older) : await this.#scan(words, older),
    );
  }

  [Symbol.dispose](): void {
    this.#indexing?.[Symbol.dispose]();
  }

  /** Finds words by reading every text, with time for others in between. */
  async #scan(words: string[], { from, end, limit }: Span): Promise<Row[]> {
    const found: Row[] = [];
    for (let to = Math.min(end, this.#last + 1); to > from && found.length < limit;) {
      const step = Math.max(from, to - SCAN_STEP);
      found.push(...this.#query(
        `FROM entries WHERE seq >= ? AND seq < ? ${having(words)} ORDER BY seq DESC LIMIT ?`,
        [step, to, ...words, limit - found.length],
      ));
      to = step;
      if (to > from) await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
    return found;
  }

  #lookUp(words: string[], long: string[], { end, limit }: Span): Row[] {
    if (limit <= 0) return [];
    const short = words.filter((word) => !long.includes(word));
    const phrases = long.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
    return this.#query(
      `FROM entries JOIN words ON words.rowid = seq
       WHERE words MATCH ? AND words.rowid < ? ${having(short)}
       ORDER BY words.rowid DESC LIMIT ?`,
      [phrases, end, ...short, limit],
    );
  }

  #query(sql: string, values: SQLInputValue[]): Row[] {
    return this.#db.prepare(`SELECT ${this.#columns} ${sql}`).all(...values).map(this.#toRow);
  }

  #indexAfter(ms: number): void {
    this.#indexing ??= this.#clock.after(ms, () => {
      this.#indexing = undefined;
      this.#index();
    });
  }

  #index(): void {
    const quietMs = this.#clock.monotonic() - this.#grewAt;
    const isBusy = quietMs < IDLE_MS;
    if (isBusy && this.#last - this.#indexed <= FRESH_AT_MOST) {
      return this.#indexAfter(IDLE_MS - quietMs);
    }
    const to = Math.min(this.#indexed + INDEX_STEP, this.#last);
    try {
      transaction(this.#db, () => {
        this.#db.prepare(
          `INSERT INTO words (rowid, text)
           SELECT seq, fold(text) FROM entries WHERE seq > ? AND seq <= ?`,
        ).run(this.#indexed, to);
        this.#db.prepare("UPDATE meta SET value = ? WHERE key = 'indexed'").run(to);
      });
      this.#indexed = to;
      this.#db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)").run(MERGE_PAGES);
      this.#failing = false;
    } catch (error) {
      // Search reads what is not indexed, and the next append tries again.
      if (!this.#failing) this.#report("cannot index texts; searching them takes longer", error);
      this.#failing = true;
      return;
    }
    if (to < this.#last) this.#indexAfter(isBusy ? BUSY_PAUSE_MS : 0);
  }
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

/** Up to which seq the texts were in the index when the file was last written to. */
function indexed(db: DatabaseSync): number {
  return db.prepare("SELECT value FROM meta WHERE key = 'indexed'").get()!.value as number;
}
