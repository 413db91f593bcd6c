import type { Clock } from "../../base/clock.ts";
import { type HeardEvent, isEntry, type Welcome } from "../../model/events.ts";
import type { Receipt } from "../../model/message.ts";
import { type Code, Refusal } from "../../model/refusal.ts";
import type { Frame } from "../carrier.ts";
import { NotConnected } from "../errors.ts";
import type { OutboxStorage, OutgoingMessage } from "./outgoing.ts";
import { Pace } from "./pace.ts";
import { MessageStore } from "./message_store.ts";

/** A server that is alive answers sooner; then it has lost the message, and a new connection helps. */
const ANSWER_MS = 30_000;
/** Where the server does not say when to try again. */
const RETRY_S = 2;
/** A server that wants us to wait for longer is not taken at its word. */
const RETRY_AT_MOST_S = 600;

/** Where messages go out. */
export interface OutboxLink {
  send(frame: Frame): void;
  /** The connection is no good: another one is wanted. */
  giveUp(why: Error): void;
}

export interface OutboxOptions {
  readonly clock: Clock;
  readonly storage?: OutboxStorage | undefined;
  /** Told after each change of `outgoing`. With it, what failed is kept until it is discarded. */
  readonly changed?: ((outgoing: readonly OutgoingMessage[]) => void) | undefined;
}

/** A message and who waits for it. */
interface Pending {
  /** Replaced at each change. */
  shown: OutgoingMessage;
  /** It has come back through the log: nobody need be shown that it is under way. */
  seen: boolean;
  /** Where it is stored. */
  seq: number | undefined;
  readonly receipt: PromiseWithResolvers<Receipt>;
}

/**
 * What is to be said, in order. One message at a time is under way, so that none overtakes another,
 * however often they are tried; a message keeps its id, so that trying again never says it twice.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #changed: OutboxOptions["changed"];
  readonly #store: MessageStore | undefined;
  readonly #pace: Pace;
  readonly #messages = new Map<string, Pending>();
  /** Those of them that only wait to come back through the log. */
  readonly #stored = new Set<Pending>();
  #link: OutboxLink | undefined;
  /** Sent over this link, and not answered. */
  #underWay: Pending | undefined;
  /** Waits for leave to send, or for an answer; undefined where there is nothing to wait for. */
  #timer: Disposable | undefined;
  /** The last entry that came through the log. */
  #seenSeq: number | undefined;
  #onIdle: (() => void) | undefined;

  constructor({ clock, storage, changed }: OutboxOptions) {
    this.#clock = clock;
    this.#changed = changed;
    this.#pace = new Pace(clock);
    this.#store = storage && new MessageStore(storage);
    for (const message of this.#store?.load() ?? []) this.#add(message);
  }

  /** All that is not in the log yet, in the order in which it was said. */
  get outgoing(): readonly OutgoingMessage[] {
    return Array.from(this.#messages.values()).filter(({ seen }) => !seen).map(({ shown }) =>
      shown
    );
  }

  /** Nothing waits to be stored. */
  get idle(): boolean {
    return this.#next() === undefined;
  }

  /** Resolves when nothing waits any more. */
  whenIdle(): Promise<void> {
    if (this.idle) return Promise.resolve();
    return new Promise((resolve) => this.#onIdle = resolve);
  }

  /** Resolves when the message is stored. Rejects with a Refusal, or with what `close` was given. */
  say(text: string, id = newId()): Promise<Receipt> {
    const known = this.#messages.get(id);
    if (known && known.shown.state !== "failed") return known.receipt.promise;
    const message = { id, text, at: this.#clock.now(), state: "waiting" } as const;
    const { promise } = this.#add(message).receipt;
    this.#tell();
    this.#sendNext();
    return promise;
  }

  /** Tries again to say what failed. */
  retry(id: string): void {
    const pending = this.#messages.get(id);
    if (pending?.shown.state !== "failed") return;
    const { text, at } = pending.shown;
    pending.shown = { id, text, at, state: "waiting" };
    this.#tell();
    this.#sendNext();
  }

  /** Forgets it; what is under way may be stored all the same. */
  discard(id: string): void {
    const pending = this.#messages.get(id);
    if (!pending) return;
    this.#forget(pending);
    pending.receipt.reject(new NotConnected("it was discarded"));
    this.#tell();
    if (pending === this.#underWay) this.#underWay = undefined;
    this.#sendNext();
  }

  /** A new link: what was under way over the last one is sent again. */
  attach(way: OutboxLink, limits?: Welcome["limits"]): void {
    this.detach();
    this.#link = way;
    if (limits) {
      const { rate = 0, burst = 1 } = limits;
      this.#pace.rate = rate > 0 ? { perSecond: rate, burst: Math.max(1, burst) } : undefined;
    }
    this.#sendNext();
  }

  detach(): void {
    this.#link = undefined;
    this.#underWay = undefined;
    this.#stopWaiting();
  }

  /** True where the event is the answer to a message of ours. */
  answered(event: HeardEvent): boolean {
    if (event.type !== "ack" && event.type !== "error") return false;
    const pending = this.#underWay;
    if (!pending || event.id !== pending.shown.id) return false;
    if (event.type === "ack" || event.code !== "rate_limited") this.#pace.count();
    this.#underWay = undefined;
    const { id, text, at } = pending.shown;
    if (event.type === "ack") {
      const { seq, duplicate } = event;
      pending.seq = seq;
      pending.shown = { id, text, at, state: "stored" };
      this.#stored.add(pending);
      if (pending.seen || seq <= (this.#seenSeq ?? 0)) this.#forget(pending);
      pending.receipt.resolve({ seq, duplicate });
    } else if (event.code === "rate_limited" || event.code === "unavailable") {
      const seconds = Math.min(Math.max(0, event.retry_after ?? RETRY_S), RETRY_AT_MOST_S);
      this.#postpone(pending, event.code, 1000 * seconds);
    } else {
      pending.shown = { id, text, at, state: "failed", code: event.code };
      if (!this.#changed) this.#forget(pending);
      pending.receipt.reject(new Refusal(event.code, event.message));
    }
    this.#tell();
    this.#sendNext();
    return true;
  }

  /** What comes through the log is not under way any more; `self` is the name we have. */
  seen(event: HeardEvent, self: string | undefined): void {
    const before = this.#messages.size;
    let shown = false;
    if (event.type === "live" || isEntry(event)) this.#seenSeq = event.seq;
    if (event.type === "message" && event.id !== undefined && event.from === self) {
      const own = this.#messages.get(event.id);
      if (own?.shown.state === "waiting") shown = own.seen = true;
    }
    if (event.type === "reset") this.#seenSeq = undefined;
    for (const pending of this.#stored) {
      // After a reset it does not come from where we go on.
      if (event.type === "reset" || pending.seq! <= (this.#seenSeq ?? 0)) this.#forget(pending);
    }
    if (shown || this.#messages.size !== before) this.#tell();
  }

  /** Nothing will be sent any more: each promise is rejected with why. What is in the storage stays there. */
  close(why: Error): void {
    this.detach();
    for (const { receipt } of this.#messages.values()) receipt.reject(why);
    this.#onIdle?.();
  }

  #add(shown: OutgoingMessage): Pending {
    const receipt = Promise.withResolvers<Receipt>();
    // Whoever watches `outgoing`, or had it kept, need not wait for each promise.
    if (this.#store || this.#changed) receipt.promise.catch(() => {});
    const pending = { shown, seen: false, seq: undefined, receipt };
    this.#messages.set(shown.id, pending);
    return pending;
  }

  #forget(pending: Pending): void {
    this.#messages.delete(pending.shown.id);
    this.#stored.delete(pending);
  }

  #next(): Pending | undefined {
    for (const pending of this.#messages.values()) {
      if (pending.shown.state === "waiting") return pending;
    }
    return undefined;
  }

  #sendNext(): void {
    const way = this.#link;
    const pending = this.#next();
    if (!pending) this.#onIdle?.();
    if (!way || this.#underWay) return;
    this.#stopWaiting();
    if (!pending) return;
    const untilMs = (pending.shown.until ?? 0) - this.#clock.now();
    const waitMs = Math.min(Math.max(this.#pace.waitMs, untilMs), 1000 * RETRY_AT_MOST_S);
    if (waitMs > 0) {
      // What our own pace holds back is told as the server would have told it.
      if (untilMs < waitMs) {
        this.#postpone(pending, "rate_limited", waitMs);
        this.#tell();
      }
      return this.#wait(waitMs, () => this.#sendNext());
    }
    const { id, text } = pending.shown;
    this.#underWay = pending;
    this.#wait(ANSWER_MS, () => way.giveUp(new Error("a message was not answered")));
    way.send({ type: "message", id, text });
  }

  #postpone(pending: Pending, code: Code, ms: number): void {
    pending.shown = { ...pending.shown, code, until: this.#clock.now() + ms };
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

  #tell(): void {
    if (!this.#store && !this.#changed) return;
    const { outgoing } = this;
    this.#store?.keep(outgoing.filter(({ state }) => state !== "stored"));
    this.#changed?.(outgoing);
  }
}

/** Unique without a secure context, which `crypto.randomUUID` asks for. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
