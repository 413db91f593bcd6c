import { type EventLoop, systemLoop } from "../base/event_loop.ts";
import { type Cursor, locate, type Start } from "../model/cursor.ts";
import type { Notice, RoomEvent } from "../model/events.ts";
import type { Log } from "../log/log.ts";
import { type Draft, parseId, parseText, type Receipt } from "../model/message.ts";
import { parseName } from "../model/names.ts";
import { type Person, Presence } from "./presence.ts";
import { type Rate, RateLimit } from "../base/rate_limit.ts";
import { Reader, type Source } from "./reader.ts";
import { Refusal } from "../model/refusal.ts";
import { Tail } from "./tail.ts";

/**
 * What one transaction, and so one frame, holds at most: a few milliseconds of disk, and no more than
 * a connection may have unsent, so that nobody waits long for another.
 */
const BATCH_DRAFTS = 512;
const BATCH_CHARACTERS = 64 * 1024;
/** Drafts that wait for the log; above it the room says so instead of growing. */
const PENDING_DRAFTS = 16 * BATCH_DRAFTS;
/** Between two typing notices of one connection. */
const TYPING_MS = 3000;
/** Between two pings to everybody: below the minute after which the usual proxy cuts a silent line. */
export const PING_MS = 15_000;
/** What a client is asked to wait before it tries a log again that could not store. */
const UNAVAILABLE_S = 5;

export interface RoomOptions {
  readonly name: string;
  /** How many entries somebody gets who brings no cursor. */
  readonly recent: number;
  /** Of each sender; no limit where undefined. */
  readonly rate?: Rate | undefined;
  /** From the end of a person's last connection, if it ended without a goodbye, to the leave notice. */
  readonly graceMs?: number;
  readonly clock?: EventLoop;
  /** Told what a client must not see: why the log failed. */
  readonly report?: (what: string, error?: unknown) => void;
}

interface Pending {
  readonly draft: Draft;
  resolve(receipt: Receipt): void;
  reject(refusal: Refusal): void;
}

/** Somebody's one connection to the room. */
export interface Member {
  readonly session: string;
  /** As it is now: renaming changes it for all connections of the session. */
  readonly name: string;
  /** Resolves when the message is stored. Rejects with a Refusal. */
  post(message: { text: unknown; id?: unknown }): Promise<Receipt>;
  rename(name: unknown): void;
  typing(): void;
  /** Idempotent. `goodbye`: the person said so, and need not be waited for. */
  leave(goodbye?: boolean): void;
}

/**
 * One room: posting appends to the log and sends to nobody; what the log announces is what readers
 * get, the sender among them. Knows no socket, no SQL, no JSON.
 */
export class Room implements Source, Disposable {
  readonly log: Log;
  readonly name: string;
  readonly recent: number;
  readonly rate: Rate | undefined;
  readonly tail: Tail;
  /** For what the operator must know and a client must not. */
  readonly report: (what: string, error?: unknown) => void;
  readonly #clock: EventLoop;
  readonly #presence: Presence;
  readonly #limit: RateLimit | undefined;
  readonly #watching: Disposable;
  #pinging: Disposable;
  #pending: Pending[] = [];
  #appending = false;
  /** Since the last append was in vain: said once, and once more when it is over. */
  #failing = false;
  #notices: Notice[] = [];
  #draining = false;
  #closing: (() => RoomEvent) | undefined;

  /** The room does not own the log: whoever opened it closes it, after the room. */
  constructor(log: Log, options: RoomOptions) {
    this.log = log;
    this.name = options.name;
    this.recent = options.recent;
    this.rate = options.rate;
    this.#clock = options.clock ?? systemLoop;
    this.report = options.report ?? (() => {});
    this.#limit = options.rate && new RateLimit(options.rate, this.#clock);
    this.#presence = new Presence(this.#clock, {
      graceMs: options.graceMs ?? 0,
      announce: (notice) => this.#announce(notice),
    });
    this.tail = new Tail(log.last, this.#clock);
    this.#watching = log.watch((entries) => this.tail.push(entries));
    this.#pinging = this.#clock.after(PING_MS, () => this.#ping());
  }

  /** From `close` on. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Set when everything is stored that was accepted before `close`. */
  get closing(): (() => RoomEvent) | undefined {
    return this.#closing;
  }

  /** Comes in, under `name` if it is free, else the next free one. */
  enter(session: string, name: string): Member {
    const person = this.#presence.enter(session, name);
    // Before anybody reads: who comes in is told who is here by `welcome`, not by a join of its own.
    this.#flushNotices();
    return new Connection(this, this.#presence, person, this.#clock);
  }

  /** Where a reader with this cursor starts. */
  locate(cursor: Cursor | "unknown" | undefined, recent = this.recent): Start {
    return locate(this.#kept(), cursor, recent);
  }

  /** Reads from `start` on, for as long as the reader is not closed. */
  follow(start: Start): Reader {
    return new Reader(this, start);
  }

  presence(): Extract<Notice, { type: "presence" }> {
    return this.#presence.snapshot();
  }

  isTaken(name: string): boolean {
    return this.#presence.isTaken(name);
  }

  /** The person of a session, if here. */
  find(session: string): Person | undefined {
    return this.#presence.find(session);
  }

  /** Throws a Refusal where the name is taken; nothing happens where the session is not here. */
  rename(session: string, name: string): void {
    this.#presence.rename(session, name);
  }

  /**
   * Resolves when the draft is stored durably, in a batch with what else came in this turn. Rejects
   * with a Refusal: `rate_limited`, of `limited` (default: the sender), or `unavailable`.
   */
  post(draft: Draft, limited = draft.sender): Promise<Receipt> {
    const waitMs = this.#limit?.take(limited) ?? 0;
    if (waitMs > 0) return Promise.reject(rateLimited(waitMs));
    if (this.#draining) return Promise.reject(unavailable("the server is restarting", 1));
    if (this.#pending.length >= PENDING_DRAFTS) {
      return Promise.reject(unavailable("more messages are waiting than can be stored", 1));
    }
    return new Promise((resolve, reject) => {
      this.#pending.push({ draft, resolve, reject });
      if (this.#pending.length === 1 && !this.#appending) this.#clock.soon(() => this.#append());
    });
  }

  /** A notice to everybody, with what else is to be told in this turn. */
  notify(notice: Notice): void {
    this.#announce(notice);
  }

  /**
   * No more posts; what was accepted before is stored, and acked. Then each reader's last event is a
   * `bye` with its own time to come back, spread over `spreadMs`, so that they do not all come back
   * at once.
   */
  async close(spreadMs: number): Promise<void> {
    this.#draining = true;
    while (this.#pending.length > 0 || this.#appending) {
      await new Promise<void>((resolve) => this.#clock.soon(resolve));
    }
    this.#flushNotices();
    this.#closing ??= () => ({
      type: "bye",
      reconnect_ms: Math.round(500 + Math.random() * spreadMs),
    });
    this.tail.wakeAll();
  }

  [Symbol.dispose](): void {
    this.#watching[Symbol.dispose]();
    this.#pinging[Symbol.dispose]();
    this.#presence[Symbol.dispose]();
  }

  /** The log as far as it has been announced. */
  #kept() {
    const { epoch, first } = this.log;
    return { epoch, first, last: this.tail.seq };
  }

  async #append(): Promise<void> {
    // What waits here meanwhile becomes one larger batch.
    if (this.tail.overfull) return this.#clock.soon(() => this.#append());
    const batch = this.#pending.splice(0, this.#batchSize());
    if (batch.length === 0) return;
    this.#appending = true;
    try {
      const receipts = await this.log.append(batch.map(({ draft }) => draft));
      if (this.#failing) this.report("messages are stored again");
      this.#failing = false;
      for (let i = 0; i < batch.length; i++) batch[i]!.resolve(receipts[i]!);
    } catch (error) {
      if (!this.#failing) this.report("cannot store messages", error);
      this.#failing = true;
      const refusal = unavailable("messages cannot be stored at the moment", UNAVAILABLE_S, error);
      for (const { reject } of batch) reject(refusal);
    } finally {
      this.#appending = false;
      if (this.#pending.length > 0) this.#clock.soon(() => this.#append());
    }
  }

  #batchSize(): number {
    let characters = 0;
    let size = 0;
    for (const { draft } of this.#pending) {
      characters += draft.text.length;
      if (size > 0 && (size === BATCH_DRAFTS || characters > BATCH_CHARACTERS)) break;
      size++;
    }
    return size;
  }

  #announce(notice: Notice): void {
    this.#notices.push(notice);
    if (this.#notices.length === 1) this.#clock.soon(() => this.#flushNotices());
  }

  #flushNotices(): void {
    if (this.#notices.length > 0) this.tail.push(this.#notices.splice(0));
  }

  /** One timer and one batch keep every silent connection alive. */
  #ping(): void {
    this.tail.push([{ type: "ping", last: this.tail.seq }]);
    this.#pinging = this.#clock.after(PING_MS, () => this.#ping());
  }
}

class Connection implements Member {
  readonly #room: Room;
  readonly #presence: Presence;
  readonly #person: Person;
  readonly #clock: EventLoop;
  #typedAt = -Infinity;
  #left = false;

  constructor(room: Room, presence: Presence, person: Person, clock: EventLoop) {
    this.#room = room;
    this.#presence = presence;
    this.#person = person;
    this.#clock = clock;
  }

  get session(): string {
    return this.#person.session;
  }

  get name(): string {
    return this.#person.name;
  }

  // deno-lint-ignore require-await -- async, so that what parsing throws is a rejection
  async post(message: { text: unknown; id?: unknown }): Promise<Receipt> {
    const id = parseId(message.id);
    const text = parseText(message.text);
    const draft = { sender: this.session, from: this.name, text };
    return this.#room.post(id === undefined ? draft : { ...draft, id });
  }

  rename(name: unknown): void {
    this.#presence.rename(this.session, parseName(name));
  }

  typing(): void {
    const now = this.#clock.now();
    if (this.#left || now - this.#typedAt < TYPING_MS) return;
    this.#typedAt = now;
    this.#room.notify({ type: "typing", name: this.name });
  }

  leave(goodbye = false): void {
    if (this.#left) return;
    this.#left = true;
    this.#presence.leave(this.session, goodbye);
  }
}

function rateLimited(waitMs: number): Refusal {
  const retryAfter = Math.ceil(waitMs / 1000);
  return new Refusal("rate_limited", `rate limited, try again in ${retryAfter} s`, { retryAfter });
}

function unavailable(why: string, retryAfter: number, cause?: unknown): Refusal {
  return new Refusal("unavailable", `${why}, try again in ${retryAfter} s`, { retryAfter, cause });
}
