// Where a message goes. Writing ends at the log; reading starts at it, and at nothing else.
//
//     visit.post ──> intake ──────────────> log            a turn's drafts: one append
//                                            │ watch
//                    presence ──notices──> tail            the newest batches, numbered
//                                            │ serve
//     visit.reader <── round robin <─────────┘             16 readers a turn of the event loop
//                 <── catch-up <── log.read                pages for readers that are further behind
//
// intake.ts gathers and stores drafts; tail.ts keeps the newest batches and serves them joined;
// round_robin.ts says whose turn it is; catch_up.ts hands out pages, a share of each turn; reader.ts is
// one connection's cursor; people/ is who is here, at all nodes; visit.ts is one connection's stay,
// which is what a transport holds.

import { type EventLoop, systemLoop } from "../base/event_loop.ts";
import { type Rate, RateLimit } from "../base/rate_limit.ts";
import type { Log } from "../log/log.ts";
import { type Cursor, locate, type Start } from "../model/cursor.ts";
import type { Notice, PresenceNotice, RoomEvent } from "../model/events.ts";
import {
  type DeleteDraft,
  type Draft,
  type DraftContext,
  type EditDraft,
  parseDraft,
  type UncheckedDraft,
} from "../model/draft.ts";
import type { FileInfo, Receipt } from "../model/message.ts";
import { rateLimited, Refusal, unavailable } from "../model/refusal.ts";
import { CatchUp } from "./catch_up.ts";
import { noCounts, type RoomCounts } from "./counts.ts";
import { FileLookups } from "./file_lookups.ts";
import { Intake } from "./intake.ts";
import type { HeldNames } from "./identity/held_names.ts";
import type { Neighbours } from "./people/neighbours.ts";
import { type Person, Presence } from "./people/presence.ts";
import { Reader, type Source } from "./reader.ts";
import { NO_RULES, type Poster, type PostGuard, type Rules } from "./rules.ts";
import { Visits } from "./identity/visits.ts";
import { Tail } from "./tail.ts";

/** Between two pings to everybody: below the minute after which the usual proxy cuts a silent line. */
export const PING_MS = 15_000;

const SESSION_WANTED = "wanted a session: only what was said with one can be changed by its sender";

const UNKNOWN: Poster = { session: undefined, proof: undefined, address: undefined };

/** What was uploaded, as far as the room asks. */
export interface RoomFiles {
  /** Bytes of one file at most. */
  readonly limit: number;
  /**
   * The files that ids stand for, in their order. Throws a Refusal where one is not there, or not for
   * that session (undefined: a post without one). Must be quick.
   */
  resolveFiles(ids: readonly string[], session: string | undefined): readonly FileInfo[];
  /**
   * Asked before, where files may have been uploaded to other nodes: resolves when what these know is
   * known here, or rejects with a Refusal. Undefined where nothing is to be asked.
   */
  refresh?(ids: readonly string[]): Promise<void> | undefined;
}

export interface RoomOptions {
  readonly name: string;
  /** How many entries a reader without a cursor gets. */
  readonly recent: number;
  /** Of each sender; no limit where undefined. */
  readonly rate?: Rate | undefined;
  /** For how long people can edit what they have said: for ever where Infinity, 0 not at all. */
  readonly editForMs?: number;
  /** What messages can have besides their text; nothing by default. */
  readonly files?: RoomFiles | undefined;
  /** Renames of each person; no limit where undefined. */
  readonly renames?: Rate | undefined;
  /** Names of people who are away; none where undefined. */
  readonly held?: HeldNames | undefined;
  /** The other nodes of the room; it has none by default. */
  readonly neighbours?: Neighbours | undefined;
  /** From the end of a person's last connection, if it ended without a goodbye, to the leave notice. */
  readonly graceMs?: number;
  /** Each may refuse what somebody says, or would be called. */
  readonly guards?: readonly PostGuard[];
  /** What operators have laid down; nothing by default. */
  readonly rules?: Rules;
  readonly loop?: EventLoop;
  /** Told what a client must not see: why the log failed. */
  readonly report?: (what: string, error?: unknown) => void;
}

/**
 * One room: posting appends to the log and sends to nobody; what the log announces is what readers
 * get, the sender's among them. Knows no socket, no SQL, no JSON.
 */
export class Room implements Source, Disposable {
  readonly log: Log;
  readonly name: string;
  readonly recent: number;
  readonly rate: Rate | undefined;
  readonly editForMs: number;
  readonly files: RoomFiles | undefined;
  readonly tail: Tail;
  readonly catchUp: CatchUp;
  /** The people who are here. */
  readonly people: Presence;
  /** The connections that are here. */
  readonly visits: Visits;
  readonly loop: EventLoop;
  /** To be read; counted here. */
  readonly counts: RoomCounts = noCounts();
  /** For what the operator must know and a client must not. */
  readonly report: (what: string, error?: unknown) => void;
  readonly rules: Rules;
  readonly #guards: readonly PostGuard[];
  readonly #fileLookups: FileLookups;
  readonly #neighbours: Neighbours | undefined;
  readonly #intake: Intake;
  readonly #limit: RateLimit | undefined;
  readonly #watching: Disposable;
  readonly #readers = new Set<Reader>();
  /** What the readers that have ended had been given. */
  #delivered = 0;
  #pinging: Disposable;
  #notices: Notice[] = [];
  #draining = false;
  #closing: (() => RoomEvent) | undefined;

  /** The room does not own the log: its opener closes it, after the room. */
  constructor(log: Log, options: RoomOptions) {
    this.log = log;
    this.name = options.name;
    this.recent = options.recent;
    this.rate = options.rate;
    this.editForMs = options.editForMs ?? Infinity;
    this.files = options.files;
    this.#fileLookups = new FileLookups((ids) => this.files?.refresh?.(ids));
    this.loop = options.loop ?? systemLoop;
    this.visits = new Visits(this.loop);
    this.report = options.report ?? (() => {});
    this.rules = options.rules ?? NO_RULES;
    this.#guards = options.guards ?? [];
    this.#neighbours = options.neighbours;
    this.#limit = options.rate && new RateLimit(options.rate, this.loop);
    this.people = new Presence(this.loop, {
      graceMs: options.graceMs ?? 0,
      renames: options.renames,
      held: options.held,
      rules: this.rules,
      neighbours: options.neighbours,
      announce: (notice) => this.notify(notice),
      limited: this.counts.limited,
    });
    const tail = this.tail = new Tail(log.last, this.loop, this.counts.fanOut);
    this.catchUp = new CatchUp(log, tail, this.loop);
    this.#intake = new Intake(log, {
      loop: this.loop,
      isHeld: () => tail.overfull,
      counts: this.counts,
      report: this.report,
    });
    this.#watching = log.watch((entries) => {
      for (const { type } of entries) this.counts.entries[type]++;
      this.counts.batches.observe(entries.length);
      tail.push(entries);
    });
    this.#pinging = this.loop.after(PING_MS, () => this.#ping());
  }

  /** From `close` on. */
  get draining(): boolean {
    return this.#draining;
  }

  /** Set when everything is stored that was accepted before `close`. */
  get closing(): (() => RoomEvent) | undefined {
    return this.#closing;
  }

  /** One connection more for a session, under `name` if it is free, else the next free one. */
  enter(session: string, name: string, address?: string): Person {
    const person = this.people.enter(session, name, address);
    // Before anybody reads: the one who comes in is told who is here by `welcome`, not by this join.
    this.#flushNotices();
    return person;
  }

  /** Where a reader with this cursor starts. */
  locate(cursor: Cursor | "unknown" | undefined, recent = this.recent): Start {
    // The log as far as it has been announced.
    const { epoch, first } = this.log;
    return locate({ epoch, first, last: this.tail.seq }, cursor, recent);
  }

  /** Resolves when the log is as far as somebody was who comes from another node, if it can be. */
  async reach(cursor: Cursor | "unknown" | undefined): Promise<void> {
    if (typeof cursor !== "object" || cursor.seq <= this.tail.seq) return;
    const { epoch = this.log.epoch, seq } = cursor;
    if (epoch === this.log.epoch) await this.log.reach(seq);
  }

  /** Reads from `start` on, for as long as the reader is not closed. */
  follow(start: Start): Reader {
    const reader = new Reader(this, start);
    this.#readers.add(reader);
    return reader;
  }

  /** For a reader: it has ended. */
  ended(reader: Reader): void {
    if (this.#readers.delete(reader)) this.#delivered += reader.delivered;
  }

  /** How many entries readers have been given, each counted for each. */
  get delivered(): number {
    let sum = this.#delivered;
    for (const reader of this.#readers) sum += reader.delivered;
    return sum;
  }

  /** How many entries each reader lacks, the least first. */
  get lags(): number[] {
    return Array.from(this.#readers, ({ seq }) => this.tail.seq - seq).sort((a, b) => a - b);
  }

  presence(): PresenceNotice {
    return this.people.snapshot();
  }

  /** Throws the Refusal of a guard where somebody may not write: messages, or what they are called. */
  checkMayWrite(poster: Poster): void {
    this.people.checkName(poster.session);
    for (const guard of this.#guards) guard(poster);
  }

  /**
   * The one door for what people say and change: asks the guards, checks the fields, and resolves when
   * the entry is stored durably, in a batch with what else came in this turn. Rejects with a Refusal: of
   * a guard, of the fields, `rate_limited` (of `limited`, by default the sender), of the log, or
   * `unavailable`. Without a poster it is nobody's, and has nobody's rights.
   */
  post(
    unchecked: UncheckedDraft,
    { poster = UNKNOWN, limited = unchecked.sender }: {
      readonly poster?: Poster;
      readonly limited?: string;
    } = {},
  ): Promise<Receipt> {
    try {
      this.checkMayWrite(poster);
      const asking = this.#fileLookups.of(unchecked);
      if (asking) return asking.then(() => this.#post(unchecked, poster, limited));
    } catch (refusal) {
      return Promise.reject(refusal);
    }
    return this.#post(unchecked, poster, limited);
  }

  #post(unchecked: UncheckedDraft, poster: Poster, limited: string): Promise<Receipt> {
    let draft;
    try {
      draft = parseDraft(unchecked, this.#contextOf(poster));
      if (!isMessage(draft) && poster.session === undefined) {
        throw new Refusal("unauthorized", SESSION_WANTED);
      }
    } catch (refusal) {
      return Promise.reject(refusal);
    }
    const waitMs = this.#limit?.take(limited) ?? 0;
    if (waitMs > 0) {
      this.counts.limited.messages++;
      return Promise.reject(rateLimited(waitMs));
    }
    if (draft.type === "delete") return this.#delete(draft);
    if (draft.type === "edit" && this.editForMs === 0) return this.#refuseEdit(draft);
    if (isMessage(draft)) {
      try {
        this.rules.takeTurn(poster);
      } catch (refusal) {
        this.counts.limited.messages++;
        return Promise.reject(refusal);
      }
    }
    return this.store(draft);
  }

  /** Stores what has been checked. Rejects with a Refusal, `unavailable`. */
  store(draft: Draft): Promise<Receipt> {
    if (this.#draining) return Promise.reject(unavailable("the server is restarting", 1));
    return this.#intake.store(draft);
  }

  /** A notice to everybody, at all nodes. */
  notifyAll(notice: Notice): void {
    this.notify(notice);
    this.#neighbours?.notify(notice);
  }

  /** A notice to everybody at this node, with what else is to be told in this turn. */
  notify(notice: Notice): void {
    this.#notices.push(notice);
    if (this.#notices.length === 1) this.loop.soon(() => this.#flushNotices(), "notices");
  }

  /**
   * No more posts; what was accepted before is stored, and acked. Then each reader's last event is a
   * `bye` with its own time to come back, spread over `spreadMs`, so that clients do not all come back
   * at once.
   */
  async close(spreadMs: number): Promise<void> {
    this.#draining = true;
    await this.#intake.drain();
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
    this.people[Symbol.dispose]();
    this.catchUp[Symbol.dispose]();
  }

  #contextOf({ session }: Poster): DraftContext {
    const { editForMs, files } = this;
    return {
      // Where it is switched off, also what is stored in this millisecond is too old.
      notBefore: editForMs === 0 ? Infinity : this.loop.now() - editForMs,
      resolveFiles(ids) {
        if (files) return files.resolveFiles(ids, session);
        throw new Refusal("bad_request", "this server takes no files; send the text alone");
      },
    };
  }

  /** Where editing is switched off, one that was stored before is known by its id all the same. */
  async #refuseEdit(draft: EditDraft): Promise<Receipt> {
    try {
      return await this.store(draft);
    } catch (refusal) {
      if (!(refusal instanceof Refusal && refusal.code === "forbidden")) throw refusal;
      throw new Refusal("forbidden", "messages cannot be edited here");
    }
  }

  /** An operator's right is used, and put down, only where the message is somebody else's. */
  async #delete(draft: DeleteDraft): Promise<Receipt> {
    try {
      return await this.store(draft);
    } catch (refusal) {
      const isOthers = refusal instanceof Refusal && refusal.code === "forbidden";
      if (!isOthers || !this.rules.isOperator(draft.sender)) throw refusal;
    }
    return await this.rules.overrule(
      draft,
      () => this.store({ ...draft, operator: true as const }),
    );
  }

  #flushNotices(): void {
    if (this.#notices.length > 0) this.tail.push(this.#notices.splice(0));
  }

  /** One timer and one batch keep every silent connection alive. */
  #ping(): void {
    this.tail.push([{ type: "ping", last: this.tail.seq }]);
    this.#pinging = this.loop.after(PING_MS, () => this.#ping());
  }
}

function isMessage({ type }: Draft): boolean {
  return type === undefined || type === "message";
}
