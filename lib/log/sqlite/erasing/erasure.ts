import type { DatabaseSync } from "node:sqlite";
import type { EventLoop } from "../../../base/event_loop.ts";

/** After a delete, others may follow it: what they leave behind is erased with it. */
const WAIT_MS = 10_000;
/** Pages of the index written anew in one go, a millisecond or so, and between two. */
const MERGE_PAGES = 16;
const PAUSE_MS = 5;
/** Between two tries to empty the write-ahead log, which somebody who reads keeps from it. */
const RETRY_MS = 500;

export interface ErasureOptions {
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
 *   reads the file meanwhile keeps it until it has ended.
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
  #timer: Disposable | undefined;
  /** From the first step to the last. */
  #running = false;
  /** What was deleted since the first step may have been missed by it. */
  #again = false;
  /** Since the last step was in vain: said once. */
  #failing = false;

  constructor(db: DatabaseSync, clock: EventLoop, { report }: ErasureOptions) {
    this.#db = db;
    this.#clock = clock;
    this.#report = report;
    this.#note = db.prepare(
      `INSERT INTO meta VALUES ('erase', ?)
       ON CONFLICT DO UPDATE SET value = max(value, excluded.value)`,
    );
    this.#changes = db.prepare("SELECT total_changes() AS count");
    this.#merge = db.prepare("INSERT INTO words (words, rank) VALUES ('merge', ?)");
    if (this.#pending !== undefined) this.#later(WAIT_MS);
  }

  /** Something is deleted, and was in the index or was not; within the caller's transaction. */
  note(wasIndexed: boolean): void {
    this.#note.run(wasIndexed ? 1 : 0);
    if (this.#running) this.#again = true;
    else this.#later(WAIT_MS);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** 1 where the index is concerned, 0 where the write-ahead log alone is. */
  get #pending(): number | undefined {
    return this.#db.prepare("SELECT value FROM meta WHERE key = 'erase'").get()?.value as number;
  }

  #later(ms: number): void {
    this.#timer ??= this.#clock.after(ms, () => {
      this.#timer = undefined;
      try {
        this.#step();
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#report("cannot erase what was deleted yet", error);
        this.#failing = true;
        this.#running = false;
        this.#later(WAIT_MS);
      }
    }, "erasing what was deleted");
  }

  #step(): void {
    if (!this.#running) {
      this.#running = true;
      this.#again = false;
      // All segments are inputs from here on, also where there is one alone with something removed.
      if (this.#pending === 1) this.#mergeSome(-MERGE_PAGES);
      return this.#later(PAUSE_MS);
    }
    if (this.#pending === 1 && this.#mergeSome(MERGE_PAGES)) return this.#later(PAUSE_MS);
    if (!this.#emptyWriteAhead()) return this.#later(RETRY_MS);
    this.#running = false;
    if (this.#again) return this.#later(WAIT_MS);
    this.#db.exec("DELETE FROM meta WHERE key = 'erase'");
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
