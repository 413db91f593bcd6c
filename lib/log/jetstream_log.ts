import type { EventLoop } from "../base/event_loop.ts";
import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";
import type { Draft } from "../model/draft.ts";
import type { Entry, Message, Outcome, Topic } from "../model/message.ts";
import { Refusal, unavailable } from "../model/refusal.ts";
import { isMissing, type Nats } from "../nats/mod.ts";
import { Arrivals } from "./jetstream/arrivals.ts";
import { openCopy, patientState } from "./jetstream/copy.ts";
import { Eraser } from "./jetstream/eraser.ts";
import { Follower } from "./jetstream/follower.ts";
import { msgIdOf, Publisher, RETRY_AFTER_S } from "./jetstream/publisher.ts";
import { encodeRecord } from "./jetstream/record.ts";
import { DUPLICATE_WINDOW_MS, RoomStream, type StreamState } from "./jetstream/stream.ts";
import { Trims } from "./jetstream/trims.ts";
import { UnderWay } from "./jetstream/under_way.ts";
import type { Found, KeptLog, MessageRange, ReadRange, Search } from "./log.ts";
import type { SqliteLog } from "./sqlite_log.ts";

/** The copy is complete up to so long ago, or is compared with the stream before anything is decided. */
const FRESH_MS = DUPLICATE_WINDOW_MS / 4;
/** As often a change may be overtaken by others; each time somebody else's was stored. */
const TRIES = 100;

/** Appends under way: what one more would add to the throughput is little. */
const APPENDS = 8;

const MISSING_MS = 10_000;
/** Between two words about how far the copy is. */
const PROGRESS_MS = 2000;

interface Parts {
  readonly stream: RoomStream;
  readonly trims: Trims;
  readonly copy: SqliteLog;
}

export interface JetStreamLogOptions {
  /** The stream, made where there is none. */
  readonly stream: string;
  readonly replicas: number;
  /** The file of the copy. */
  readonly path: string;
  readonly loop: EventLoop;
  /** Told of what needs the operator. */
  readonly report: (what: string, error?: unknown) => void;
  /** Told how far it is, while all that is in the stream is copied. */
  readonly onProgress?: (seq: number, last: number) => void;
  /** So long NATS may say that there is no such stream: a server that has just started may not know it. */
  readonly missingMs?: number;
}

/**
 * The log that several nodes share: a stream of NATS JetStream, and a copy of it in a file of this node.
 * What becomes of a draft is decided by the copy, and stored by the stream: where another node was
 * faster, it is decided anew. Everything is read from the copy, which follows the stream.
 */
export class JetStreamLog implements KeptLog {
  readonly appendsAtOnce = APPENDS;
  readonly syncs = new Histogram(MS_BOUNDS);
  readonly #stream: RoomStream;
  readonly #trims: Trims;
  readonly #copy: SqliteLog;
  readonly #loop: EventLoop;
  readonly #follower: Follower;
  readonly #publisher: Publisher;
  readonly #arrivals: Arrivals;
  readonly #eraser: Eraser;
  readonly #connection: Disposable;
  readonly #closing = new AbortController();
  readonly #report: JetStreamLogOptions["report"];
  readonly #missingMs: number;
  readonly #underWay = new UnderWay();
  /** Drafts are decided in the order of the appends. */
  #turn: Promise<unknown> = Promise.resolve();
  /** The copy had everything that was in the stream then. */
  #freshAt = -Infinity;
  #broken: Error | undefined;
  /** Since NATS says that there is no such stream, on the monotonic clock. */
  #missingSince: number | undefined;

  private constructor(
    { stream, trims, copy }: Parts,
    { loop, report, missingMs = MISSING_MS }: JetStreamLogOptions,
  ) {
    this.#stream = stream;
    this.#trims = trims;
    this.#copy = copy;
    this.#loop = loop;
    this.#report = report;
    this.#missingMs = missingMs;
    this.#publisher = new Publisher(stream, loop, this.#closing.signal);
    const eraser = this.#eraser = new Eraser(stream, copy.rows, { clock: loop, report });
    const follower = this.#follower = new Follower(stream, copy, {
      loop,
      report,
      verify: () => this.#verify(),
      first: () => trims.first(),
      onOwn: this.#publisher.seen,
      onDelete: (isOwn) => eraser.noted(isOwn),
      onTaken: () => this.#arrivals.arrived(),
    });
    this.#arrivals = new Arrivals(loop, () => follower.taken);
    this.#connection = stream.watchConnection((connected) => {
      // What NATS has now may be something else.
      if (connected) this.#catchUp().catch(() => {}); // it is asked again before anything is decided
    });
  }

  /**
   * Opens the stream and the copy, and resolves when the copy has all that is in the stream now. A file
   * that is no copy of it is set aside. Rejects with a StartupError.
   */
  static async open(nats: Nats, options: JetStreamLogOptions): Promise<JetStreamLog> {
    const { stream: name, replicas, report } = options;
    await using opening = new AsyncDisposableStack();
    const stream = await RoomStream.open(nats, { name, replicas });
    const copy = opening.use(await openCopy(stream, options));
    const trims = opening.use(
      await Trims.open(nats, {
        name,
        replicas,
        epoch: copy.epoch,
        onTrim: ({ first, ids, topic }) => {
          copy.remember(ids, topic);
          copy.trim(first, Infinity).catch((error) => report("cannot trim the copy", error));
        },
      }),
    );
    const log = opening.use(new JetStreamLog({ stream, trims, copy }, options));
    await log.#follower.start();
    await log.#copyAll(options);
    if (copy.rows.toErase().length > 0) log.#eraser.noted(false);
    opening.move();
    return log;
  }

  get epoch(): string {
    return this.#copy.epoch;
  }

  get commits(): Histogram {
    return this.#copy.commits;
  }

  get broken(): Error | undefined {
    return this.#broken ?? this.#copy.broken;
  }

  get first(): number {
    return this.#copy.first;
  }

  get last(): number {
    return this.#copy.last;
  }

  get topic(): Topic | undefined {
    return this.#copy.topic;
  }

  async append(drafts: readonly Draft[]): Promise<readonly Outcome[]> {
    const { promise: turn, resolve: passOn } = Promise.withResolvers<void>();
    const before = this.#turn;
    this.#turn = turn;
    const outcomes: Promise<Outcome>[] = [];
    try {
      await before;
      this.#checkOpen();
      if (this.#loop.monotonic() - this.#freshAt > FRESH_MS) await this.#catchUp();
      for (const draft of drafts) {
        // What is published with no await in between goes out in one write.
        if (this.#isBlocked(draft)) await this.#unblocked(draft);
        outcomes.push(this.#store(draft));
      }
    } finally {
      passOn();
    }
    return await Promise.all(outcomes);
  }

  async caughtUp(): Promise<void> {
    try {
      await this.#catchUp();
    } catch (error) {
      if (this.#broken) throw error;
      throw unavailable("NATS does not say what is stored", RETRY_AFTER_S, error);
    }
  }

  read(range: ReadRange): Promise<readonly Entry[]> {
    return this.#copy.read(range);
  }

  readMessages(range: MessageRange): Promise<readonly Message[]> {
    return this.#copy.readMessages(range);
  }

  search(search: Search): Promise<Found> {
    return this.#copy.search(search);
  }

  lastMessageOf(sender: string): Promise<number | undefined> {
    return this.#copy.lastMessageOf(sender);
  }

  hasFile(id: string): Promise<boolean> {
    return this.#copy.hasFile(id);
  }

  async reach(seq: number): Promise<void> {
    if (seq <= this.last || this.broken || !this.#stream.connected) return;
    await this.#catchUp().catch(() => {}); // then it is not there
  }

  async trim(before: number, limit: number): Promise<number> {
    if (this.broken) throw this.broken;
    const { first, last } = this.#copy;
    const end = Math.min(before, first + limit, last);
    if (end <= first) return 0;
    const { epoch, topic } = this.#copy;
    await this.#trims.publish({
      epoch,
      first: end,
      ids: this.#copy.usedIds(end),
      ...(topic && topic.seq < end && { topic }),
    });
    await this.#stream.purge(end);
    await this.#copy.trim(end, limit);
    return end - first;
  }

  watch(listener: (entries: readonly Entry[]) => void): Disposable {
    return this.#copy.watch(listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#connection[Symbol.dispose]();
    this.#arrivals[Symbol.dispose]();
    await this.#eraser[Symbol.asyncDispose]();
    await this.#follower[Symbol.asyncDispose]();
    await this.#trims[Symbol.asyncDispose]();
    await this.#copy[Symbol.asyncDispose]();
  }

  #checkOpen(): void {
    if (this.broken) throw this.broken;
    if (this.#closing.signal.aborted) throw new Error("cannot append: the log is closed");
    if (!this.#stream.connected) {
      throw unavailable("the room's history cannot be reached", RETRY_AFTER_S);
    }
  }

  #isBlocked(draft: Draft): boolean {
    return this.#underWay.blocks(draft) || targetOf(draft) > this.#copy.last;
  }

  /** Resolves when the copy has what the draft is to be decided by. */
  async #unblocked(draft: Draft): Promise<void> {
    await this.#underWay.unblocked(draft);
    const target = targetOf(draft);
    if (target <= this.#copy.last) return;
    // It may be under way, here or on another node.
    await this.#underWay.settled();
    if (target > this.#copy.last) await this.#catchUp();
  }

  /** Decides at once, and stores what was decided. */
  #store(draft: Draft): Promise<Outcome> {
    const storing = this.#storeNow(draft);
    this.#underWay.add(draft, storing);
    return storing;
  }

  async #storeNow(draft: Draft): Promise<Outcome> {
    const ref = "ref" in draft ? draft.ref : undefined;
    const msgID = msgIdOf(draft);
    try {
      for (let tries = 1; tries <= TRIES; tries++) {
        const entry = this.#copy.decide(draft);
        if (!("at" in entry)) return entry;
        const { rows } = this.#copy;
        const left = entry.type === "delete" ? rows.remainsOf(entry.ref) : [];
        const record = encodeRecord({ entry, sender: draft.sender }, left);
        const expected = ref === undefined ? undefined : rows.lastChangeOf(ref);
        const begunAt = this.#loop.monotonic();
        const { taken } = this.#follower;
        const published = await this.#publisher.publish({ record, msgID, ref, expected });
        if (!published) {
          await this.#catchUp();
          continue;
        }
        const { seq, duplicate } = published;
        // What is new comes last, and what is not is known: or it is another stream.
        if (seq <= taken) await this.#verify();
        this.syncs.observe(this.#loop.monotonic() - begunAt);
        await this.#arrivals.at(seq);
        this.#freshAt = Math.max(this.#freshAt, begunAt);
        // What it was, the copy knows now.
        if (!duplicate || draft.id === undefined) return { seq, duplicate: false };
      }
      throw unavailable("others were faster", RETRY_AFTER_S);
    } catch (error) {
      if (error instanceof Refusal) return error;
      throw error;
    }
  }

  /** Resolves when the copy has everything that is in the stream now, however long that takes. */
  async #copyAll({ loop, onProgress = () => {} }: JetStreamLogOptions): Promise<void> {
    const { last } = await this.#stream.state();
    const tell = () => {
      timer = loop.after(PROGRESS_MS, tell);
      onProgress(this.last, last);
    };
    let timer = loop.after(PROGRESS_MS, tell);
    try {
      // What is at the end may be gone from the stream: nothing comes then that shows it.
      let there = last;
      while (there > this.last && !await this.#stream.message(there)) there--;
      await this.#arrivals.at(there, Infinity);
      await this.#follower.reach(last);
    } finally {
      timer[Symbol.dispose]();
    }
    await this.#catchUp();
  }

  /** Resolves when the copy has everything that is in the stream now. */
  async #catchUp(): Promise<void> {
    const askedAt = this.#loop.monotonic();
    const { last } = await this.#verify();
    await this.#arrivals.at(last);
    this.#freshAt = Math.max(this.#freshAt, askedAt);
  }

  /** Rejects where the stream is not the one that is copied; from then on for ever. */
  async #verify(): Promise<StreamState> {
    const { taken } = this.#follower;
    const state = await patientState(this.#stream, this.#loop, taken).catch((error) => {
      if (isMissing(error)) this.#missed();
      throw this.#broken ?? error;
    });
    this.#missingSince = undefined;
    if (state.epoch !== this.epoch || state.last < taken) {
      this.#break("the stream in NATS is another one now; nothing is stored until a restart");
    }
    if (this.#broken) throw this.#broken;
    return state;
  }

  /** There is no stream, as it seems. */
  #missed(): void {
    const now = this.#loop.monotonic();
    this.#missingSince ??= now;
    if (now - this.#missingSince < this.#missingMs) return;
    this.#break("the stream is not in NATS any more; nothing is stored until a restart");
  }

  #break(why: string): void {
    if (this.#broken) return;
    this.#broken = new Error(why);
    this.#report(why);
    this.#follower[Symbol.asyncDispose]();
  }
}

/** The entry that it is about, or 0. */
function targetOf(draft: Draft): number {
  return "ref" in draft ? draft.ref : "re" in draft ? draft.re ?? 0 : 0;
}
