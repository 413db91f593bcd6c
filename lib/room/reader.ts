import type { Log } from "../log/log.ts";
import { locate, type Start } from "../model/cursor.ts";
import { type Batch, type Notice, resetEvent, type RoomEvent } from "../model/events.ts";
import type { CatchUp } from "./catch_up.ts";
import type { Waiter } from "./round_robin.ts";
import { joined, type Tail } from "./tail.ts";

const DONE: Result = { value: undefined, done: true };

type Result = IteratorResult<Batch>;
/** Takes what comes next, or the promise of it while the reader is catching up. */
type Consumer = (result: Result | Promise<Result>) => void;

/** What a reader reads from. */
export interface Source {
  readonly log: Log;
  readonly tail: Tail;
  /** Where a reader that is behind gets its pages. */
  readonly catchUp: CatchUp;
  /** The people who are here, for a reader that may have missed notices. */
  presence(): Notice;
  /** How many entries come after a reset. */
  readonly recent: number;
  /** Told when a reader is closed. */
  ended(reader: Reader): void;
  /** Set when the room is closing: makes the last event of each reader. */
  readonly closing: (() => RoomEvent) | undefined;
}

/**
 * A connection's place in the room: a cursor, not a queue. It yields what comes after the cursor: in
 * pages from the log while it is behind, in the room's own batches once it has caught up, both by
 * identity, so that what is made of them for one reader serves all; `live` marks the seam, and a `presence` follows where notices were missed. It has one consumer,
 * which either iterates or has batches delivered. A reader that is not pulled costs nothing; it loses
 * notices, never entries.
 *
 * It ends after `close()`, or with a `bye` when the room closes; the consumer need not call `return`.
 * A read of the log that fails rejects `next()`, or ends the delivery with the error.
 */
export class Reader implements AsyncIterableIterator<Batch>, Waiter, Disposable {
  readonly #source: Source;
  #seq: number;
  /** Its cursor and this are how many entries it was given: it passed over the others. */
  #uncounted: number;
  /** The number of the last batch of the tail it has seen; undefined while it is catching up. */
  #seen: number | undefined;
  /** While it is catching up: the batch up to which it has had all notices. */
  #noticed: number;
  #wasLive = false;
  #ended = false;
  #finishing = false;
  #lastWord: RoomEvent | undefined;
  /** Events for this reader only. */
  #own: RoomEvent[] = [];
  /** Set while the consumer waits. */
  #consumer: Consumer | undefined;
  #urgent = false;

  constructor(source: Source, start: Start) {
    this.#source = source;
    this.#seq = start.after;
    this.#uncounted = -start.after;
    this.#noticed = source.tail.newest;
  }

  /** Everything up to and including this entry has been yielded. */
  get seq(): number {
    return this.#seq;
  }

  /** How many entries it has been given; nothing is counted with each. */
  get delivered(): number {
    return this.#seq + this.#uncounted;
  }

  /** How many events of its own have not been yielded: a consumer that does not read must be stopped. */
  get backlog(): number {
    return this.#own.length;
  }

  /** While set, it is served before the others are. */
  set urgent(urgent: boolean) {
    this.#urgent = urgent;
    if (urgent && this.#consumer && this.#seen !== undefined) this.#wait(this.#seen);
  }

  /** Yields the event to this reader alone, before anything that is not yet under way. */
  push(event: RoomEvent): void {
    this.#own.push(event);
    // What is pushed in the same turn goes out together: a consumer that waits is answered when the
    // turn's events are all there, not with the first.
    if (this.#own.length === 1) queueMicrotask(() => this.#retry());
  }

  /** Goes on from another place, as a new reader would. */
  seek(start: Start): void {
    this.#moveTo(start.after);
    this.#fallBehind();
    this.#wasLive = false;
    this.#retry();
  }

  /** Ends as soon as everything there is now has been yielded. */
  finish(): void {
    this.#finishing = true;
    this.#retry();
  }

  /** Yields nothing more but this event, and ends. */
  endWith(event: RoomEvent): void {
    this.#lastWord ??= event;
    this.#source.catchUp.forget(this);
    this.#retry();
  }

  /** Ends at once. Idempotent. */
  close(): void {
    this.#ended = true;
    this.#own = [];
    this.#source.catchUp.forget(this);
    this.#source.ended(this);
    this.#retry();
  }

  next(): Promise<Result> {
    return new Promise((resolve) => this.#ask(resolve));
  }

  /**
   * Hands over each batch as it comes: what iterating does, without a promise for each. `write` says
   * whether there may be more, now or later; until then none comes. `end` is called once: when the
   * reader has ended, when `write` has said no, or with what went wrong.
   */
  deliver(
    write: (batch: Batch) => boolean | Promise<boolean>,
    end: (error?: unknown) => void,
  ): void {
    const consumer: Consumer = (result) => {
      if (result instanceof Promise) return void result.then(consumer, end);
      if (result.done) return end();
      let more;
      try {
        more = write(result.value);
      } catch (error) {
        return end(error);
      }
      if (typeof more === "boolean") goOn(more);
      else more.then(goOn, end);
    };
    const goOn = (more: boolean) => more ? this.#ask(consumer) : end();
    this.#ask(consumer);
  }

  [Symbol.dispose](): void {
    this.close();
  }

  return(): Promise<Result> {
    this.close();
    return Promise.resolve(DONE);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** For the tail: it is this reader's turn. */
  wake(): void {
    const consumer = this.#consumer;
    if (!consumer) return; // answered meanwhile: it will ask again
    const result = this.#take(true);
    if (!result && this.#seen !== undefined) return this.#wait(this.#seen); // woken for nothing
    this.#consumer = undefined;
    consumer(result ?? this.#readPage());
  }

  #ask(consumer: Consumer): void {
    const result = this.#take(false);
    if (result) return consumer(result);
    if (this.#seen === undefined) return consumer(this.#readPage());
    this.#consumer = consumer;
    this.#wait(this.#seen);
  }

  #wait(seen: number): void {
    this.#source.tail.wait(this, seen, this.#urgent);
  }

  /** Answers a consumer that waits as if it asked now. */
  #retry(): void {
    const consumer = this.#consumer;
    if (!consumer) return;
    this.#consumer = undefined;
    this.#ask(consumer);
  }

  /** What can be yielded at once; while others are served, only to the reader that is woken. */
  #take(woken: boolean): Result | undefined {
    if (this.#ended) return DONE;
    if (this.#lastWord) {
      this.#ended = true;
      return yielded([this.#lastWord], this.#seq);
    }
    if (this.#seen === undefined) return undefined;
    if (this.#own.length > 0) return yielded(this.#own.splice(0), this.#seq);
    const { tail, closing } = this.#source;
    if (this.#seen === tail.newest) {
      if (this.#finishing) return DONE;
      if (!closing) return undefined;
      this.#ended = true; // there is nothing after it
      return yielded([closing()], this.#seq);
    }
    if (tail.serving && !woken && !this.#urgent) return undefined;
    const serving = tail.serve(this.#seen);
    if (!serving) { // fell out of the tail: from the log again
      this.#fallBehind();
      return undefined;
    }
    this.#seen = serving.number;
    this.#seq = serving.batch.seq;
    return { value: serving.batch, done: false };
  }

  /** To another place, without what lies between. */
  #moveTo(seq: number): void {
    this.#uncounted -= seq - this.#seq;
    this.#seq = seq;
  }

  #fallBehind(): void {
    this.#noticed = this.#seen ?? this.#noticed;
    this.#seen = undefined;
  }

  /** One page nearer to the present. */
  async #readPage(): Promise<Result> {
    const { log, tail, catchUp } = this.#source;
    let from, page;
    do {
      from = this.#seq;
      const asked = from < tail.seq ? catchUp.page(from, this) : undefined;
      page = asked instanceof Promise ? await asked : asked;
      if (this.#ended) return DONE;
    } while (from !== this.#seq); // moved by seek() while reading
    const before: RoomEvent[] = this.#own.splice(0);
    const parts: Batch[] = [];
    if (page && page.events[0]?.seq !== from + 1) {
      // What comes next was trimmed while the reader was away: said, never skipped in silence.
      const start = locate(log, { seq: from }, this.#source.recent);
      before.push(resetEvent(log, start.reset ?? "gap", from));
      this.#moveTo(start.after);
    } else if (page) {
      parts.push(page);
      this.#seq = page.seq;
    }
    if (before.length > 0) {
      parts.unshift({ events: before, seq: parts.length > 0 ? from : this.#seq });
    }
    if (this.#seq === tail.seq) {
      const after = this.#goLive();
      if (after.length > 0) parts.push({ events: after, seq: this.#seq });
    }
    const [only] = parts;
    return parts.length === 1
      ? { value: only!, done: false }
      : { value: joined(parts, this.#seq), done: false };
  }

  /** The reader has all entries; returns what it is told besides. */
  #goLive(): RoomEvent[] {
    const { tail } = this.#source;
    const events: RoomEvent[] = [];
    this.#seen = tail.newest;
    if (!this.#wasLive) events.push({ type: "live", seq: this.#seq });
    if (this.#wasLive || tail.newestNotice > this.#noticed) events.push(this.#source.presence());
    this.#wasLive = true;
    return events;
  }
}

function yielded(events: RoomEvent[], seq: number): Result {
  return { value: { events, seq }, done: false };
}
