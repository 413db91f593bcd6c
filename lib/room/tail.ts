import type { EventLoop } from "../base/event_loop.ts";
import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";
import { type Batch, isEntry } from "../model/events.ts";
import { allChangedBy } from "../model/change.ts";
import { type Change, type Entry, isChange, textOf } from "../model/message.ts";
import { RoundRobin, type Waiter } from "./round_robin.ts";

/**
 * What the tail keeps at most: enough that a reader that was away for a moment never touches the
 * disk, and, with three encodings of each text beside it, some 10 MB whatever people write.
 */
const BATCHES = 1024;
const CHARACTERS = 1_000_000;

/** What a joined batch holds at most: no more than one that was stored together, and so one frame. */
const JOINED_WEIGHT = 64 * 1024;

/** What a reader is served: one batch, or several joined, and the number of the last of them. */
export interface Serving {
  readonly batch: Batch;
  readonly number: number;
}

/**
 * The newest batches, numbered 1, 2, 3, … since the start, and the readers that wait for the next. A
 * batch has either entries or notices, so that a reader that comes later can be given the former
 * without the latter. A reader that lacks several is served them joined, by identity: what is made of
 * them for one reader serves all at the same place.
 */
export class Tail {
  #batches: Batch[] = [];
  /** The number of `#batches[0]`. */
  #first = 1;
  #characters = 0;
  #seq: number;
  #newestNotice = 0;
  /** What has been joined up to the newest batch, by the number of the batch before it. */
  readonly #joined = new Map<number, Serving>();
  /** The reader served last could not be given all there is. */
  #servedInPart = false;
  readonly #readers: RoundRobin;

  /** `seq`: the newest entry there was before this tail; `fanOut` counts the time that rounds take. */
  constructor(seq: number, loop: EventLoop, fanOut = new Histogram(MS_BOUNDS)) {
    this.#seq = seq;
    this.#readers = new RoundRobin(loop, fanOut);
  }

  /** The number of the newest batch; 0 before the first. */
  get newest(): number {
    return this.#first + this.#batches.length - 1;
  }

  /** The seq of the newest entry. */
  get seq(): number {
    return this.#seq;
  }

  /** The number of the newest batch of notices; 0 before the first. */
  get newestNotice(): number {
    return this.#newestNotice;
  }

  /** A batch by its number; undefined where it is no longer, or not yet, there. */
  at(number: number): Batch | undefined {
    return this.#batches[number - this.#first];
  }

  /** Whether a round is under way: then it is fair to wait until one is woken. */
  get serving(): boolean {
    return this.#readers.underWay;
  }

  /** Readers take less than there is: to store more now would make no frame larger, and all later. */
  get overfull(): boolean {
    return this.#servedInPart && this.serving;
  }

  push(events: Batch["events"]): void {
    const newest = events.at(-1);
    const isNotice = !newest || !isEntry(newest);
    const before = this.#seq;
    if (!isNotice) {
      this.#seq = newest.seq;
      this.#change(events.filter(isChange));
    }
    const [first] = events;
    if (first && isEntry(first) && first.seq !== before + 1) this.#skip();
    const batch: Batch = { events, seq: this.#seq };
    this.#batches.push(batch);
    if (isNotice) this.#newestNotice = this.newest;
    this.#characters += weight(batch);
    this.#trim();
    this.#joined.clear();
    this.#readers.begin();
  }

  /** Wakes all readers that wait: the room has changed. */
  wakeAll(): void {
    this.#readers.wakeAll();
  }

  /**
   * Until there is something for a reader that has seen the batches up to number `seen`, and it is the
   * reader's turn; with `hurry`, until there is something.
   */
  wait(reader: Waiter, seen: number, hurry: boolean): void {
    this.#readers.wait(reader, { behind: seen < this.newest, hurry });
  }

  /**
   * Serves a reader that has seen the batches up to number `seen`: all there is after it, or as much
   * as a frame holds, which is noted (`overfull`). Undefined where the next batch is no longer there,
   * or not yet.
   */
  serve(seen: number): Serving | undefined {
    let serving = this.#joined.get(seen);
    if (!serving) {
      if (!this.at(seen + 1)) return undefined;
      this.#joined.set(seen, serving = this.#join(seen));
    }
    this.#servedInPart = serving.number < this.newest;
    return serving;
  }

  /** Up to `limit` entries after a seq; undefined where the tail does not reach back that far. */
  entries(after: number, limit: number): Entry[] | undefined {
    const found: Entry[] = [];
    let reached = after >= this.#seq;
    for (let i = this.#batches.length - 1; i >= 0 && !reached; i--) {
      const first = this.#batches[i]!.events[0];
      if (!first || !isEntry(first) || first.seq > after + 1) continue;
      reached = true;
      for (; i < this.#batches.length && found.length < limit; i++) {
        for (const event of this.#batches[i]!.events) {
          if (isEntry(event) && event.seq > after && found.length < limit) {
            found.push(event);
          }
        }
      }
    }
    return reached ? found : undefined;
  }

  #join(seen: number): Serving {
    let number = seen;
    let sum = 0;
    const parts: Batch[] = [];
    for (let part = this.at(number + 1); part; part = this.at(number + 1)) {
      sum += weight(part);
      if (parts.length > 0 && sum > JOINED_WEIGHT) break;
      parts.push(part);
      number++;
    }
    const batch = parts.length === 1 ? parts[0]! : joined(parts, parts.at(-1)!.seq);
    return { batch, number };
  }

  /** Entries have been trimmed unseen: every reader has to look into the log, and is told there. */
  #skip(): void {
    this.#first = this.newest + 2;
    this.#batches = [];
    this.#characters = 0;
  }

  /** What is here is told as it is from now on, in other batches: what was made of the old ones is theirs. */
  #change(changes: readonly Change[]): void {
    const refs = changes.map(({ ref }) => ref).sort((a, b) => a - b);
    // One may concern edits, wherever they are.
    const hasDelete = changes.some(({ type }) => type === "delete");
    let next = 0;
    for (const [i, batch] of this.#batches.entries()) {
      if (next === refs.length && !hasDelete) return;
      const [first] = batch.events;
      if (!first || !isEntry(first)) continue;
      while (next < refs.length && refs[next]! < first.seq) next++;
      if (!hasDelete && refs[next]! > batch.seq) continue;
      const events = allChangedBy(batch.events as readonly Entry[], changes);
      if (events === batch.events) continue;
      const now = { events, seq: batch.seq };
      this.#characters += weight(now) - weight(batch);
      this.#batches[i] = now;
    }
  }

  #trim(): void {
    let drop = Math.max(0, this.#batches.length - BATCHES);
    for (let i = 0; i < drop; i++) this.#characters -= weight(this.#batches[i]!);
    // The newest stays whatever it weighs: the readers that were just woken are about to read it.
    while (this.#characters > CHARACTERS && drop < this.#batches.length - 1) {
      this.#characters -= weight(this.#batches[drop++]!);
    }
    if (drop === 0) return;
    this.#batches.splice(0, drop);
    this.#first += drop;
  }
}

/** One batch of several, for a reader that stands at `seq` when it has seen them. */
export function joined(parts: readonly Batch[], seq: number): Batch {
  return { events: parts.flatMap(({ events }) => events), seq, parts };
}

function weight({ events }: Batch): number {
  let sum = 0;
  for (const event of events) sum += 100 + (isEntry(event) ? sizeOf(event) : 0);
  return sum;
}

/** About how many characters people have written into an entry. */
export function sizeOf(entry: Entry): number {
  let size = textOf(entry).length;
  if (entry.type === "reaction") size += 20 * entry.names.length;
  if (entry.type !== "message") return size;
  if (entry.files) size += 200 * entry.files.length;
  for (const { names } of entry.reactions ?? []) size += 50 + 20 * names.length;
  return size;
}
