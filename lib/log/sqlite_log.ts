import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventLoop } from "../base/event_loop.ts";
import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";
import type { Found, Log, MessageRange, ReadRange, Search } from "./log.ts";
import type { Draft } from "../model/draft.ts";
import { type Entry, type Message, type Outcome, textOf, type Topic } from "../model/message.ts";
import { fold } from "../model/search/fold.ts";
import { Erasure } from "./sqlite/erasing/erasure.ts";
import { openDatabase, transaction } from "./sqlite/file.ts";
import { FileWatch } from "./sqlite/file_watch.ts";
import { HighWaterMark } from "./sqlite/high_water_mark.ts";
import { COLUMNS, IS_MESSAGE, readTopic, toEntry } from "./sqlite/rows.ts";
import { search, wordsOf } from "./sqlite/search.ts";
import { SearchIndex } from "./sqlite/search_index.ts";
import { SearchLine } from "./sqlite/search_line.ts";
import { SearchWorker } from "./sqlite/search_worker.ts";
import { BatchWriter } from "./sqlite/storing/batch.ts";
import { Trimmer } from "./sqlite/storing/trimmer.ts";
import { deferSync, type WriteAheadLog } from "./sqlite/write_ahead.ts";

/** As far back somebody's last message is looked for: a few milliseconds. */
const LOOKED_BACK = 10_000;

const NOTHING: ReadonlyMap<number, Entry> = new Map();

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
  readonly #writer: BatchWriter;
  readonly #trimmer: Trimmer;
  readonly #findMessage: StatementSync;
  readonly #findFile: StatementSync;
  readonly #findLastOf: StatementSync;
  readonly #readAfter: StatementSync;
  readonly #readBefore: StatementSync;
  readonly #messagesAfter: StatementSync;
  readonly #messagesBefore: StatementSync;
  readonly #index: SearchIndex;
  readonly #erasure: Erasure;
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
  /** Entries that have been changed on their way to the disk, as they were: until then nobody sees it. */
  #replaced = NOTHING;
  /** What has changed while a search goes on, of each that does. */
  readonly #changedMeanwhile = new Set<Set<number>>();

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
    const file = path === ":memory:" ? undefined : path;
    this.#erasure = new Erasure(db, clock, { path: file, report });
    this.#writer = new BatchWriter(db, {
      onText: (seq, text) => this.#index.replace(seq, text),
      onDelete: (seq) => this.#erasure.note(this.#index.has(seq)),
    });
    this.#trimmer = new Trimmer(db);
    this.#findMessage = this.#db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq = ? AND ${IS_MESSAGE}`,
    );
    this.#findFile = this.#db.prepare("SELECT 1 FROM files WHERE file = ? LIMIT 1");
    this.#findLastOf = this.#db.prepare(
      `SELECT seq FROM entries WHERE seq > ? AND seq <= ? AND sender = ? AND ${IS_MESSAGE}
       AND (fields IS NULL OR fields ->> 'deleted' IS NULL) ORDER BY seq DESC LIMIT 1`,
    );
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

  async append(drafts: readonly Draft[]): Promise<readonly Outcome[]> {
    if (this.#broken) throw this.#broken;
    const at = Math.max(this.#clock.now(), this.#lastAt);
    const begunAt = this.#clock.monotonic();
    const start = { first: this.#first, last: this.#last, at };
    const { outcomes, entries, replaced } = transaction(
      this.#db,
      () => this.#writer.write(drafts, start),
    );
    if (entries.length > 0) {
      const committedAt = this.#clock.monotonic();
      this.commits.observe(committedAt - begunAt);
      this.#replaced = replaced;
      for (const changed of this.#changedMeanwhile) {
        for (const seq of replaced.keys()) changed.add(seq);
      }
      // Until then nobody sees what was committed.
      if (this.#writeAhead) {
        await this.#sync(this.#writeAhead);
        this.syncs.observe(this.#clock.monotonic() - committedAt);
      }
      this.#replaced = NOTHING;
      this.#last += entries.length;
      this.#lastAt = at;
      this.#topic = entries.findLast((entry) => entry.type === "topic") ?? this.#topic;
      for (const watcher of this.#watchers) watcher(entries);
      this.#index.grow(this.#last);
    }
    return outcomes;
  }

  // deno-lint-ignore require-await -- async, so that what SQLite throws is a rejection
  async read(range: ReadRange): Promise<readonly Entry[]> {
    if ("before" in range) {
      const before = Math.min(range.before, this.#last + 1);
      return this.#readBefore.all(before, range.limit).map(this.#toEntry).reverse();
    }
    const entries: Entry[] = [];
    let characters = range.characters ?? Infinity;
    for (const row of this.#readAfter.iterate(range.after, this.#last, range.limit)) {
      const entry = this.#toEntry(row);
      entries.push(entry);
      characters -= textOf(entry).length + ((row.fields as string | null)?.length ?? 0);
      if (characters <= 0) break;
    }
    return entries;
  }

  // deno-lint-ignore require-await -- as above
  async readMessages(range: MessageRange): Promise<readonly Message[]> {
    if ("after" in range) {
      return this.#messagesAfter.all(range.after, this.#last, range.limit).map(this.#toMessage);
    }
    const before = Math.min(range.before, this.#last + 1);
    return this.#messagesBefore.all(before, range.limit).map(this.#toMessage).reverse();
  }

  async search(wanted: Search): Promise<Found> {
    const words = wordsOf(wanted.query);
    const { from, after, before } = wanted;
    const isEverything = [from, after, before].every((filter) => filter === undefined);
    if (words.length === 0 && isEverything) return { entries: [] };
    const signal = wanted.signal
      ? AbortSignal.any([wanted.signal, this.#closing.signal])
      : this.#closing.signal;
    return await this.#searches.run(async () => {
      const changed = new Set(this.#replaced.keys());
      this.#changedMeanwhile.add(changed);
      try {
        const found = await this.#search(words, wanted, signal);
        return changed.size > 0 ? { ...found, entries: this.#now(found.entries, changed) } : found;
      } finally {
        this.#changedMeanwhile.delete(changed);
      }
    }, signal);
  }

  // deno-lint-ignore require-await -- as above
  async lastMessageOf(sender: string): Promise<number | undefined> {
    const row = this.#findLastOf.get(this.#last - LOOKED_BACK, this.#last, sender);
    return row?.seq as number | undefined;
  }

  // deno-lint-ignore require-await -- as above
  async hasFile(id: string): Promise<boolean> {
    if (this.#findFile.get(id)) return true;
    for (const entry of this.#replaced.values()) {
      if (entry.type === "message" && entry.files?.some((file) => file.id === id)) return true;
    }
    return false;
  }

  // deno-lint-ignore require-await -- as above
  async trim(before: number, limit: number): Promise<number> {
    if (this.#broken) throw this.#broken;
    const first = Math.min(before, this.#first + limit, this.#last);
    if (first <= this.#first) return 0;
    transaction(this.#db, () => {
      this.#index.trim(first);
      this.#trimmer.trim(first);
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
    this.#erasure.stop();
    const searcher = this.#searcher;
    this.#searcher = undefined;
    await searcher?.[Symbol.asyncDispose]();
    if (this.#db.isOpen) {
      if (!this.#broken) this.#mark?.write(this.epoch, this.#last);
      this.#writeAhead?.[Symbol.dispose]();
      this.#db.close();
      this.#erasure[Symbol.dispose]();
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

  /** What was found, as it is now: some of it has changed since the search began. */
  #now(found: readonly Message[], changed: ReadonlySet<number>): Message[] {
    const now: Message[] = [];
    for (const each of found) {
      if (!changed.has(each.seq)) {
        now.push(each);
        continue;
      }
      const row = this.#findMessage.get(each.seq);
      const message = row && this.#toMessage(row);
      if (message && !message.deleted) now.push(message);
    }
    return now;
  }

  readonly #toEntry = (row: Record<string, unknown>): Entry =>
    this.#replaced.get(row.seq as number) ?? toEntry(row);

  readonly #toMessage = (row: Record<string, unknown>): Message => this.#toEntry(row) as Message;
}
