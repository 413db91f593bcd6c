import { assert, assertEquals, assertThrows } from "@std/assert";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { Refusal } from "../../../lib/model/refusal.ts";
import { Room } from "../../../lib/room/room.ts";
import { Visit } from "../../../lib/room/visit.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { Spectator } from "./spectator.ts";
import { Story } from "./story.ts";

const RECENT = 5;
const GRACE_MS = 5000;
/** So few that people meet them. */
const LIMITS = {
  rate: { perSecond: 1, burst: 20 },
  renames: { perSecond: 0.1, burst: 3 },
};

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

  /** Posts in one turn: of each, who and under which id. */
  async post(posts: readonly { session: string; id: string | undefined }[]): Promise<void> {
    const drafts = posts.map(({ session: sender, id }) => {
      const from = this.story.nameOf(sender) ?? sender;
      // A retry says the same again.
      const text = id === undefined ? `text ${++this.#posted}` : `as ${id}`;
      return { sender, from, text, ...(id !== undefined && { id }) };
    });
    const expected = drafts.map(({ sender, from, text, id }) =>
      this.story.post(sender, from, text, id)
    );
    const receipts = drafts.map((draft) => this.#room.post(draft).catch(refusedForRate));
    await this.calm();
    assertEquals(await Promise.all(receipts), expected);
  }

  /** Comes in after a seq, or with no cursor at all. */
  join(session: string, cursor: number | undefined, stalled = false): void {
    const { story } = this;
    const visitor = { id: session, name: session, token: "" };
    const wish = cursor === undefined ? undefined : { seq: cursor };
    const visit = new Visit(this.#room, visitor, { cursor: wish });
    story.enter(session, session);
    const after = cursor ?? Math.max(story.first - 1, story.last - story.recent);
    this.spectators.push(new Spectator(story, session, visit, { after, stalled }));
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
    for (const { session, cursor, stalled } of leaving) this.join(session, cursor, stalled);
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

  async calm(): Promise<void> {
    for (let round = 0; round < 3; round++) {
      this.#clock.advance(0);
      await settle();
    }
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

/** Undefined where a message was one too many; any other error is one. */
function refusedForRate(error: unknown): undefined {
  assert(error instanceof Refusal && error.code === "rate_limited", String(error));
}
