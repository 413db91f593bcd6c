import type { Clock } from "../../base/clock.ts";
import { type HeardEvent, isEntry, type Welcome } from "../../model/events.ts";
import type { Receipt } from "../../model/message.ts";
import { type Code, Refusal } from "../../model/refusal.ts";
import type { Frame } from "../carrier.ts";
import { NotConnected } from "../errors.ts";
import type { OutboxStorage, Outgoing, Ref, Saying } from "./outgoing.ts";
import { Pace } from "./pace.ts";
import { MessageStore } from "./message_store.ts";

/** A server that is alive answers sooner; then it has lost the message, and a new connection helps. */
const ANSWER_MS = 30_000;
/** Where the server does not say when to try again. */
const RETRY_S = 2;
/** A server that wants us to wait for longer is not taken at its word. */
const RETRY_AT_MOST_S = 600;
/** An edit, delete or reaction that is not answered so often is nothing that the server knows. */
const UNANSWERED_AT_MOST = 3;
/** So many messages that are in the log are still known by the id they were said with. */
const SEQS_KEPT = 100;

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
  readonly changed?: ((outgoing: readonly Outgoing[]) => void) | undefined;
}

/** Something said, and who waits for it. */
interface Pending {
  /** Replaced at each change. */
  shown: Outgoing;
  /** It has come back through the log: nobody need be shown that it is under way. */
  seen: boolean;
  /** Where it is stored. */
  seq: number | undefined;
  /** How often it was sent without an answer, before a restart perhaps: it may be stored. */
  unanswered: number;
  readonly receipt: PromiseWithResolvers<Receipt>;
}

/**
 * What is to be said, in order: messages, and what changes messages. One at a time is under way, so
 * that none overtakes another, however often they are tried; each keeps its id, so that trying again
 * never says it twice. What changes a message of ours waits until that one has a seq.
 */
export class Outbox {
  readonly #clock: Clock;
  readonly #changed: OutboxOptions["changed"];
  readonly #store: MessageStore | undefined;
  readonly #pace: Pace;
  readonly #pending = new Map<string, Pending>();
  /** Those of them that only wait to come back through the log. */
  readonly #stored = new Set<Pending>();
  /** Those of them that name a message by its id. */
  readonly #linked = new Set<Pending>();
  /** The seqs of the last messages of ours, by their ids. */
  readonly #seqs = new Map<string, number>();
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
    for (const one of this.#store?.load() ?? []) this.#add(one, one.state === "failed" ? 0 : 1);
  }

  /** All that is not in the log yet, in the order in which it was said. */
  get outgoing(): readonly Outgoing[] {
    return [...this.#pending.values()].flatMap(({ seen, shown }) => seen ? [] : [shown]);
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

  /**
   * Resolves when it is stored. Rejects with a Refusal, or with what `close` was given. A message of ours
   * that was never sent is edited and deleted here: then it resolves as that message does, or with undefined.
   */
  say(saying: Saying, id = newId()): Promise<Receipt | undefined> {
    const known = this.#pending.get(id);
    if (known && known.shown.state !== "failed") return known.receipt.promise;
    const ref = refOf(saying);
    const target = typeof ref === "string" ? ref : "";
    const own = this.#pending.get(target);
    if (own?.shown.type === "message" && own !== this.#underWay && !own.unanswered && !own.seq) {
      if (saying.type === "delete") {
        this.discard(own.shown.id);
        return Promise.resolve(undefined);
      }
      if (saying.type === "edit") return this.#amend(own, saying.text);
    }
    const seq = this.#seqs.get(target);
    return this.#enter({ ...(seq === undefined ? saying : withRef(saying, seq)), id });
  }

  /** Tries again to say what failed. */
  retry(id: string): void {
    const pending = this.#pending.get(id);
    if (pending?.shown.state !== "failed") return;
    this.#turn(pending, "waiting");
    this.#tell();
    this.#sendNext();
  }

  /** Forgets it; what is under way may be stored all the same. */
  discard(id: string): void {
    const pending = this.#pending.get(id);
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
    if (this.#underWay) this.#underWay.unanswered ||= 1;
    this.#link = undefined;
    this.#underWay = undefined;
    this.#stopWaiting();
  }

  /** True where the event is the answer to something of ours. */
  answered(event: HeardEvent): boolean {
    if (event.type !== "ack" && event.type !== "error") return false;
    const pending = this.#underWay;
    if (!pending || event.id !== pending.shown.id) return false;
    if (event.type === "ack" || event.code !== "rate_limited") this.#pace.count();
    this.#underWay = undefined;
    if (event.type === "ack") {
      const { seq, duplicate } = event;
      this.#turn(pending, "stored");
      pending.seq = seq;
      this.#stored.add(pending);
      if (pending.shown.type === "message") this.#learn(event.id, seq);
      if (pending.seen || seq <= (this.#seenSeq ?? 0)) this.#forget(pending);
      pending.receipt.resolve({ seq, duplicate });
    } else if (event.code === "rate_limited" || event.code === "unavailable") {
      const seconds = Math.min(Math.max(0, event.retry_after ?? RETRY_S), RETRY_AT_MOST_S);
      this.#postpone(pending, event.code, 1000 * seconds);
    } else this.#fail(pending, event.code, event.message);
    this.#tell();
    this.#sendNext();
    return true;
  }

  /** What comes through the log is not under way any more; `self` is the name we have. */
  seen(event: HeardEvent, self: string | undefined): void {
    const before = this.#pending.size;
    let shown = false;
    if (event.type === "live" || isEntry(event)) {
      this.#seenSeq = event.seq;
      // It may come before its ack.
      const own = "from" in event && event.from === self && this.#pending.get(event.id ?? "");
      if (own && own.shown.state === "waiting") shown = own.seen = true;
    }
    if (event.type === "reset") this.#seenSeq = undefined;
    for (const pending of this.#stored) {
      // After a reset it does not come from where we go on.
      if (event.type === "reset" || pending.seq! <= (this.#seenSeq ?? 0)) this.#forget(pending);
    }
    if (shown || this.#pending.size !== before) this.#tell();
  }

  /** Nothing will be sent any more: each promise is rejected with why. What is in the storage stays there. */
  close(why: Error): void {
    this.detach();
    for (const { receipt } of this.#pending.values()) receipt.reject(why);
    this.#onIdle?.();
  }

  #enter(said: Saying & { readonly id: string }): Promise<Receipt> {
    const { receipt } = this.#add({
      at: this.#clock.now(),
      ...said,
      state: "waiting",
      code: undefined,
      until: undefined,
    });
    this.#tell();
    this.#sendNext();
    return receipt.promise;
  }

  /** Another text for a message that the server does not have; one that was refused is tried again. */
  #amend(own: Pending, text: string): Promise<Receipt> {
    const shown = { ...own.shown, text };
    if (own.shown.state === "failed") return this.#enter(shown);
    own.shown = shown;
    this.#tell();
    return own.receipt.promise;
  }

  #add(shown: Outgoing, unanswered = 0): Pending {
    const receipt = Promise.withResolvers<Receipt>();
    // Whoever watches `outgoing`, or had it kept, need not wait for each promise.
    if (this.#store || this.#changed) receipt.promise.catch(() => {});
    const pending = { shown, seen: false, seq: undefined, unanswered, receipt };
    this.#pending.set(shown.id, pending);
    if (typeof refOf(shown) === "string") this.#linked.add(pending);
    return pending;
  }

  #forget(pending: Pending): void {
    this.#pending.delete(pending.shown.id);
    this.#stored.delete(pending);
    this.#linked.delete(pending);
  }

  #turn(pending: Pending, state: Outgoing["state"], code?: Code): void {
    pending.shown = { ...pending.shown, state, code, until: undefined };
  }

  #fail(pending: Pending, code: Code, message: string): void {
    this.#turn(pending, "failed", code);
    if (!this.#changed) this.#forget(pending);
    pending.receipt.reject(new Refusal(code, message));
  }

  /** The message of that id has a seq: what names it by the id names it by that from here on. */
  #learn(id: string, seq: number): void {
    this.#seqs.set(id, seq);
    const [oldest = ""] = this.#seqs.keys();
    if (this.#seqs.size > SEQS_KEPT) this.#seqs.delete(oldest);
    for (const pending of this.#linked) {
      if (refOf(pending.shown) !== id) continue;
      pending.shown = withRef(pending.shown, seq);
      this.#linked.delete(pending);
    }
  }

  #next(): Pending | undefined {
    for (const pending of this.#pending.values()) {
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
    if (this.#linked.has(pending)) {
      this.#fail(pending, "not_found", "the message that it is about was not stored");
      this.#tell();
      return this.#sendNext();
    }
    this.#underWay = pending;
    this.#wait(ANSWER_MS, () => this.#notAnswered(pending, way));
    way.send(frameOf(pending.shown));
  }

  #notAnswered(pending: Pending, way: OutboxLink): void {
    // A server of an earlier version ignores what it does not know: that must not hold up the rest.
    if (++pending.unanswered < UNANSWERED_AT_MOST || pending.shown.type === "message") {
      return way.giveUp(new Error("a message was not answered"));
    }
    this.#underWay = undefined;
    this.#fail(pending, "unavailable", "the server does not answer; it may be stored or not");
    this.#tell();
    this.#sendNext();
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

/** The message that it is about, or answers. */
function refOf(saying: Saying): Ref | undefined {
  return saying.type === "message" ? saying.re : saying.ref;
}

function withRef<S extends Saying>(saying: S, seq: number): S {
  return saying.type === "message" ? { ...saying, re: seq } : { ...saying, ref: seq };
}

/** What is said of it to the server; a message that it names has a seq by now. */
function frameOf({ at: _at, state: _state, code: _code, until: _until, ...said }: Outgoing): Frame {
  if (said.type !== "message" || !said.files) return said as Frame;
  return { ...said, files: said.files.map(({ id }) => id) } as Frame;
}

/** Unique without a secure context, which `crypto.randomUUID` asks for. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
