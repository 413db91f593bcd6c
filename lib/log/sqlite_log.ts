import type { DatabaseSync } from "node:sqlite";
import type { EventLoop } from "../base/event_loop.ts";
import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";
import type { Found, KeptLog, MessageRange, ReadRange, Search } from "./log.ts";
import type { Draft } from "../model/draft.ts";
import type { Entry, Message, Outcome, Topic } from "../model/message.ts";
import { Erasure } from "./sqlite/erasing/erasure.ts";
import { openDatabase, transaction } from "./sqlite/file.ts";
import { FileWatch } from "./sqlite/file_watch.ts";
import { HighWaterMark } from "./sqlite/high_water_mark.ts";
import { CopyRows } from "./sqlite/copy/rows.ts";
import { Pages } from "./sqlite/pages.ts";
import { readTopic, writeKeptTopic } from "./sqlite/rows.ts";
import { SearchIndex } from "./sqlite/searching/search_index.ts";
import { Searching } from "./sqlite/searching/searching.ts";
import {
  type BatchStart,
  BatchWriter,
  type Placed,
  type StoredBatch,
} from "./sqlite/storing/batch.ts";
import { Trimmer, type UsedId } from "./sqlite/storing/trimmer.ts";
import { deferSync, type WriteAheadLog } from "./sqlite/write_ahead.ts";

export interface SqliteLogOptions {
  /** A file that tells how far the log had come, so that one that was put back is noticed. */
  readonly mark?: string;
  /** The file is a copy of the log with that epoch: it is given what is stored by `put` alone. */
  readonly copyOf?: string;
  /** Told once of each thing that the operator must know, in one line. */
  readonly report?: (what: string, error?: unknown) => void;
  /** For tests of disks that are slow, or fail. */
  readonly defer?: typeof deferSync;
}

/** The log in an SQLite file; `:memory:` is one that is gone when closed. */
export class SqliteLog implements KeptLog {
  readonly epoch: string;
  readonly appendsAtOnce = 1;
  /** How long transactions of messages took, without the sync, in milliseconds. To be read. */
  readonly commits = new Histogram(MS_BOUNDS);
  /** How long it then took until they were on the disk. */
  readonly syncs = new Histogram(MS_BOUNDS);
  readonly #db: DatabaseSync;
  readonly #clock: EventLoop;
  readonly #writeAhead: WriteAheadLog | undefined;
  readonly #writer: BatchWriter;
  readonly #trimmer: Trimmer;
  readonly #pages: Pages;
  readonly #index: SearchIndex;
  readonly #erasure: Erasure;
  readonly #searching: Searching;
  readonly #files: FileWatch | undefined;
  readonly #mark: HighWaterMark | undefined;
  readonly #report: (what: string, error?: unknown) => void;
  readonly #watchers = new Set<(entries: readonly Entry[]) => void>();
  #first: number;
  #last: number;
  #lastAt: number;
  #topic: Topic | undefined;
  #broken: Error | undefined;
  #rows: CopyRows | undefined;

  /**
   * Opens the file, or makes it. Throws a StartupError where it cannot be opened, is no database of
   * ours, is damaged, or was written by a newer version; the file is left as it was. A file whose
   * history is not the one that its epoch was given to gets a new epoch, and that is reported.
   */
  constructor(path: string, clock: EventLoop, options: SqliteLogOptions = {}) {
    const { mark, copyOf, report = () => {}, defer = deferSync } = options;
    this.#clock = clock;
    this.#report = report;
    this.#mark = mark === undefined ? undefined : new HighWaterMark(mark);
    const { db, epoch, change } = openDatabase(path, { seen: this.#mark?.read(), copyOf });
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
    this.#pages = new Pages(db);
    this.#searching = new Searching(db, {
      loop: clock,
      pages: this.#pages,
      // Without a write-ahead log, who reads keeps others from writing.
      file: this.#writeAhead && { path, epoch },
      report,
    });
    if (path === ":memory:") return;
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
    const begunAt = this.#clock.monotonic();
    const start = this.#end();
    const written = transaction(this.#db, () => this.#writer.write(drafts, start));
    if (written.entries.length > 0) {
      const committedAt = this.#clock.monotonic();
      this.commits.observe(committedAt - begunAt);
      this.#pages.replaced = written.replaced;
      this.#searching.changed(written.replaced.keys());
      // Until then nobody sees what was committed.
      if (this.#writeAhead) {
        await this.#sync(this.#writeAhead);
        this.syncs.observe(this.#clock.monotonic() - committedAt);
      }
      this.#pages.settle();
      this.#announce(written);
    }
    return written.outcomes;
  }

  /** What a draft becomes if it comes next; nothing is stored. */
  decide(draft: Draft): Entry | Outcome {
    return this.#writer.decide(draft, this.#end());
  }

  /** The ids that entries before `first` were given by their senders. */
  usedIds(first: number): UsedId[] {
    return this.#trimmer.usedIds(first);
  }

  /** The ids of all entries that are no longer kept. */
  forgottenIds(): UsedId[] {
    return this.#trimmer.forgottenIds();
  }

  /** What others have trimmed that this log may never have had. */
  remember(ids: readonly UsedId[], topic: Topic | undefined): void {
    const isNew = topic !== undefined && topic.seq > (this.#topic?.seq ?? 0);
    transaction(this.#db, () => {
      this.#trimmer.remember(ids);
      if (isNew) writeKeptTopic(this.#db, topic);
    });
    if (isNew) this.#topic = topic;
  }

  /** What a node looks up in a copy. */
  get rows(): CopyRows {
    return this.#rows ??= new CopyRows(this.#db);
  }

  /**
   * Stores entries that were decided elsewhere and come next, each after the one before it: what comes
   * first may leave others out, which are forgotten then, as everything before it. Whatever `more`
   * writes is stored with them. Nobody waits for the disk: what a copy has lost, it is given again.
   */
  put(placed: readonly Placed[], more: () => void = () => {}): void {
    if (this.#broken) throw this.#broken;
    const [{ entry: { seq: next } }] = placed as [Placed];
    const begunAt = this.#clock.monotonic();
    const stored = transaction(this.#db, () => {
      const stored = this.#writer.put(placed.map(this.#inTime()));
      if (next !== this.#last + 1) this.#forget(next);
      more();
      return stored;
    });
    this.commits.observe(this.#clock.monotonic() - begunAt);
    if (next !== this.#last + 1) this.#first = next;
    this.#searching.changed(stored.replaced.keys());
    this.#announce(stored);
  }

  // deno-lint-ignore require-await -- async, so that what SQLite throws is a rejection
  async read(range: ReadRange): Promise<readonly Entry[]> {
    return this.#pages.read(range, this.#last);
  }

  // deno-lint-ignore require-await -- as above
  async readMessages(range: MessageRange): Promise<readonly Message[]> {
    return this.#pages.readMessages(range, this.#last);
  }

  search(wanted: Search): Promise<Found> {
    return this.#searching.search(wanted, () => ({
      first: this.#first,
      last: this.#last,
      indexed: this.#index.indexed,
    }));
  }

  // deno-lint-ignore require-await -- as above
  async lastMessageOf(sender: string): Promise<number | undefined> {
    return this.#pages.lastMessageOf(sender, this.#last);
  }

  // deno-lint-ignore require-await -- as above
  async hasFile(id: string): Promise<boolean> {
    return this.#pages.hasFile(id);
  }

  reach(): Promise<void> {
    return Promise.resolve();
  }

  // deno-lint-ignore require-await -- as above
  async trim(before: number, limit: number): Promise<number> {
    if (this.#broken) throw this.#broken;
    const first = Math.min(before, this.#first + limit, this.#last);
    if (first <= this.#first) return 0;
    transaction(this.#db, () => this.#forget(first));
    const trimmed = first - this.#first;
    this.#first = first;
    return trimmed;
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    this.#watchers.add(listener);
    return { [Symbol.dispose]: () => void this.#watchers.delete(listener) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#index[Symbol.dispose]();
    this.#erasure.stop();
    await this.#searching[Symbol.asyncDispose]();
    if (this.#db.isOpen) {
      if (!this.#broken) this.#mark?.write(this.epoch, this.#last);
      this.#writeAhead?.[Symbol.dispose]();
      this.#db.close();
      this.#erasure[Symbol.dispose]();
      this.#files?.[Symbol.dispose]();
    }
  }

  #end(): BatchStart {
    const at = Math.max(this.#clock.now(), this.#lastAt);
    return { first: this.#first, last: this.#last, at };
  }

  /** Time never runs backwards in a log, whoever has decided. */
  #inTime(): (placed: Placed) => Placed {
    let at = this.#lastAt;
    return (placed) => {
      const { entry } = placed;
      if (entry.at < at) return { ...placed, entry: { ...entry, at } };
      at = entry.at;
      return placed;
    };
  }

  /** Entries before `first`; within a transaction. */
  #forget(first: number): void {
    this.#index.trim(first);
    this.#trimmer.trim(first);
  }

  #announce({ entries }: StoredBatch): void {
    const newest = entries.at(-1)!;
    this.#last = newest.seq;
    this.#lastAt = newest.at;
    this.#topic = entries.findLast((entry) => entry.type === "topic") ?? this.#topic;
    for (const watcher of this.#watchers) watcher(entries);
    this.#index.grow(this.#last);
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
    // Another file may be where this one was.
    this.#searching.stopWorker();
    this.#report(why);
  }
}
