import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventLoop } from "../base/event_loop.ts";
import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";
import type { Found, Log, MessageRange, ReadRange, Search } from "./log.ts";
import type { Draft, MessageDraft, TopicDraft } from "../model/draft.ts";
import { fold } from "../model/search/fold.ts";
import { type Entry, type Message, type Receipt, textOf, type Topic } from "../model/message.ts";
import { openDatabase, transaction } from "./sqlite/file.ts";
import { FileWatch } from "./sqlite/file_watch.ts";
import { HighWaterMark } from "./sqlite/high_water_mark.ts";
import {
  COLUMNS,
  IS_MESSAGE,
  keepTopic,
  message,
  readTopic,
  toEntry,
  toMessage,
  topic,
} from "./sqlite/rows.ts";
import { search, wordsOf } from "./sqlite/search.ts";
import { SearchIndex } from "./sqlite/search_index.ts";
import { SearchLine } from "./sqlite/search_line.ts";
import { SearchWorker } from "./sqlite/search_worker.ts";
import { deferSync, type WriteAheadLog } from "./sqlite/write_ahead.ts";

export interface SqliteLogOptions {
  /** A file that tells how far the log had come, so that one that was put back is noticed. */
  readonly mark?: string;
  /** Told once of each thing that the operator must know, in one line. */
  readonly report?: (what: string, error?: unknown) => void;
  /** For tests of disks that are slow, or fail. */
  readonly defer?: typeof deferSync;
}

/** The log in an SQLite file; `:memory:` is one that is gone when closed. */
export class SqliteLog implements Log {
  readonly epoch: string;
  /** How long transactions of messages took, without the sync, in milliseconds. To be read. */
  readonly commits = new Histogram(MS_BOUNDS);
  /** How long it then took until they were on the disk. */
  readonly syncs = new Histogram(MS_BOUNDS);
  readonly #db: DatabaseSync;
  readonly #clock: EventLoop;
  readonly #writeAhead: WriteAheadLog | undefined;
  readonly #insert: StatementSync;
  readonly #insertKind: StatementSync;
  readonly #find: StatementSync;
  readonly #findForgotten: StatementSync;
  readonly #readAfter: StatementSync;
  readonly #readBefore: StatementSync;
  readonly #messagesAfter: StatementSync;
  readonly #messagesBefore: StatementSync;
  readonly #index: SearchIndex;
  readonly #searches = new SearchLine();
  /** Where another thread can read beside this one. */
  #searcher: SearchWorker | undefined;
  readonly #closing = new AbortController();
  readonly #files: FileWatch | undefined;
  readonly #mark: HighWaterMark | undefined;
  readonly #report: (what: string, error?: unknown) => void;
  readonly #watchers = new Set<(entries: readonly Entry[]) => void>();
  #first: number;
  #last: number;
  #lastAt: number;
  #topic: Topic | undefined;
  #broken: Error | undefined;

  /**
   * Opens the file, or makes it. Throws a StartupError where it cannot be opened, is no database of
   * ours, is damaged, or was written by a newer version; the file is left as it was. A file whose
   * history is not the one that its epoch was given to gets a new epoch, and that is reported.
   */
  constructor(path: string, clock: EventLoop, options: SqliteLogOptions = {}) {
    const { mark, report = () => {}, defer = deferSync } = options;
    this.#clock = clock;
    this.#report = report;
    this.#mark = mark === undefined ? undefined : new HighWaterMark(mark);
    const { db, epoch, change } = openDatabase(path, this.#mark?.read());
    this.#db = db;
    this.epoch = epoch;
    if (change !== undefined) report(`the history in ${path} is a new one to clients: ${change}`);
    this.#writeAhead = defer(db, path);
    const end = (order: string) =>
      this.#db.prepare(`SELECT seq, at FROM entries ORDER BY seq ${order} LIMIT 1`).get() as
        | { seq: number; at: number }
        | undefined;
    const newest = end("DESC");
    this.#last = newest?.seq ?? 0;
    this.#lastAt = newest?.at ?? 0;
    this.#first = end("ASC")?.seq ?? 1;
    this.#topic = readTopic(db);
    this.#index = new SearchIndex(db, clock, {
      first: this.#first,
      last: this.#last,
      report,
    });
    this.#insert = this.#db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#insertKind = this.#db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text, type) VALUES (?, ?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#find = this.#db.prepare("SELECT seq FROM entries WHERE sender = ? AND id = ?");
    this.#findForgotten = this.#db.prepare("SELECT seq FROM forgotten WHERE sender = ? AND id = ?");
    this.#readAfter = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    );
    this.#readBefore = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    );
    this.#messagesAfter = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq > ? AND seq <= ? AND ${IS_MESSAGE}
       ORDER BY seq LIMIT ?`,
    );
    this.#messagesBefore = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq < ? AND ${IS_MESSAGE} ORDER BY seq DESC LIMIT ?`,
    );
    if (path === ":memory:") return;
    // Without a write-ahead log, who reads keeps others from writing.
    if (this.#writeAhead) this.#searcher = new SearchWorker({ path, epoch });
    const paths = this.#writeAhead ? [path, `${path}-wal`] : [path];
    this.#files = new FileWatch(paths, clock, (lost) => this.#look(lost));
  }

  get broken(): Error | undefined {
    return this.#broken;
  }

  get first(): number {
    return this.#first;
  }

  get last(): number {
    return this.#last;
  }

  get topic(): Topic | undefined {
    return this.#topic;
  }

  async append(drafts: readonly Draft[]): Promise<readonly Receipt[]> {
    if (this.#broken) throw this.#broken;
    const entries: Entry[] = [];
    const receipts: Receipt[] = [];
    const at = Math.max(this.#clock.now(), this.#lastAt);
    let seq = this.#last;
    const begunAt = this.#clock.monotonic();
    transaction(this.#db, () => {
      for (const draft of drafts) {
        if (draft.type !== undefined && draft.type !== "message" && draft.type !== "topic") {
          throw new Error(`Cannot store an entry of the type ${draft.type} yet`);
        }
        const { type, sender, id, from, text } = draft;
        const known = this.#forgotten(sender, id) ?? this.#insertNew(seq + 1, at, draft);
        if (known !== undefined) {
          receipts.push({ seq: known, duplicate: true });
          continue;
        }
        seq++;
        entries.push((type === "topic" ? topic : message)(seq, at, id, from, text));
        receipts.push({ seq, duplicate: false });
      }
    });
    if (entries.length > 0) {
      const committedAt = this.#clock.monotonic();
      this.commits.observe(committedAt - begunAt);
      // Until then nobody sees what was committed.
      if (this.#writeAhead) {
        await this.#sync(this.#writeAhead);
        this.syncs.observe(this.#clock.monotonic() - committedAt);
      }
      this.#last = seq;
      this.#lastAt = at;
      this.#topic = entries.findLast((entry) => entry.type === "topic") ?? this.#topic;
      for (const watcher of this.#watchers) watcher(entries);
      this.#index.grow(seq);
    }
    return receipts;
  }

  // deno-lint-ignore require-await -- async, so that what SQLite throws is a rejection
  async read(range: ReadRange): Promise<readonly Entry[]> {
    if ("before" in range) {
      const before = Math.min(range.before, this.#last + 1);
      return this.#readBefore.all(before, range.limit).map(toEntry).reverse();
    }
    const entries: Entry[] = [];
    let characters = range.characters ?? Infinity;
    for (const row of this.#readAfter.iterate(range.after, this.#last, range.limit)) {
      const entry = toEntry(row);
      entries.push(entry);
      characters -= textOf(entry).length;
      if (characters <= 0) break;
    }
    return entries;
  }

  // deno-lint-ignore require-await -- as above
  async readMessages(range: MessageRange): Promise<readonly Message[]> {
    if ("after" in range) {
      return this.#messagesAfter.all(range.after, this.#last, range.limit).map(toMessage);
    }
    const before = Math.min(range.before, this.#last + 1);
    return this.#messagesBefore.all(before, range.limit).map(toMessage).reverse();
  }

  async search(wanted: Search): Promise<Found> {
    const words = wordsOf(wanted.query);
    const { from, after, before } = wanted;
    const isEverything = [from, after, before].every((filter) => filter === undefined);
    if (words.length === 0 && isEverything) return { entries: [] };
    const signal = wanted.signal
      ? AbortSignal.any([wanted.signal, this.#closing.signal])
      : this.#closing.signal;
    return await this.#searches.run(() => this.#search(words, wanted, signal), signal);
  }

  // deno-lint-ignore require-await -- as above
  async trim(before: number, limit: number): Promise<number> {
    if (this.#broken) throw this.#broken;
    const first = Math.min(before, this.#first + limit, this.#last);
    if (first <= this.#first) return 0;
    transaction(this.#db, () => {
      this.#db.prepare(
        "INSERT INTO forgotten SELECT sender, id, seq FROM entries WHERE seq < ? AND id IS NOT NULL",
      ).run(first);
      this.#index.trim(first);
      keepTopic(this.#db, first);
      this.#db.prepare("DELETE FROM entries WHERE seq < ?").run(first);
    });
    const trimmed = first - this.#first;
    this.#first = first;
    return trimmed;
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    this.#watchers.add(listener);
    return { [Symbol.dispose]: () => void this.#watchers.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#index[Symbol.dispose]();
    const searcher = this.#searcher;
    this.#searcher = undefined;
    await searcher?.[Symbol.asyncDispose]();
    if (this.#db.isOpen) {
      if (!this.#broken) this.#mark?.write(this.epoch, this.#last);
      this.#writeAhead?.[Symbol.dispose]();
      this.#db.close();
      this.#files?.[Symbol.dispose]();
    }
  }

  async #search(
    words: readonly string[],
    { from, after = 0, before = Infinity, limit }: Search,
    signal: AbortSignal,
  ): Promise<Found> {
    // Nothing that is not on the disk yet is shown, though it can be read.
    const end = Math.min(before, this.#last + 1);
    const first = Math.max(this.#first, after + 1);
    const query = {
      words,
      ...(from !== undefined && { from: fold(from) }),
      first,
      end,
      indexed: this.#index.indexed,
      limit,
    };
    if (signal.aborted) return { entries: [], unfinished: end };
    const searcher = this.#broken ? undefined : this.#searcher;
    if (searcher) {
      try {
        return await searcher.search(query, signal);
      } catch (error) {
        if (signal.aborted) return { entries: [], unfinished: end };
        this.#report("cannot search beside the traffic; searching takes its time now", error);
        this.#searcher = undefined;
        await searcher[Symbol.asyncDispose]();
      }
    }
    return await search(this.#db, query, { loop: this.#clock, signal });
  }

  /** Notes how far the log has come; or that one of its files was lost. */
  #look(lost: string | undefined): void {
    if (this.#broken) return;
    if (lost === undefined) return this.#mark?.write(this.epoch, this.#last);
    this.#break(
      `${lost} was removed or replaced while it was open; nothing is stored until a restart, and ` +
        "until then the history can still be read from this server",
    );
  }

  async #sync(writeAhead: WriteAheadLog): Promise<void> {
    try {
      await writeAhead.sync();
    } catch (cause) {
      // The kernel forgets what it could not write, and the next sync would succeed without it.
      const { message } = cause as Error;
      this.#break(`the disk failed (${message}); nothing is stored until a restart`, cause);
    }
    if (this.#broken) throw this.#broken;
  }

  #break(why: string, cause?: unknown): void {
    this.#broken ??= new Error(why, { cause });
    this.#report(why);
  }

  /** Stores an entry; or returns the seq of the one its sender has used the id for. */
  #insertNew(
    seq: number,
    at: number,
    { type, sender, id, from, text }: MessageDraft | TopicDraft,
  ): number | undefined {
    const { changes } = type === undefined || type === "message"
      ? this.#insert.run(seq, at, sender, id ?? null, from, text)
      : this.#insertKind.run(seq, at, sender, id ?? null, from, text, type);
    return changes === 1 ? undefined : (this.#find.get(sender, id!) as { seq: number }).seq;
  }

  /** The seq of a trimmed entry; where nothing was ever trimmed, nobody has to look. */
  #forgotten(sender: string, id: string | undefined): number | undefined {
    if (id === undefined || this.#first === 1) return undefined;
    return (this.#findForgotten.get(sender, id) as { seq: number } | undefined)?.seq;
  }
}
