import type { Clock } from "../base/clock.ts";
import type { RoomEvent, Welcome } from "../model/events.ts";
import type { Receipt } from "../model/message.ts";
import { Refusal } from "../model/refusal.ts";
import type { Connection, Frame } from "./carrier.ts";
import { Pace } from "./pace.ts";

/** A server that is alive answers sooner; then it has lost the message, and a new connection helps. */
const ANSWER_MS = 30_000;
/** Where the server does not say when to try again. */
const RETRY_S = 2;

interface Pending {
  readonly frame: Frame & { type: "message" };
  resolve(receipt: Receipt): void;
  reject(why: Error): void;
}

/**
 * What is to be said, in order. One message at a time is under way, so that none overtakes another,
 * however often they are tried; a message keeps its id, so that trying again never says it twice.
 */
export class Outbox {
  readonly #clock: Clock;
  /** Makes ids unique beyond this run. */
  readonly #run = crypto.randomUUID().slice(0, 8);
  readonly #queue: Pending[] = [];
  readonly #pace: Pace;
  #count = 0;
  #connection: Connection | undefined;
  /** Waits for leave to send, or for an answer; undefined where there is nothing to wait for. */
  #timer: Disposable | undefined;
  #idle = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#pace = new Pace(clock);
    this.#idle.resolve();
  }

  /** How many messages are not known to be stored. */
  get size(): number {
    return this.#queue.length;
  }

  /** Resolves when nothing is waiting any more. */
  get idle(): Promise<void> {
    return this.#idle.promise;
  }

  /** Resolves when the message is stored. Rejects with a Refusal, or with what `close` was given. */
  say(text: string): Promise<Receipt> {
    return new Promise((resolve, reject) => {
      const frame = { type: "message", id: `${this.#run}-${++this.#count}`, text } as const;
      if (this.#queue.length === 0) this.#idle = Promise.withResolvers();
      this.#queue.push({ frame, resolve, reject });
      if (!this.#timer) this.#sendNext();
    });
  }

  /** A new connection: what was under way on the last one is sent again. */
  attach(connection: Connection, { rate, burst }: Welcome["limits"]): void {
    this.#connection = connection;
    this.#pace.rate = rate === undefined ? undefined : { perSecond: rate, burst: burst ?? 1 };
    this.#sendNext();
  }

  detach(): void {
    this.#connection = undefined;
    this.#stopWaiting();
  }

  /** True where the event is the answer to a message of ours. */
  handle(event: RoomEvent): boolean {
    const [first] = this.#queue;
    if (event.type !== "ack" && event.type !== "error") return false;
    if (!first || event.id !== first.frame.id) return false;
    if (event.type === "ack" || event.code !== "rate_limited") this.#pace.count();
    if (event.type === "ack") {
      this.#finish();
      first.resolve({ seq: event.seq, duplicate: event.duplicate });
    } else if (event.code === "rate_limited" || event.code === "unavailable") {
      this.#wait(1000 * (event.retry_after ?? RETRY_S), () => this.#sendNext());
    } else {
      this.#finish();
      first.reject(new Refusal(event.code, event.message));
    }
    return true;
  }

  /** Nothing will be sent any more: what waits is rejected. */
  close(why: Error): void {
    this.detach();
    for (const { reject } of this.#queue.splice(0)) reject(why);
    this.#idle.resolve();
  }

  #sendNext(): void {
    this.#stopWaiting();
    const [first] = this.#queue;
    const connection = this.#connection;
    if (!first || !connection) return;
    const { waitMs } = this.#pace;
    if (waitMs > 0) return this.#wait(waitMs, () => this.#sendNext());
    connection.send(first.frame);
    this.#wait(ANSWER_MS, () => connection.drop(new Error("a message was not answered")));
  }

  #finish(): void {
    this.#queue.shift();
    if (this.#queue.length === 0) this.#idle.resolve();
    this.#sendNext();
  }

  #wait(ms: number, then: () => void): void {
    this.#stopWaiting();
    this.#timer = this.#clock.after(ms, () => {
      this.#timer = undefined;
      then();
    });
  }

  #stopWaiting(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
