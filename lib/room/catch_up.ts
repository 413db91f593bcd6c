import type { EventLoop } from "../base/event_loop.ts";
import type { Log } from "../log/log.ts";
import type { Batch } from "../model/events.ts";
import { allChangedBy, allTrimmedTo } from "../model/change.ts";
import { type Change, type Entry, isChange } from "../model/message.ts";
import { sizeOf, type Tail } from "./tail.ts";

/**
 * One step of catching up: some 20 KB as people write, read in a fraction of a millisecond, and never
 * much more than a connection may have unsent.
 */
export const PAGE = 200;
const PAGE_CHARACTERS = 64 * 1024;

/**
 * The share of one turn of the event loop, a millisecond or two: so many pages are read and encoded,
 * and so many handed over and written. In between, what has come in is stored and sent.
 */
export const READS_A_TURN = 4;
export const PAGES_A_TURN = 16;

/**
 * What is kept of the pages read last, for readers that will soon be there: with one encoding of each
 * beside it, some 10 MB whatever people write, and with all six some 30 MB, however many read.
 */
const KEPT_PAGES = 128;
const KEPT_CHARACTERS = 1_000_000;
/** Pages that nobody has asked for in this time are dropped. */
const KEPT_MS = 5_000;

/**
 * Entries that follow each other, at least one unless there is none. Readers at the same place are
 * given the same page, by identity, so that what is made of it for one serves all.
 */
export interface Page extends Batch {
  readonly events: readonly Entry[];
}

interface Kept {
  /** The promise until it has been read. */
  page: Page | Promise<Page>;
  /** The newest entry there was when it was asked for. */
  readonly newest: number;
  /** The oldest entry there was when it was last handed out. */
  first: number;
  /** What has been changed while it is read. */
  readonly changes: Change[];
  characters: number;
}

interface Waiting {
  readonly after: number;
  readonly resolve: (page: Page | Promise<Page>) => void;
}

/**
 * Hands out pages of the log to the readers that are behind: however many they are, a bounded number
 * in each turn of the event loop, the reader that has waited longest first. A page that several of
 * them need is read once. Pages end at multiples of `PAGE`, so that readers that began at different
 * places soon need the same ones.
 */
export class CatchUp implements Disposable {
  readonly #log: Log;
  readonly #tail: Tail;
  readonly #loop: EventLoop;
  /** By the seq before it; the one handed out last is the last. */
  readonly #kept = new Map<number, Kept>();
  #characters = 0;
  /** By the reader; the one that has waited longest is the first. */
  readonly #waiting = new Map<object, Waiting>();
  #readsLeft = READS_A_TURN;
  #pagesLeft = PAGES_A_TURN;
  /** Whether a turn has been asked for, that gives another share. */
  #turning = false;
  #forgetting: Disposable | undefined;
  /** A page was handed out since the last look. */
  #used = false;
  #disposed = false;
  readonly #watching: Disposable;

  constructor(log: Log, tail: Tail, loop: EventLoop) {
    this.#log = log;
    this.#tail = tail;
    this.#loop = loop;
    this.#watching = log.watch((entries) => this.#change(entries.filter(isChange)));
  }

  /**
   * What comes after a seq that is not the newest: at once, or when it is the reader's turn. Where the entry after
   * it is no longer kept, the page begins later. Rejects where the log cannot be read. A reader waits
   * for one page at a time.
   */
  page(after: number, reader: object): Page | Promise<Page> {
    const page = this.#waiting.size === 0 ? this.#take(after) : undefined;
    return page ?? new Promise((resolve) => this.#waiting.set(reader, { after, resolve }));
  }

  /** A reader that waits for its turn has ended: it is given an empty page. */
  forget(reader: object): void {
    const waiting = this.#waiting.get(reader);
    if (!waiting) return;
    this.#waiting.delete(reader);
    waiting.resolve({ events: [], seq: waiting.after });
  }

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#watching[Symbol.dispose]();
    this.#forgetting?.[Symbol.dispose]();
    this.#kept.clear();
  }

  /** The page, if the share of this turn has room for it. */
  #take(after: number): Page | Promise<Page> | undefined {
    if (this.#pagesLeft === 0) return undefined;
    let kept = this.#find(after);
    if (!kept) {
      if (this.#readsLeft === 0) return undefined;
      this.#readsLeft--;
      kept = this.#read(after);
    }
    this.#pagesLeft--;
    this.#used = true;
    if (!this.#turning) {
      this.#turning = true;
      this.#loop.giveWay(() => this.#turn(), "pages of the history");
    }
    return kept.page;
  }

  #turn(): void {
    this.#turning = false;
    this.#readsLeft = READS_A_TURN;
    this.#pagesLeft = PAGES_A_TURN;
    for (const [reader, { after, resolve }] of this.#waiting) {
      if (this.#pagesLeft === 0) return;
      const page = this.#take(after);
      if (!page) continue; // a reader behind it may need one that is kept
      this.#waiting.delete(reader);
      resolve(page);
    }
  }

  /** A page that is kept, and still is what the log has there. */
  #find(after: number): Kept | undefined {
    const kept = this.#kept.get(after);
    if (!kept) return undefined;
    const { page, newest } = kept;
    const isTrimmed = this.#log.first > after + 1;
    // It ended where the log did.
    const hasGrown = !(page instanceof Promise) && page.seq >= newest && page.seq < this.#tail.seq;
    this.#kept.delete(after);
    if (isTrimmed || hasGrown) {
      this.#characters -= kept.characters;
      return undefined;
    }
    this.#kept.set(after, kept);
    if (!(page instanceof Promise) && kept.first < this.#log.first) {
      kept.first = this.#log.first;
      this.#replace(kept, page, allTrimmedTo(page.events, kept.first));
    }
    return kept;
  }

  #read(after: number): Kept {
    const newest = this.#tail.seq;
    // What is left fits in one page, or the page ends where those of others do.
    const limit = newest - after <= PAGE ? PAGE : PAGE - after % PAGE;
    const { first } = this.#log;
    const entries = this.#tail.entries(after, limit);
    const changes: Change[] = [];
    const kept: Kept = {
      page: entries
        ? pageOf(after, allTrimmedTo(entries, first))
        : this.#readLog(after, limit, changes),
      newest,
      first,
      changes,
      characters: 0,
    };
    this.#kept.set(after, kept);
    if (kept.page instanceof Promise) {
      kept.page.then(
        (page) => this.#keep(after, kept, page),
        () => this.#drop(after, kept), // the readers are told
      );
    } else {
      this.#keep(after, kept, kept.page);
    }
    return kept;
  }

  async #readLog(after: number, limit: number, changes: readonly Change[]): Promise<Page> {
    const entries = await this.#log.read({ after, limit, characters: PAGE_CHARACTERS });
    return pageOf(after, allChangedBy(entries, changes));
  }

  /** Pages are told as they are from now on: what is kept as other pages, what is read when it comes. */
  #change(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const kept of this.#kept.values()) {
      const { page } = kept;
      if (page instanceof Promise) {
        kept.changes.push(...changes);
        continue;
      }
      this.#replace(kept, page, allChangedBy(page.events, changes));
    }
  }

  /** What was made of the old page for its readers is the old page's. */
  #replace(kept: Kept, { events: before, seq }: Page, events: readonly Entry[]): void {
    if (events === before) return;
    kept.page = { events, seq };
    this.#characters += charactersOf(events) - kept.characters;
    kept.characters = charactersOf(events);
  }

  #keep(after: number, kept: Kept, page: Page): void {
    if (this.#disposed || this.#kept.get(after) !== kept) return;
    kept.page = page;
    kept.characters = charactersOf(page.events);
    this.#characters += kept.characters;
    for (const [after, oldest] of this.#kept) {
      if (this.#characters <= KEPT_CHARACTERS && this.#kept.size <= KEPT_PAGES) break;
      if (!(oldest.page instanceof Promise)) this.#drop(after, oldest);
    }
    this.#forgetting ??= this.#loop.after(KEPT_MS, () => this.#forget());
  }

  #drop(after: number, kept: Kept): void {
    if (this.#kept.get(after) !== kept) return;
    this.#kept.delete(after);
    this.#characters -= kept.characters;
  }

  /** Drops what nobody has needed for a while. */
  #forget(): void {
    this.#forgetting = undefined;
    if (!this.#used) {
      for (const [after, kept] of this.#kept) this.#drop(after, kept);
    }
    this.#used = false;
    if (this.#kept.size > 0) {
      this.#forgetting = this.#loop.after(KEPT_MS, () => this.#forget());
    }
  }
}

/** As many of the entries as a page holds. */
function pageOf(after: number, entries: readonly Entry[]): Page {
  let characters = 0;
  let size = 0;
  for (const entry of entries) {
    characters += sizeOf(entry);
    if (size > 0 && characters > PAGE_CHARACTERS) break;
    size++;
  }
  const events = size === entries.length ? entries : entries.slice(0, size);
  return { events, seq: events.at(-1)?.seq ?? after };
}

function charactersOf(entries: readonly Entry[]): number {
  let sum = 0;
  for (const entry of entries) sum += sizeOf(entry);
  return sum;
}
