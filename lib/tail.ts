import type { Batch } from "./events.ts";
import type { Entry } from "./message.ts";

/**
 * What the tail keeps at most: enough that a reader who was away for a moment never touches the
 * disk, and, with three encodings of each text beside it, some 10 MB whatever people write.
 */
const BATCHES = 1024;
const CHARACTERS = 1_000_000;

/** Somebody who has seen everything and waits to be told what comes next. */
export interface Waiter {
  /** Called once: with the batch of the next turn, or without where there is something else to see. */
  wake(result?: IteratorResult<Batch>): void;
}

/**
 * The newest batches, numbered by turn, and those who wait for the next one. A batch has either
 * entries or notices, so that who comes later can be given the former without the latter.
 */
export class Tail {
  #batches: Batch[] = [];
  /** The turn of `#batches[0]`. */
  #firstTurn = 1;
  #characters = 0;
  #seq: number;
  #noticed = 0;
  #waiting: Waiter[] = [];

  /** `seq`: the newest entry there was before this tail. */
  constructor(seq: number) {
    this.#seq = seq;
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

  push(events: Batch["events"]): void {
    const newest = events.at(-1);
    if (newest?.type === "message") this.#seq = newest.seq;
    const batch: Batch = { events, seq: this.#seq };
    this.#batches.push(batch);
    if (newest?.type !== "message") this.#noticed = this.turn;
    this.#characters += weight(batch);
    this.#trim();
    // Everybody who waits gets the same batch, by identity: what is made for one serves all.
    this.wakeAll({ value: batch, done: false });
  }

  wakeAll(result?: IteratorResult<Batch>): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const waiter of waiting) waiter.wake(result);
  }

  wait(waiter: Waiter): void {
    this.#waiting.push(waiter);
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

function weight({ events }: Batch): number {
  let sum = 0;
  for (const event of events) sum += 100 + (event.type === "message" ? event.text.length : 0);
  return sum;
}
