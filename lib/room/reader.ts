import { locate, type Start } from "../model/cursor.ts";
import type { Batch, Notice, RoomEvent } from "../model/events.ts";
import type { Log } from "../log/log.ts";
import type { Tail } from "./tail.ts";
import type { Waiter } from "./round_robin.ts";

/**
 * One step of catching up: some 20 KB as people write, read in a fraction of a millisecond, and never
 * much more than a connection may have unsent.
 */
export const PAGE = 200;
const PAGE_CHARACTERS = 64 * 1024;

const DONE: Result = { value: undefined, done: true };

type Result = IteratorResult<Batch>;
/** Takes what comes next, or the promise of it while the reader is catching up. */
type Answer = (result: Result | Promise<Result>) => void;

/** What a reader reads from. */
export interface Source {
  readonly log: Log;
  readonly tail: Tail;
  /** Who is here, for one who may have missed notices. */
  presence(): Notice;
  /** How many entries come after a reset. */
  readonly recent: number;
  /** Set when the room is closing: what a reader is told last. */
  readonly closing: (() => RoomEvent) | undefined;
}

/**
 * A connection's place in the room: a cursor, not a queue. It yields what comes after the cursor,
 * behind in pages from the log, caught up in the room's own batches, by identity; `live` marks the
 * seam, and `presence` says who is here where notices were missed. One consumer, who asks for one at a
 * time or has them delivered. Who does not ask is owed nothing and costs nothing; nothing is lost by
 * it, but notices.
 *
 * It ends after `close()`, or with a `bye` when the room closes; the consumer need not call `return`.
 */
export class Reader implements AsyncIterableIterator<Batch>, Waiter, Disposable {
  readonly #source: Source;
  #seq: number;
  /** The turn it has seen; undefined while it is catching up. */
  #turn: number | undefined;
  /** While it is catching up: the turn up to which it has had all notices. */
  #heard: number;
  #wasLive = false;
  #ended = false;
  #finishing = false;
  /** For this reader only. */
  #own: RoomEvent[] = [];
  /** Set while the consumer waits. */
  #answer: Answer | undefined;
  /** Messages of its own that are being stored. */
  #awaited = 0;

  constructor(source: Source, start: Start) {
    this.#source = source;
    this.#seq = start.after;
    this.#heard = source.tail.turn;
  }

  /** Everything up to and including this entry has been yielded. */
  get seq(): number {
    return this.#seq;
  }

  /** How much is waiting that `tell` was given: one who does not read should not go on asking. */
  get untold(): number {
    return this.#own.length;
  }

  /** Yields the event to this reader alone, before anything that is not yet under way. */
  tell(event: RoomEvent): void {
    this.#own.push(event);
    // What is told in the same turn goes out together: who waits is woken when the turn's answers
    // have all been given, not by the first.
    if (this.#own.length === 1) queueMicrotask(() => this.#retry());
  }

  /** While its own message is being stored, it is told of what there is before the others are. */
  async await<T>(storing: Promise<T>): Promise<T> {
    this.#awaited++;
    if (this.#answer && this.#turn !== undefined) this.#wait(this.#turn);
    try {
      return await storing;
    } finally {
      this.#awaited--;
    }
  }

  /** Goes on from another place, as a new reader would. */
  seek(start: Start): void {
    this.#seq = start.after;
    this.#fallBehind();
    this.#wasLive = false;
    this.#retry();
  }

  /** Ends as soon as everything there is now has been yielded. */
  finish(): void {
    this.#finishing = true;
    this.#retry();
  }

  close(): void {
    this.#ended = true;
    this.#own = [];
    this.#retry();
  }

  next(): Promise<Result> {
    return new Promise((resolve) => this.#ask(resolve));
  }

  /**
   * Hands over each batch as it comes: what iterating does, without a promise for each. `write` says
   * whether there may be more, now or later; until then none comes. `end` is called once, when the
   * reader has ended or `write` has said no, or with what went wrong.
   */
  deliver(
    write: (batch: Batch) => boolean | Promise<boolean>,
    end: (error?: unknown) => void,
  ): void {
    const answer: Answer = (result) => {
      if (result instanceof Promise) return void result.then(answer, end);
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
    const goOn = (more: boolean) => more ? this.#ask(answer) : end();
    this.#ask(answer);
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

  wake(): void {
    const answer = this.#answer;
    if (!answer) return; // told something meanwhile: it will ask again
    const result = this.#take(true);
    if (!result && this.#turn !== undefined) return this.#wait(this.#turn); // woken for nothing
    this.#answer = undefined;
    answer(result ?? this.#advance());
  }

  #ask(answer: Answer): void {
    const result = this.#take(false);
    if (result) return answer(result);
    if (this.#turn === undefined) return answer(this.#advance());
    this.#answer = answer;
    this.#wait(this.#turn);
  }

  #wait(turn: number): void {
    this.#source.tail.wait(this, turn, this.#awaited > 0);
  }

  /** Answers a consumer who waits as if it asked now. */
  #retry(): void {
    const answer = this.#answer;
    if (!answer) return;
    this.#answer = undefined;
    this.#ask(answer);
  }

  /** What can be yielded at once; `isItsTurn`: or would be, if others were not to be told first. */
  #take(isItsTurn: boolean): Result | undefined {
    if (this.#ended) return DONE;
    if (this.#turn === undefined) return undefined;
    if (this.#own.length > 0) return yielded(this.#own.splice(0), this.#seq);
    const { tail, closing } = this.#source;
    if (this.#turn === tail.turn) {
      if (this.#finishing) return DONE;
      if (!closing) return undefined;
      this.#ended = true; // there is nothing after it
      return yielded([closing()], this.#seq);
    }
    if (tail.telling && !isItsTurn && this.#awaited === 0) return undefined;
    const step = tail.after(this.#turn);
    if (!step) { // fell out of the tail: from the log again
      this.#fallBehind();
      return undefined;
    }
    this.#turn = step.turn;
    this.#seq = step.batch.seq;
    return { value: step.batch, done: false };
  }

  #fallBehind(): void {
    this.#heard = this.#turn ?? this.#heard;
    this.#turn = undefined;
  }

  /** One page nearer to the present. */
  async #advance(): Promise<Result> {
    const { log, tail } = this.#source;
    const from = this.#seq;
    const page = tail.entries(from, PAGE) ??
      await log.read({ after: from, limit: PAGE, characters: PAGE_CHARACTERS });
    if (this.#ended) return DONE;
    if (from !== this.#seq) return this.#advance(); // moved by seek() while reading
    const events: RoomEvent[] = this.#own.splice(0);
    if (page.length > 0 ? page[0]!.seq !== from + 1 : from < tail.seq) {
      // What comes next was trimmed while the reader was away: said, never skipped in silence.
      const start = locate(log, { seq: from }, this.#source.recent);
      events.push(resetEvent(log, start, from));
      this.#seq = start.after;
    } else {
      let characters = 0;
      for (const entry of page) {
        characters += entry.text.length;
        if (entry.seq > from + 1 && characters > PAGE_CHARACTERS) break;
        events.push(entry);
        this.#seq = entry.seq;
      }
    }
    if (this.#seq === tail.seq) {
      this.#turn = tail.turn;
      if (!this.#wasLive) events.push({ type: "live", seq: this.#seq });
      if (this.#wasLive || tail.noticed > this.#heard) events.push(this.#source.presence());
      this.#wasLive = true;
    }
    return yielded(events, this.#seq);
  }
}

/** The event that says a cursor was not honoured; `asked` is the seq it had, where it had one. */
export function resetEvent(log: Log, start: Start, asked: number | undefined): RoomEvent {
  return {
    type: "reset",
    reason: start.reset ?? "gap",
    epoch: log.epoch,
    first: log.first,
    last: log.last,
    ...(asked === undefined ? {} : { asked }),
  };
}

function yielded(events: RoomEvent[], seq: number): Result {
  return { value: { events, seq }, done: false };
}
