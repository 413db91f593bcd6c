import type { JsMsg } from "@nats-io/jetstream";
import type { EventLoop } from "../../base/event_loop.ts";
import type { Placed } from "../sqlite/storing/batch.ts";
import type { SqliteLog } from "../sqlite_log.ts";
import type { Following } from "./following.ts";
import { Holes } from "./holes.ts";
import { decodeRecord } from "./record.ts";
import type { RoomStream } from "./stream.ts";

/** Entries taken in by one transaction: a few milliseconds. */
const BATCH = 512;
/** Between two tries to go on, after what was taken could not be stored. */
const RETRY_MS = 1000;

export interface FollowerOptions {
  readonly loop: EventLoop;
  readonly report: (what: string, error?: unknown) => void;
  /** Rejects while it is not sure that the stream is the one that is copied. */
  readonly verify: () => Promise<unknown>;
  /** Where the log begins, by what was trimmed. */
  readonly first: () => Promise<number>;
  /** Told what this node has published, by its id. */
  readonly onOwn: (msgID: string, seq: number) => void;
  /** Told when something is noted that is to be erased; `isOwn`: this node has published the delete. */
  readonly onDelete: (isOwn: boolean) => void;
  /** Told after each batch. */
  readonly onTaken: () => void;
}

/**
 * Follows the stream into the copy: all of it, in order, each entry once. What the stream has no more is
 * put back as what is left of it, or, where it was trimmed, is a gap at the beginning.
 */
export class Follower implements AsyncDisposable {
  readonly #stream: RoomStream;
  readonly #copy: SqliteLog;
  readonly #options: FollowerOptions;
  readonly #holes: Holes;
  readonly #following: Following;
  #queue: JsMsg[] = [];
  /** What comes next: after the newest in the copy, or after a gap. */
  #next: number;
  #taking: Promise<void> | undefined;
  #retrying: Disposable | undefined;
  /** Since it was in vain: said once. */
  #failing = false;
  #stopped = false;

  constructor(stream: RoomStream, copy: SqliteLog, options: FollowerOptions) {
    this.#stream = stream;
    this.#copy = copy;
    this.#options = options;
    this.#holes = new Holes(stream);
    this.#next = copy.last + 1;
    this.#following = stream.follow({
      next: () => this.#next,
      take: (message) => {
        this.#queue.push(message);
        this.#takeSoon();
      },
      verify: async () => {
        await this.#taking;
        await options.verify();
      },
    });
  }

  /** Up to which seq all is taken in, or known to be gone. */
  get taken(): number {
    return this.#next - 1;
  }

  async start(): Promise<void> {
    this.#next = Math.max(this.#next, await this.#options.first());
    await this.#following.start();
  }

  /** There is nothing more in the stream up to that seq. */
  async reach(seq: number): Promise<void> {
    await this.#taking;
    if (this.#next <= seq) await this.#fill(this.#next, seq + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    this.#retrying?.[Symbol.dispose]();
    await this.#following[Symbol.asyncDispose]();
    await this.#taking;
  }

  #takeSoon(): void {
    if (this.#taking || this.#stopped) return;
    this.#taking = this.#takeAll().catch((error) => this.#failed(error)).finally(() => {
      this.#taking = undefined;
      if (this.#queue.length > 0 && !this.#retrying) this.#takeSoon();
    });
  }

  async #takeAll(): Promise<void> {
    await new Promise<void>((resolve) => this.#options.loop.soon(resolve, "taking in"));
    while (this.#queue.length > 0 && !this.#stopped) {
      const batch = this.#queue.slice(0, BATCH);
      const hole = this.#holeIn(batch);
      const whole = hole ? batch.slice(0, hole.index) : batch;
      if (whole.length > 0) this.#take(whole);
      if (hole) await this.#fill(hole.first, hole.end);
      this.#queue.splice(0, whole.length);
    }
    this.#failing = false;
  }

  /** What could not be taken in stays in the queue. */
  #failed(error: unknown): void {
    if (this.#stopped) return;
    if (!this.#failing) this.#options.report("cannot take in what is in the stream", error);
    this.#failing = true;
    this.#retrying = this.#options.loop.after(RETRY_MS, () => {
      this.#retrying = undefined;
      this.#takeSoon();
    });
  }

  /** Where the first seq is that has no message. */
  #holeIn(batch: readonly JsMsg[]) {
    let next = this.#next;
    for (const [index, { seq }] of batch.entries()) {
      if (seq > next) return { index, first: next, end: seq };
      next = Math.max(next, seq + 1);
    }
    return undefined;
  }

  #take(messages: readonly JsMsg[]): void {
    const placed: Placed[] = [];
    const deleted: number[] = [];
    let next = this.#next;
    for (const message of messages) {
      // A consumer that was made anew may have begun with what is here already.
      if (message.seq < next) continue;
      next = message.seq + 1;
      const { entry } = placed[placed.push(this.#decode(message)) - 1]!;
      if (entry.type === "delete") deleted.push(entry.ref);
    }
    if (placed.length === 0) return;
    this.#put(placed, deleted);
    const { onOwn, onDelete, onTaken } = this.#options;
    let hasOwn = false;
    for (const message of messages) {
      const msgID = this.#stream.ownIdOf(message);
      if (msgID === undefined) continue;
      hasOwn = true;
      onOwn(msgID, message.seq);
    }
    if (deleted.length > 0) onDelete(hasOwn);
    onTaken();
  }

  #put(placed: readonly Placed[], deleted: readonly number[] = []): void {
    const { rows } = this.#copy;
    this.#copy.put(placed, () => {
      for (const ref of deleted) rows.noteToErase(ref);
    });
    this.#next = this.#copy.last + 1;
  }

  #decode(message: JsMsg): Placed {
    try {
      return decodeRecord(message.data, message.seq, message.time.getTime()).placed;
    } catch (error) {
      this.#options.report(`entry ${message.seq} of the stream is nothing that can be read`, error);
      return lost(message.seq);
    }
  }

  /** The stream has nothing from `first` on and before `end`. */
  async #fill(first: number, end: number): Promise<void> {
    const { first: oldest } = await this.#stream.state();
    let from = Math.min(Math.max(first, await this.#options.first()), end);
    const found = await this.#holes.find(from, end);
    let placed: Placed[] = [];
    for (let seq = from; seq < end; seq++) {
      const known = found.get(seq);
      placed.push(known ?? lost(seq));
      if (known) continue;
      // Where nothing is before it either, somebody has purged the stream.
      if (oldest >= end) [from, placed] = [seq + 1, []];
      else this.#options.report(`the stream has lost entry ${seq}`);
    }
    if (from > first) {
      this.#next = from;
      const { last } = this.#copy;
      if (last > 0) this.#options.report(`entries ${last + 1} to ${from - 1} were trimmed unseen`);
    }
    for (let i = 0; i < placed.length; i += BATCH) this.#put(placed.slice(i, i + BATCH));
    this.#options.onTaken();
  }
}

/** Nobody knows what it was: its place in the order stays. */
function lost(seq: number): Placed {
  return {
    entry: { type: "message", seq, at: 0, from: "unknown", text: "", deleted: true, changed: seq },
    sender: "",
  };
}
