import type { Cursor, Start } from "../model/cursor.ts";
import { errorEvent, resetEvent, type Standing, type Welcome } from "../model/events.ts";
import type { DraftFields } from "../model/draft.ts";
import { LIMITS, type Receipt } from "../model/message.ts";
import { type Features, lacksOne } from "../model/features.ts";
import { parseName } from "../names/mod.ts";
import { Refusal } from "../model/refusal.ts";
import type { Person } from "./people/presence.ts";
import type { Reader } from "./reader.ts";
import { PING_MS, type Room } from "./room.ts";
import { type Poster, refusalOf } from "./rules.ts";
import type { Admitted } from "./door.ts";
import type { Dismissable, Dismissal } from "./identity/visits.ts";

/**
 * Refused for its rate so often, one after the other, a client that goes on is not listening. More
 * than a long text has lines, which somebody may paste into `nc`.
 */
const REFUSALS_AT_MOST = 1000;
/** Answers that nobody reads: with the rate limit's own answers, far more than a slow line needs. */
const BACKLOG_AT_MOST = 1000;
/** Between two typing notices of one connection. */
const TYPING_MS = 3000;

/** Where to begin. */
export interface VisitStart {
  /** `"unknown"` is one that could not even be read. */
  readonly cursor: Cursor | "unknown" | undefined;
  /** How many of the newest entries come where the cursor does not say; the room's own by default. */
  readonly recent?: number | undefined;
}

/**
 * One connection's stay in the room, whatever it rides on: its person, and its reader, which begins
 * with `welcome`. The transport pumps what the reader yields, hands over what the client sends, and
 * calls `leave` when the connection ends.
 */
export class Visit implements Dismissable {
  readonly reader: Reader;
  readonly room: Room;
  /** The sign-in by which it came in. */
  signIn: string | undefined;
  readonly address: string | undefined;
  #person: Person;
  /** Set while its person's new name is being claimed. */
  #renaming: Promise<void> | undefined;
  /** The last message that was said here, while anything that was is being stored. */
  #saying: Promise<Receipt> | undefined;
  #dismissed: Refusal | undefined;
  #dismissal: Dismissal | undefined;
  #onDismissed: (() => void) | undefined;
  /** Made once: it goes with each message. */
  #by: { readonly poster: Poster };
  #features: Features | undefined;
  #refused = 0;
  /** How many messages of its own are being stored. */
  #posting = 0;
  #typedAt = -Infinity;
  #goodbye = false;
  #left = false;

  constructor(
    room: Room,
    session: Pick<Admitted, "id" | "name" | "token"> & Partial<Admitted>,
    { cursor, recent }: VisitStart,
  ) {
    const { id, proof, address, features } = session;
    this.room = room;
    this.signIn = session.signIn;
    this.address = address;
    this.#by = { poster: { session: id, proof, address } };
    this.#features = features;
    this.#person = room.enter(session.id, session.name, session.address);
    room.visits.add(this);
    const start = room.locate(cursor, recent);
    this.reader = room.follow(start);
    room.counts.visits[start.reset ?? (start.resumed ? "resumed" : "new")]++;
    this.welcome(start, session.token);
    if (start.reset) {
      const asked = typeof cursor === "object" ? cursor.seq : undefined;
      this.reader.push(resetEvent(room.log, start.reset, asked));
    }
    // An operator may have acted after the door was asked.
    const removal = room.rules.removalOf({ session: id, address, name: this.name });
    if (removal) this.dismiss(removal.type, refusalOf(removal, room.loop.now()));
  }

  /** As it is now: renaming changes it for all connections of the session. */
  get name(): string {
    return this.#person.name;
  }

  get session(): string {
    return this.#person.session;
  }

  /** Why it was sent away; undefined where it was not. */
  get dismissed(): Dismissal | undefined {
    return this.#dismissal;
  }

  /** Called when it is sent away, before it gets its last word. */
  set onDismissed(listener: () => void) {
    this.#onDismissed = listener;
  }

  /** Whether the client goes on in spite of being refused, or asks without reading the answers. */
  get flooding(): boolean {
    return this.#refused >= REFUSALS_AT_MOST || this.reader.backlog >= BACKLOG_AT_MOST;
  }

  /** Tells the client where its reader stands and who it is, with the token to come back by. */
  welcome(start: Start, token: string): void {
    const { room } = this;
    const { type: _, ...presence } = room.presence();
    const { topic } = room.log;
    const { slow } = room.rules;
    const welcome: Welcome = {
      type: "welcome",
      v: 1,
      room: room.name,
      epoch: room.log.epoch,
      first: room.log.first,
      last: room.tail.seq,
      name: this.name,
      token,
      resumed: start.resumed,
      ...presence,
      ...(topic && topic.text !== "" && {
        topic: { seq: topic.seq, at: topic.at, from: topic.from, text: topic.text },
      }),
      ...(slow !== undefined && { slow }),
      ...room.rules.standing(this.session),
      limits: {
        text: LIMITS.text,
        name: LIMITS.name,
        ...(room.rate && { rate: room.rate.perSecond, burst: room.rate.burst }),
        ...(room.editForMs < Infinity && { edit_for: room.editForMs / 1000 }),
        ...(room.files && { file: room.files.limit }),
      },
      ...(this.#features && lacksOne(this.#features) && { features: this.#features }),
      ping: PING_MS / 1000,
    };
    this.reader.push(welcome);
  }

  /**
   * Resolves when what is said or changed is stored. Rejects with a Refusal. Meanwhile its reader is
   * served before others, so that a client that waits for its own message can send the next.
   */
  async post(fields: DraftFields): Promise<Receipt> {
    // What is said after a new name is said under it; whether there is one, whoever asked is told.
    if (this.#renaming) await this.#renaming.catch(() => {});
    if (this.#dismissed) throw this.#dismissed;
    if (this.#posting++ === 0) this.reader.urgent = true;
    try {
      const { session, name } = this.#person;
      const stored = this.room.post({ ...fields, sender: session, from: name }, this.#by);
      const isMessage = fields.type === undefined || fields.type === "message";
      if (isMessage) this.#saying = stored;
      const receipt = await stored;
      if (isMessage) {
        this.room.people.speak(session, name, this.address);
      }
      this.#refused = 0;
      return receipt;
    } finally {
      if (--this.#posting === 0) {
        this.reader.urgent = false;
        this.#saying = undefined;
      }
    }
  }

  /**
   * The newest message that its person has said before this call, here or elsewhere, as `lastMessageOf`
   * a log tells it; one that is being stored is waited for.
   */
  async lastSaid(): Promise<number | undefined> {
    const { session } = this.#person;
    try {
      if (this.#saying) return (await this.#saying).seq;
    } catch {
      // Whoever said it is told, and it is none.
    }
    return await this.room.log.lastMessageOf(session);
  }

  /**
   * Throws a Refusal where that is no name, or somebody else's, or where it may show nothing to others.
   * Where other nodes must be asked, the promise resolves once it is done, or rejects with such a Refusal.
   */
  rename(name: unknown): Promise<void> | undefined {
    if (this.#dismissed) throw this.#dismissed;
    this.room.checkMayWrite(this.#by.poster);
    const [before, wished] = [this.name, parseName(name)];
    const renaming = this.room.people.rename(this.#person.session, wished);
    // Nothing has changed for the others; whoever asked is answered all the same.
    if (wished === before) this.reader.push({ type: "rename", from: before, name: before });
    if (!renaming) return;
    this.#renaming = renaming;
    return renaming.finally(() => {
      if (this.#renaming === renaming) this.#renaming = undefined;
    });
  }

  typing(): void {
    const now = this.room.loop.monotonic();
    if (this.#left || now - this.#typedAt < TYPING_MS || !this.#mayWrite) return;
    this.#typedAt = now;
    this.room.notifyAll({ type: "typing", name: this.name });
  }

  get #mayWrite(): boolean {
    try {
      this.room.checkMayWrite(this.#by.poster);
      return true;
    } catch {
      return false; // for typing there is no answer
    }
  }

  /** Tells the client, and only what it may know, why something was not done. */
  refuse(thrown: unknown, id?: unknown): void {
    const refusal = Refusal.from(thrown);
    if (refusal.code === "rate_limited") this.#refused++;
    this.room.counts.refusals[refusal.code]++;
    if (refusal.code === "internal") this.room.report("cannot answer a client", thrown);
    this.reader.push(errorEvent(refusal, id));
  }

  /** Goes on as another session: the connection's person is that one from now on. */
  become(session: Pick<Admitted, "id" | "name" | "signIn" | "features"> & Partial<Admitted>): void {
    const { id, name, proof, signIn, features } = session;
    if (this.#left) return;
    const before = this.#person.session;
    this.room.visits.delete(this);
    this.#person = this.room.enter(id, name, this.address);
    this.#by = { poster: { session: id, proof, address: this.address } };
    this.#features = features;
    this.signIn = signIn;
    this.room.visits.add(this);
    this.room.people.leave(before, true);
    this.tell(this.room.rules.standing(id));
  }

  tell(standing: Standing): void {
    this.reader.push({ type: "you", ...standing });
  }

  /** Ends it at once, whatever the client has not been told yet, and tells why. */
  dismiss(why: Dismissal, refusal: Refusal): void {
    if (this.#dismissed || this.#left) return;
    this.#dismissal = why;
    this.#dismissed = refusal;
    this.#goodbye = true;
    this.#onDismissed?.();
    this.reader.endWith(errorEvent(this.#dismissed));
  }

  /** The client says that it leaves: it is shown what there is, and then not waited for. */
  finish(): void {
    this.#goodbye = true;
    this.reader.finish();
  }

  /** The connection has ended. Idempotent. `goodbye`: the client said so, and is not waited for. */
  leave(goodbye = this.#goodbye): void {
    if (this.#left) return;
    this.#left = true;
    this.room.visits.delete(this);
    this.room.people.leave(this.#person.session, goodbye);
    this.reader.close();
  }
}
