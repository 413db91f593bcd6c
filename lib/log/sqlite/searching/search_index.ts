import type { DatabaseSync } from "node:sqlite";
import type { EventLoop } from "../../../base/event_loop.ts";
import { fold } from "../../../model/search/fold.ts";
import { transaction } from "../file.ts";
import { IS_MESSAGE } from "../rows.ts";
import { prepareToSearch } from "./search.ts";

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
/** How texts are folded: 1 kept accents. What was indexed otherwise is indexed anew. */
const FOLDING = 2;
/** Texts looked at in one go, of which most are folded as before: a millisecond. */
const REFOLD_STEP = 500;
/** Between two steps while people write: a few hundredths of the time are for the index. */
const BUSY_PAUSE_MS = 40;

export interface SearchIndexOptions {
  /** The kept range of the log. */
  readonly first: number;
  readonly last: number;
  readonly report: (what: string, error: unknown) => void;
}

/** Keeps the index of the texts up with the log, beside the traffic; search.ts looks things up in it. */
export class SearchIndex implements Disposable {
  readonly #db: DatabaseSync;
  readonly #clock: EventLoop;
  readonly #report: (what: string, error: unknown) => void;
  #indexed: number;
  /** Up to which seq what is in the index is folded as now; undefined where all of it is. */
  #refolded: number | undefined;
  #last: number;
  #grewAt: number;
  #indexing: Disposable | undefined;
  /** Since the last step was in vain: said once. */
  #failing = false;

  constructor(db: DatabaseSync, clock: EventLoop, options: SearchIndexOptions) {
    prepareToSearch(db);
    this.#db = db;
    this.#clock = clock;
    this.#report = options.report;
    this.#indexed = Math.max(indexed(db), options.first - 1);
    this.#refolded = refolded(db);
    this.#last = this.#indexed;
    this.#grewAt = clock.monotonic();
    this.grow(options.last);
    if (this.#refolded !== undefined) this.#indexAfter(IDLE_MS);
  }

  /** Everything up to this seq is in the index, as it is searched for. */
  get indexed(): number {
    return this.#refolded ?? this.#indexed;
  }

  /** The log has entries up to `last` now. */
  grow(last: number): void {
    this.#last = last;
    this.#grewAt = this.#clock.monotonic();
    if (last > this.#indexed) this.#indexAfter(IDLE_MS);
  }

  /** Whether a message is in the index, or was. */
  has(seq: number): boolean {
    return seq <= this.#indexed;
  }

  /** A message has another text now, or none; within the caller's transaction. */
  replace(seq: number, text: string): void {
    if (!this.has(seq)) return;
    this.#db.prepare("DELETE FROM words WHERE rowid = ?").run(seq);
    if (text === "") return;
    this.#db.prepare("INSERT INTO words (rowid, text) VALUES (?, fold(?))").run(seq, text);
  }

  /** Forgets entries before `first`; within the caller's transaction. */
  trim(first: number): void {
    this.#db.prepare("DELETE FROM words WHERE rowid IN (SELECT seq FROM entries WHERE seq < ?)")
      .run(first);
    this.#indexed = Math.max(this.#indexed, first - 1);
    if (this.#refolded !== undefined) this.#refolded = Math.max(this.#refolded, first - 1);
  }

  [Symbol.dispose](): void {
    this.#indexing?.[Symbol.dispose]();
  }

  #indexAfter(ms: number): void {
    this.#indexing ??= this.#clock.after(ms, () => {
      this.#indexing = undefined;
      this.#index();
    }, "indexing texts");
  }

  #index(): void {
    const quietMs = this.#clock.monotonic() - this.#grewAt;
    const isBusy = quietMs < IDLE_MS;
    if (isBusy && this.#last - this.#indexed <= FRESH_AT_MOST) {
      return this.#indexAfter(IDLE_MS - quietMs);
    }
    try {
      if (this.#refolded === undefined) this.#add();
      else this.#refold(this.#refolded);
      this.#db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)").run(MERGE_PAGES);
      this.#failing = false;
    } catch (error) {
      // Search reads what is not indexed, and the next append tries again.
      if (!this.#failing) this.#report("cannot index texts; searching them takes longer", error);
      this.#failing = true;
      return;
    }
    const isDone = this.#refolded === undefined && this.#indexed >= this.#last;
    if (!isDone) this.#indexAfter(isBusy ? BUSY_PAUSE_MS : 0);
  }

  /** The next step of what is not in the index yet. */
  #add(): void {
    const to = Math.min(this.#indexed + INDEX_STEP, this.#last);
    transaction(this.#db, () => {
      this.#db.prepare(
        `INSERT INTO words (rowid, text)
         SELECT seq, fold(text) FROM entries WHERE seq > ? AND seq <= ? AND ${IS_MESSAGE}`,
      ).run(this.#indexed, to);
      setMeta(this.#db, "indexed", to);
    });
    this.#indexed = to;
  }

  /** The next step of what was indexed by an older version. What is folded as before stays. */
  #refold(after: number): void {
    let to = Math.min(after + REFOLD_STEP, this.#indexed);
    const texts = this.#db.prepare(
      `SELECT seq, text FROM entries WHERE seq > ? AND seq <= ? AND ${IS_MESSAGE} ORDER BY seq`,
    );
    const others: number[] = [];
    for (const row of texts.iterate(after, to)) {
      const { seq, text } = row as { seq: number; text: string };
      if (fold(text) === text.toLowerCase().toUpperCase()) continue;
      if (others.push(seq) === INDEX_STEP) {
        to = seq;
        break;
      }
    }
    const isLast = to >= this.#indexed;
    transaction(this.#db, () => {
      for (const seq of others) {
        this.#db.prepare("DELETE FROM words WHERE rowid = ?").run(seq);
        this.#db.prepare(
          "INSERT INTO words (rowid, text) SELECT seq, fold(text) FROM entries WHERE seq = ?",
        ).run(seq);
      }
      setMeta(this.#db, "refolded", to);
      if (isLast) setMeta(this.#db, "folding", FOLDING);
    });
    this.#refolded = isLast ? undefined : to;
  }
}

/** Up to which seq the texts were in the index when the file was last written to. */
function indexed(db: DatabaseSync): number {
  return meta(db, "indexed")!;
}

/** See `#refolded`. An index that is empty is folded as now. */
function refolded(db: DatabaseSync): number | undefined {
  if (meta(db, "folding") === FOLDING) return undefined;
  if (indexed(db) > 0) return meta(db, "refolded") ?? 0;
  setMeta(db, "folding", FOLDING);
  return undefined;
}

function meta(db: DatabaseSync, key: string): number | undefined {
  return db.prepare("SELECT value FROM meta WHERE key = ?").get(key)?.value as number | undefined;
}

function setMeta(db: DatabaseSync, key: string, value: number): void {
  db.prepare("INSERT INTO meta VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value")
    .run(key, value);
}
