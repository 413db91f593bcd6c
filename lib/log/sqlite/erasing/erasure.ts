import type { DatabaseSync } from "node:sqlite";
import type { EventLoop } from "../../../base/event_loop.ts";
import { FreeSpace } from "./free_space.ts";

/** After a delete, others may follow it: what they leave behind is erased with it. */
const WAIT_MS = 10_000;
/** Pages of the index written anew in one go, a millisecond or so. */
const MERGE_PAGES = 16;
/** Between two steps. */
const PAUSE_MS = 5;
/** Between two tries to empty the write-ahead log, which somebody who reads keeps from it. */
const RETRY_MS = 500;

export interface ErasureOptions {
  /** The file; undefined in memory. */
  readonly path: string | undefined;
  readonly report: (what: string, error: unknown) => void;
}

/**
 * Takes what was deleted out of the file, within a minute and in steps beside the traffic. A row is
 * overwritten at once (`secure_delete`); left are
 *
 * - the index, where a text that was removed stays in the segments that have it until these are merged:
 *   all of them are, into one without it. That writes the whole index anew, 0.45 KB and 7 µs for each
 *   message of 100 bytes; above some 1.5 million it takes longer than the minute;
 * - the write-ahead log, with all that was written since it was emptied last. An export or a backup that
 *   reads the file meanwhile keeps it until it has ended;
 * - copies of rows in the free space of pages, see `FreeSpace`.
 *
 * What is to be done is noted in the file, so that the next start does what this process could not.
 */
export class Erasure implements Disposable {
  readonly #db: DatabaseSync;
  readonly #clock: EventLoop;
  readonly #report: ErasureOptions["report"];
  readonly #note;
  readonly #changes;
  readonly #merge;
  readonly #space: FreeSpace | undefined;
  #timer: Disposable | undefined;
  /** From the first step to the last; each says when the next one is due. */
  #running: Generator<number> | undefined;
  /** What was deleted since the first step may have been missed by it. */
  #again = false;
  /** Since the last step was in vain: said once. */
  #failing = false;

  constructor(db: DatabaseSync, clock: EventLoop, { path, report }: ErasureOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#report = report;
    this.#note = db.prepare(
      `INSERT INTO meta VALUES ('erase', ?)
       ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`,
    );
    this.#changes = db.prepare("SELECT total_changes() AS count");
    this.#merge = db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)");
    this.#space = path === undefined ? undefined : new FreeSpace(db, path);
    if (this.#pending !== undefined) this.#later(WAIT_MS);
  }

  /** Something is deleted, and was in the index or was not; within the caller's transaction. */
  note(wasIndexed: boolean): void {
    this.#note.run(wasIndexed ? 1 : 0);
    if (this.#running) this.#again = true;
    else this.#later(WAIT_MS);
  }

  /** Goes on at the next start. */
  stop(): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** After it was stopped, and the database closed. */
  [Symbol.dispose](): void {
    this.#space?.[Symbol.dispose]();
  }

  /** 1 where the index is concerned, 0 where the write-ahead log alone is. */
  get #pending(): number | undefined {
    return this.#db.prepare("SELECT value FROM meta WHERE key = 'erase'").get()?.value as number;
  }

  #later(ms: number): void {
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = undefined;
      try {
        this.#running ??= this.#erase();
        const { value, done } = this.#running.next();
        if (done) this.#running = undefined;
        if (!done) this.#later(value);
        else if (this.#again) this.#later(WAIT_MS);
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#report("cannot erase what was deleted yet", error);
        this.#failing = true;
        this.#running = undefined;
        this.#later(WAIT_MS);
      }
    }, "erasing what was deleted");
  }

  *#erase(): Generator<number> {
    this.#again = false;
    if (this.#pending === 1) {
      // All segments are inputs from here on, also where there is one alone with something removed.
      this.#mergeSome(-MERGE_PAGES);
      do yield PAUSE_MS; while (this.#mergeSome(MERGE_PAGES));
    }
    yield* this.#emptied();
    if (this.#space) yield* this.#cleaned(this.#space);
    if (!this.#again) this.#db.exec("DELETE FROM meta WHERE key = 'erase'");
  }

  *#emptied(): Generator<number> {
    while (!this.#emptyWriteAhead()) yield RETRY_MS;
  }

  *#cleaned(space: FreeSpace): Generator<number> {
    let hasCleaned = false;
    for (let from: number | undefined = 1; from !== undefined;) {
      const { unclean, next } = space.look(from);
      for (const page of unclean) {
        yield* this.#emptied();
        space.clean(page);
        hasCleaned = true;
      }
      from = next;
      yield PAUSE_MS;
    }
    if (hasCleaned) yield* this.#emptied();
  }

  /** Whether there was anything to merge. */
  #mergeSome(pages: number): boolean {
    const before = this.#changes.get()!.count as number;
    this.#merge.run(pages);
    // The merge itself is one change, as FTS5 counts.
    return this.#changes.get()!.count as number - before >= 2;
  }

  /** Whether nothing is in it any more. Nobody waits for those who read. */
  #emptyWriteAhead(): boolean {
    this.#db.exec("PRAGMA busy_timeout = 0");
    try {
      // Most is copied before others are kept from writing.
      this.#db.exec("PRAGMA wal_checkpoint(PASSIVE)");
      return this.#db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get()!.busy === 0;
    } finally {
      this.#db.exec("PRAGMA busy_timeout = 5000");
    }
  }
}
