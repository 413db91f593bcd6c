import { type Batch, isEntry, type RoomEvent } from "../../lib/model/events.ts";
import type { Found, Log, MessageRange, ReadRange, Search } from "../../lib/log/log.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import type { Draft } from "../../lib/model/draft.ts";
import {
  type Entry,
  LIMITS,
  type Message,
  type Outcome,
  type Topic,
} from "../../lib/model/message.ts";
import type { Reader } from "../../lib/room/reader.ts";
import { Registry } from "../../lib/registry/mod.ts";
import { Room, type RoomOptions } from "../../lib/room/room.ts";
import { Visit } from "../../lib/room/visit.ts";
import { ManualClock, settle } from "./manual_clock.ts";

/** Events as they go out together. */
export function batchOf(...events: RoomEvent[]): Batch {
  const newest = events.findLast(isEntry);
  return { events, seq: newest?.seq ?? 0 };
}

/** A message of which a test says only what it is about. */
export function message(seq: number, fields: Partial<Omit<Message, "type" | "seq">> = {}): Message {
  const { at = 1795215600000, id, from = "ann", text = `text ${seq}`, ...rest } = fields;
  return { type: "message", seq, at, ...(id !== undefined && { id }), from, text, ...rest };
}

/** What the pages of one browser share. */
export class FakeStorage {
  readonly #items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }

  removeItem(key: string): void {
    this.#items.delete(key);
  }
}

/** A log that counts what it is asked, and fails or waits where a test says so. */
export class ProbedLog implements Log {
  readonly #log: Log;
  /** How many drafts each append had. */
  readonly appends: number[] = [];
  reads = 0;
  failure: Error | undefined;
  /** What the next calls wait for, after they have been carried out. */
  gate: Promise<void> | undefined;

  constructor(log: Log) {
    this.#log = log;
  }

  get broken(): Error | undefined {
    return this.#log.broken;
  }

  get appendsAtOnce(): number {
    return this.#log.appendsAtOnce;
  }

  get epoch(): string {
    return this.#log.epoch;
  }

  get first(): number {
    return this.#log.first;
  }

  get last(): number {
    return this.#log.last;
  }

  get topic(): Topic | undefined {
    return this.#log.topic;
  }

  async append(drafts: readonly Draft[]): Promise<readonly Outcome[]> {
    this.appends.push(drafts.length);
    if (this.failure) throw this.failure;
    const receipts = await this.#log.append(drafts);
    await this.gate;
    return receipts;
  }

  async read(range: ReadRange): Promise<readonly Entry[]> {
    this.reads++;
    if (this.failure) throw this.failure;
    const entries = await this.#log.read(range);
    await this.gate;
    return entries;
  }

  readMessages(range: MessageRange): Promise<readonly Message[]> {
    return this.#log.readMessages(range);
  }

  search(search: Search): Promise<Found> {
    return this.#log.search(search);
  }

  lastMessageOf(sender: string): Promise<number | undefined> {
    return this.#log.lastMessageOf(sender);
  }

  reach(seq: number): Promise<void> {
    return this.#log.reach(seq);
  }

  hasFile(id: string): Promise<boolean> {
    return this.#log.hasFile(id);
  }

  trim(before: number, limit: number): Promise<number> {
    return this.#log.trim(before, limit);
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    return this.#log.watch(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#log[Symbol.asyncDispose]();
  }
}

/** The longest text there may be. */
export const LONGEST = "x".repeat(LIMITS.text);

/** A room on a log in memory, with time that stands still between two turns. */
export class TestRoom implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly log = new ProbedLog(new SqliteLog(":memory:", this.clock));
  readonly registry = new Registry(":memory:", this.clock, (what) => this.reports.push(what));
  readonly reports: string[] = [];
  readonly room: Room;
  readonly #followers: Follower[] = [];

  constructor(options: Partial<RoomOptions> = {}) {
    this.room = new Room(this.log, {
      name: "lobby",
      recent: 50,
      loop: this.clock,
      report: (what) => this.reports.push(what),
      ...options,
    });
  }

  /** Ends the turn of the event loop: what has come in is stored, and sent. */
  async turn(ms = 0): Promise<void> {
    await settle();
    this.clock.advance(ms);
    await settle();
  }

  /** Posts texts by one sender in one turn; resolves when all of them are stored, and sent. */
  async post(...texts: string[]): Promise<readonly Outcome[]> {
    const receipts = texts.map((text) => this.room.post({ sender: "s-ann", from: "ann", text }));
    let stored = false;
    const storing = Promise.all(receipts).finally(() => stored = true);
    while (!stored) await this.turn();
    return storing;
  }

  /** Fills the log with `count` entries, many a turn. */
  async fill(count: number, text = "filler"): Promise<void> {
    for (let left = count; left > 0; left -= 500) {
      await this.post(...Array(Math.min(left, 500)).fill(text));
    }
  }

  /** More than the tail keeps: who stands behind it must read the log. */
  async overflow(): Promise<void> {
    for (let i = 0; i < 3; i++) {
      await this.log.append([{ sender: "s-ann", from: "ann", text: "x".repeat(400_000) }]);
      await this.turn();
    }
  }

  /** Somebody's connection, which nobody reads. */
  visit(session: string, name: string): Visit {
    return new Visit(this.room, { id: session, name, token: "" }, { cursor: undefined });
  }

  reader(after = this.log.last): Reader {
    return this.room.follow({ after, resumed: true });
  }

  follow(after?: number): Follower {
    const follower = new Follower(this.reader(after));
    this.#followers.push(follower);
    return follower;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const follower of this.#followers) await follower.close();
    this.room[Symbol.dispose]();
    this.registry[Symbol.dispose]();
    await this.log[Symbol.asyncDispose]();
  }
}

/** Takes all that its reader yields, unless it is told to pause. */
export class Follower {
  readonly reader: Reader;
  readonly batches: Batch[] = [];
  readonly ended: Promise<void>;
  #gate: PromiseWithResolvers<void> | undefined;

  constructor(reader: Reader) {
    this.reader = reader;
    this.ended = this.#run();
  }

  get events(): RoomEvent[] {
    return this.batches.flatMap(({ events }) => events);
  }

  get types(): string[] {
    return this.events.map(({ type }) => type);
  }

  get entries(): Entry[] {
    return this.events.filter(isEntry);
  }

  /** What it has seen since the last time it was asked. */
  take(): RoomEvent[] {
    const { events } = this;
    this.batches.length = 0;
    return events;
  }

  pause(): void {
    this.#gate ??= Promise.withResolvers();
  }

  resume(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  async close(): Promise<void> {
    this.reader.close();
    this.resume();
    await this.ended;
  }

  async #run(): Promise<void> {
    for await (const batch of this.reader) {
      this.batches.push(batch);
      await this.#gate?.promise;
    }
  }
}
