import type { EventLoop } from "../base/event_loop.ts";
import type { Batch } from "../model/events.ts";
import type { Entry } from "../model/message.ts";
import { RoundRobin, type Waiter } from "./round_robin.ts";

/**
 * What the tail keeps at most: enough that a reader who was away for a moment never touches the
 * disk, and, with three encodings of each text beside it, some 10 MB whatever people write.
 */
const BATCHES = 1024;
const CHARACTERS = 1_000_000;

/** What a joined batch holds at most: no more than one that was stored together, and so one frame. */
const JOINED_WEIGHT = 64 * 1024;

/** A batch, with the newest turn that it brings. */
export interface Step {
  readonly batch: Batch;
  readonly turn: number;
}

/**
 * The newest batches, numbered by turn, and those who wait for the next one. A batch has either
 * entries or notices, so that who comes later can be given the former without the latter. Who reads
 * several at once gets them joined, by identity: what is made for one serves all at the same place.
 */
export class Tail {
  #batches: Batch[] = [];
  /** The turn of `#batches[0]`. */
  #firstTurn = 1;
  #characters = 0;
  #seq: number;
  #noticed = 0;
  /** What has been joined up to the newest turn, by the turn before it. */
  readonly #joined = new Map<number, Step>();
  /** Who asked last could not be given all there is. */
  #overfull = false;
  readonly #readers: RoundRobin;

  /** `seq`: the newest entry there was before this tail. */
  constructor(seq: number, clock: EventLoop) {
    this.#seq = seq;
    this.#readers = new RoundRobin(clock);
  }

  /** The newest turn; 0 before the first. */
  get turn(): number {
    return this.#firstTurn + this.#batches.length - 1;
  }

  /** The newest entry there is. */
  get seq(): number {
    return this.#seq;
  }

  /** The newest turn with notices; 0 before the first. */
  get noticed(): number {
    return this.#noticed;
  }

  /** The batch of a turn; undefined where it is no longer, or not yet, there. */
  at(turn: number): Batch | undefined {
    return this.#batches[turn - this.#firstTurn];
  }

  /** While others are being told what there is, it is fair to wait for one's turn. */
  get telling(): boolean {
    return this.#readers.underWay;
  }

  /** The readers take less than there is: to store more now would make no frame larger, and all later. */
  get overfull(): boolean {
    return this.#overfull && this.telling;
  }

  push(events: Batch["events"]): void {
    const newest = events.at(-1);
    if (newest?.type === "message") this.#seq = newest.seq;
    const batch: Batch = { events, seq: this.#seq };
    this.#batches.push(batch);
    if (newest?.type !== "message") this.#noticed = this.turn;
    this.#characters += weight(batch);
    this.#trim();
    this.#joined.clear();
    this.#readers.tell();
  }

  /** Wakes all who wait: the room has changed. */
  wakeAll(): void {
    this.#readers.wakeAll();
  }

  /** Until it is the waiter's turn to ask for what comes after a turn; with `hurry`, until there is more. */
  wait(waiter: Waiter, turn: number, hurry: boolean): void {
    this.#readers.wait(waiter, { behind: turn < this.turn, hurry });
  }

  /**
   * What comes after a turn, joined: all there is, or as much as a frame holds. Undefined where it is
   * no longer there. There must be something.
   */
  after(turn: number): Step | undefined {
    let step = this.#joined.get(turn);
    if (!step) {
      if (!this.at(turn + 1)) return undefined;
      this.#joined.set(turn, step = this.#join(turn));
    }
    this.#overfull = step.turn < this.turn;
    return step;
  }

  /** Up to `limit` entries after a seq; undefined where the tail does not reach back that far. */
  entries(after: number, limit: number): Entry[] | undefined {
    const found: Entry[] = [];
    let reached = after >= this.#seq;
    for (let i = this.#batches.length - 1; i >= 0 && !reached; i--) {
      const first = this.#batches[i]!.events[0];
      if (first?.type !== "message" || first.seq > after + 1) continue;
      reached = true;
      for (; i < this.#batches.length && found.length < limit; i++) {
        for (const event of this.#batches[i]!.events) {
          if (event.type === "message" && event.seq > after && found.length < limit) {
            found.push(event);
          }
        }
      }
    }
    return reached ? found : undefined;
  }

  #join(after: number): Step {
    let turn = after;
    let sum = 0;
    const parts: Batch[] = [];
    for (let part = this.at(turn + 1); part; part = this.at(turn + 1)) {
      sum += weight(part);
      if (parts.length > 0 && sum > JOINED_WEIGHT) break;
      parts.push(part);
      turn++;
    }
    const batch = parts.length === 1 ? parts[0]! : joined(parts);
    return { batch, turn };
  }

  #trim(): void {
    let drop = Math.max(0, this.#batches.length - BATCHES);
    for (let i = 0; i < drop; i++) this.#characters -= weight(this.#batches[i]!);
    // The newest stays whatever it weighs: those who were just woken are about to read it.
    while (this.#characters > CHARACTERS && drop < this.#batches.length - 1) {
      this.#characters -= weight(this.#batches[drop++]!);
    }
    if (drop === 0) return;
    this.#batches.splice(0, drop);
    this.#firstTurn += drop;
  }
}

function joined(parts: readonly Batch[]): Batch {
  return { events: parts.flatMap(({ events }) => events), seq: parts.at(-1)!.seq, parts };
}

function weight({ events }: Batch): number {
  let sum = 0;
  for (const event of events) sum += 100 + (event.type === "message" ? event.text.length : 0);
  return sum;
}
