import { assertEquals, assertThrows } from "@std/assert";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { allChangedBy } from "../../../lib/model/change.ts";
import { type Entry, isChange } from "../../../lib/model/message.ts";
import { Refusal } from "../../../lib/model/refusal.ts";
import { Room } from "../../../lib/room/room.ts";
import { Visit } from "../../../lib/room/visit.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { checkMessage, Spectator, type View } from "./spectator.ts";
import { type Actor, type Deed, Story } from "./story.ts";

const RECENT = 5;
const GRACE_MS = 5000;
/** So few that people meet them. */
const LIMITS = {
  rate: { perSecond: 1, burst: 20 },
  renames: { perSecond: 0.1, burst: 3 },
};

const NOBODY = { session: undefined, proof: undefined, address: undefined };

/** What somebody is about to do. */
export interface Plan {
  readonly session: string;
  readonly id: string | undefined;
  readonly type: Deed["type"] | "answer";
  /** How far back what it is about lies. */
  readonly place: number;
  readonly emoji: string;
  readonly on: boolean;
}

/** The real room over a real file, with time that is moved by hand, and the story it must tell. */
export class Stage implements AsyncDisposable {
  readonly story = new Story({ recent: RECENT, graceMs: GRACE_MS, ...LIMITS });
  readonly spectators: Spectator[] = [];
  readonly #clock = new ManualClock();
  readonly #path: string;
  #log: SqliteLog;
  #room: Room;
  #posted = 0;

  constructor(path: string) {
    this.#path = path;
    [this.#log, this.#room] = this.#open();
  }

  /** Does in one turn what each of them does. */
  async act(plans: readonly Plan[]): Promise<void> {
    const deeds = plans.map((plan) => ({ actor: this.#actor(plan), deed: this.#deed(plan) }));
    const expected = deeds.map(({ actor, deed }) => this.story.act(actor, deed));
    const fates = deeds.map(({ actor: { sender, from, id }, deed }) =>
      this.#room.post({ sender, from, id, ...deed }, { poster: { ...NOBODY, session: sender } })
        .catch((error) => Refusal.from(error).code)
    );
    await this.calm();
    assertEquals(await Promise.all(fates), expected, JSON.stringify(deeds));
  }

  #actor({ session: sender, id }: Plan): Actor {
    return { sender, from: this.story.nameOf(sender) ?? sender, id };
  }

  /** A retry does the same again, or does not: with few texts and places it happens often enough. */
  #deed({ type, place, id, emoji, on }: Plan): Deed {
    const ref = this.story.last + 2 - place;
    const text = id === undefined ? `text ${++this.#posted}` : `as ${id}`;
    switch (type) {
      case "message":
        return { type, text };
      case "answer":
        return { type: "message", text, re: Math.max(1, ref) };
      case "edit":
        return { type, ref: Math.max(1, ref), text };
      case "delete":
        return { type, ref: Math.max(1, ref) };
      case "reaction":
        return { type, ref: Math.max(1, ref), emoji, on };
    }
  }

  /** Comes in after a seq, or with no cursor at all. */
  join(session: string, cursor: number | undefined, stalled = false, view?: View): void {
    const { story } = this;
    const visitor = { id: session, name: session, token: "" };
    const wish = cursor === undefined ? undefined : { seq: cursor };
    const visit = new Visit(this.#room, visitor, { cursor: wish });
    story.enter(session, session);
    const after = cursor ?? Math.max(story.first - 1, story.last - story.recent);
    this.spectators.push(new Spectator(story, session, visit, { after, stalled, view }));
  }

  leave(spectator: Spectator, goodbye: boolean): void {
    spectator.visit.leave(goodbye);
    spectator.resume(); // it is gone: nothing holds its reader up any more
    this.story.leave(spectator.session, goodbye);
    this.spectators.splice(this.spectators.indexOf(spectator), 1);
  }

  rename(spectator: Spectator, name: string): void {
    const done = this.story.rename(spectator.session, name);
    if (done) spectator.visit.rename(name);
    else {assertThrows(
        () => spectator.visit.rename(name),
        Refusal,
        "you change your name too often",
      );}
  }

  async trim(before: number, step: number): Promise<void> {
    while (await this.#log.trim(before, step) > 0);
    this.story.trim(before);
    assertEquals([this.#log.first, this.#log.last], [this.story.first, this.story.last]);
  }

  /** Everything that was in memory is gone; everybody comes back by the cursor they have. */
  async restart(drained: boolean): Promise<void> {
    if (drained) {
      const closing = this.#room.close(1000);
      await this.calm();
      await closing;
    }
    const leaving = this.spectators.splice(0);
    for (const { visit } of leaving) visit.leave();
    await this.#close();
    [this.#log, this.#room] = this.#open();
    this.story.restart();
    for (const { session, cursor, stalled, view } of leaving) {
      this.join(session, cursor, stalled, view);
    }
    await this.check();
    await this.checkMessages();
  }

  advance(ms: number): void {
    this.#clock.advance(ms);
    this.story.advance(ms);
  }

  /** Lets all happen that is due; then everybody who reads has seen everything, and who is here. */
  async check(): Promise<void> {
    await this.calm();
    for (const { failure, stalled, cursor, names, ended } of this.spectators) {
      if (failure) throw failure;
      if (stalled) continue;
      assertEquals(ended, false, "a reader ends with its connection, not before");
      assertEquals(cursor, this.story.last, "who reads has seen all");
      assertEquals(names, this.story.names, "who reads knows who is here");
    }
  }

  /** Who reads shows each message as it is now, whenever they came, and so does who loads the history. */
  async checkMessages(): Promise<void> {
    for (const { stalled, view } of this.spectators) {
      if (stalled) continue;
      for (const [seq, message] of view) checkMessage(this.story, seq, message);
    }
    const range = { after: 0, limit: 1_000_000 };
    const messages = await this.#log.readMessages(range);
    for (const message of messages) checkMessage(this.story, message.seq, message);
    const { first, entries } = this.story;
    const kept = entries.slice(first - 1);
    assertEquals(messages.length, kept.filter((entry) => typeof entry === "object").length);
    // Every entry in its place; and whoever applies all changes to what is told sees what is told.
    const all = await this.#log.read(range);
    assertEquals(
      all.map(({ type }) => type),
      kept.map((entry) => typeof entry === "object" ? "message" : entry),
    );
    assertEquals(allChangedBy(all, all.filter(isChange)), all as Entry[]);
  }

  async calm(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.#clock.advance(0);
      await settle();
    }
    this.story.settle();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const spectator of [...this.spectators]) this.leave(spectator, true);
    await this.#close();
    await this.calm();
  }

  #open(): [SqliteLog, Room] {
    const log = new SqliteLog(this.#path, this.#clock);
    const room = new Room(log, {
      name: "lobby",
      recent: RECENT,
      graceMs: GRACE_MS,
      ...LIMITS,
      loop: this.#clock,
    });
    return [log, room];
  }

  async #close(): Promise<void> {
    this.#room[Symbol.dispose]();
    await this.#log[Symbol.asyncDispose]();
  }
}
