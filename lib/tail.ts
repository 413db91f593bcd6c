import type { Clock } from "./clock.ts";
import type { Batch, Event } from "./events.ts";
import type { Entry } from "./message.ts";
import { type Waiter, Waves } from "./waves.ts";

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
 * several at once gets them joined, by identity: what is made for one serves all.
 */
export class Tail {
  #batches: Batch[] = [];
  /** The turn of `#batches[0]`. */
  #firstTurn = 1;
  #characters = 0;
  #seq: number;
  #noticed = 0;
  /** The turn up to which everybody is told: the newest when the last wave began. */
  #told = 0;
  /** The weight of what has come since. */
  #untold = 0;
  /** Of this wave, by the turn before it and the turn it reaches. */
  readonly #joined = new Map<string, Step>();
  readonly #waves: Waves;

  /** `seq`: the newest entry there was before this tail. */
  constructor(seq: number, clock: Clock) {
    this.#seq = seq;
    this.#waves = new Waves(clock, () => {
      this.#told = this.turn;
      this.#untold = 0;
      this.#joined.clear();
    });
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
    const added = weight(batch);
    this.#characters += added;
    this.#untold += added;
    this.#trim();
    this.#waves.tell(this.#untold >= JOINED_WEIGHT);
  }

  /** Wakes all who wait: the room has changed. */
  wakeAll(): void {
    this.#waves.wakeAll();
  }

  /** Until there is something after a turn, or `wakeAll`; `hurry` as for `after`. */
  wait(waiter: Waiter, hurry = false): void {
    this.#waves.wait(waiter, hurry);
  }

  /**
   * What comes after a turn, joined: as far as everybody is told, or with `hurry` to the newest.
   * `"later"` where that is nothing yet, `"gone"` where it is no longer there.
   */
  after(turn: number, hurry: boolean): Step | "later" | "gone" {
    const to = hurry ? this.turn : this.#told;
    if (turn >= to) return "later";
    const batch = this.at(turn + 1);
    if (!batch) return "gone";
    if (turn + 1 === to) return { batch, turn: to };
    const key = `${turn}-${to}`;
    let step = this.#joined.get(key);
    if (!step) this.#joined.set(key, step = this.#join(turn + 1, to));
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

  #join(from: number, to: number): Step {
    const events: Event[] = [];
    let turn = from - 1;
    let sum = 0;
    let seq = 0;
    while (turn < to) {
      const batch = this.at(turn + 1)!;
      sum += weight(batch);
      if (events.length > 0 && sum > JOINED_WEIGHT) break;
      for (const event of batch.events) events.push(event);
      seq = batch.seq;
      turn++;
    }
    return { batch: { events, seq }, turn };
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
