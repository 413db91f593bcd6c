import type { DatabaseSync } from "node:sqlite";
import type { EventLoop } from "../../../base/event_loop.ts";
import type { Message } from "../../../model/message.ts";
import { fold } from "../../../model/search/fold.ts";
import type { Found, Search } from "../../log.ts";
import type { Pages } from "../pages.ts";
import { search, wordsOf } from "./search.ts";
import { SearchLine } from "./search_line.ts";
import { type SearchedFile, SearchWorker } from "./search_worker.ts";

/** What of the log can be found now. */
export interface Searchable {
  readonly first: number;
  readonly last: number;
  /** Up to which seq texts are in the index. */
  readonly indexed: number;
}

export interface SearchingOptions {
  readonly loop: EventLoop;
  readonly pages: Pages;
  /** The file, where another thread can read beside this one. */
  readonly file: SearchedFile | undefined;
  readonly report: (what: string, error?: unknown) => void;
}

/** The searches of a log: a few at a time, beside the traffic; what they find is as it is when they end. */
export class Searching implements AsyncDisposable {
  readonly #db: DatabaseSync;
  readonly #options: SearchingOptions;
  readonly #line = new SearchLine();
  readonly #closing = new AbortController();
  #worker: SearchWorker | undefined;
  /** What has changed while a search goes on, of each that does. */
  readonly #changedMeanwhile = new Set<Set<number>>();

  constructor(db: DatabaseSync, options: SearchingOptions) {
    this.#db = db;
    this.#options = options;
    if (options.file) this.#worker = new SearchWorker(options.file);
  }

  /** Some messages are not what they were. */
  changed(seqs: Iterable<number>): void {
    if (this.#changedMeanwhile.size === 0) return;
    const changed = [...seqs];
    for (const each of this.#changedMeanwhile) {
      for (const seq of changed) each.add(seq);
    }
  }

  /** The file cannot be read by others any more. */
  async stopWorker(): Promise<void> {
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.[Symbol.asyncDispose]();
  }

  async search(wanted: Search, searchable: () => Searchable): Promise<Found> {
    const words = wordsOf(wanted.query);
    const { from, after, before } = wanted;
    const isEverything = [from, after, before].every((filter) => filter === undefined);
    if (words.length === 0 && isEverything) return { entries: [] };
    const signal = wanted.signal
      ? AbortSignal.any([wanted.signal, this.#closing.signal])
      : this.#closing.signal;
    return await this.#line.run(async () => {
      const changed = new Set(this.#options.pages.replaced.keys());
      this.#changedMeanwhile.add(changed);
      try {
        const found = await this.#search(words, wanted, searchable(), signal);
        return changed.size > 0 ? { ...found, entries: this.#now(found.entries, changed) } : found;
      } finally {
        this.#changedMeanwhile.delete(changed);
      }
    }, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.stopWorker();
  }

  async #search(
    words: readonly string[],
    { from, after = 0, before = Infinity, limit }: Search,
    searchable: Searchable,
    signal: AbortSignal,
  ): Promise<Found> {
    const { loop, report } = this.#options;
    // Nothing that is not on the disk yet is shown, though it can be read.
    const end = Math.min(before, searchable.last + 1);
    const first = Math.max(searchable.first, after + 1);
    const query = {
      words,
      ...(from !== undefined && { from: fold(from) }),
      first,
      end,
      indexed: searchable.indexed,
      limit,
    };
    if (signal.aborted) return { entries: [], unfinished: end };
    if (this.#worker) {
      try {
        return await this.#worker.search(query, signal);
      } catch (error) {
        if (signal.aborted) return { entries: [], unfinished: end };
        report("cannot search beside the traffic; searching takes its time now", error);
        await this.stopWorker();
      }
    }
    return await search(this.#db, query, { loop, signal });
  }

  /** What was found, as it is now: some of it has changed since the search began. */
  #now(found: readonly Message[], changed: ReadonlySet<number>): Message[] {
    const now: Message[] = [];
    for (const each of found) {
      if (!changed.has(each.seq)) {
        now.push(each);
        continue;
      }
      const message = this.#options.pages.message(each.seq);
      if (message && !message.deleted) now.push(message);
    }
    return now;
  }
}
