import { assert, assertEquals } from "@std/assert";
import { changedBy } from "../../../lib/model/change.ts";
import type { RoomEvent } from "../../../lib/model/events.ts";
import type { Message } from "../../../lib/model/message.ts";
import type { Visit } from "../../../lib/room/visit.ts";
import type { Story } from "./story.ts";

/** Messages by their seq, as somebody shows them. */
export type View = Map<number, Message>;

/** Throws where a message is shown otherwise than it is; those that are not kept are nobody's. */
export function checkMessage(story: Story, seq: number, message: Message): void {
  if (seq < story.first) return;
  const { from, text, re, edited, deleted, reactions, changes } = story.message(seq)!;
  if (story.right.get(message) === changes) return;
  const { text: shown, deleted: gone = false, reactions: told = [], changed: _, ...more } = message;
  const kept = { ...more, id: undefined, to: undefined, at: undefined };
  assertEquals(kept, {
    type: "message",
    seq,
    at: undefined,
    id: undefined,
    from,
    to: undefined,
    ...(re !== undefined && { re }),
    ...(edited !== undefined && !deleted && { edited }),
  });
  assertEquals([shown, gone], deleted ? ["", true] : [text, false], `message ${seq}`);
  const expected = Array.from(reactions, ([emoji, who]) => {
    const on = [...who.values()].filter((each) => each.on).sort((a, b) => a.seq - b.seq);
    return { emoji, count: on.length, names: on.map(({ name }) => name) };
  }).filter(({ count }) => count > 0 && !deleted);
  const byEmoji = (a: { emoji: string }, b: { emoji: string }) => a.emoji < b.emoji ? -1 : 1;
  assertEquals(told.toSorted(byEmoji), expected.sort(byEmoji), `message ${seq}`);
  story.right.set(message, changes);
}

/**
 * A connection that checks each event against the story as it comes, and takes no more while it is
 * stalled: as a transport whose peer does not read.
 */
export class Spectator {
  readonly session: string;
  readonly visit: Visit;
  stalled: boolean;
  /** The newest entry it was shown; before the first, where it was told that it starts. */
  cursor: number;
  /** Who it believes is here. */
  names: string[] = [];
  /** What it could not explain; kept, since nobody awaits the one who reads. */
  failure: unknown;
  ended = false;
  /** The messages as it shows them: what it has been told, and what changes have made of that. */
  readonly view: View;
  readonly #story: Story;
  #goOn = Promise.withResolvers<void>();

  constructor(
    story: Story,
    session: string,
    visit: Visit,
    options: { after: number; stalled: boolean; view: View | undefined },
  ) {
    this.#story = story;
    this.session = session;
    this.visit = visit;
    this.cursor = options.after;
    this.stalled = options.stalled;
    this.view = new Map(options.view);
    if (!this.stalled) this.#goOn.resolve();
    this.#read().catch((error) => this.failure = error);
  }

  stall(): void {
    if (this.stalled) return;
    this.stalled = true;
    this.#goOn = Promise.withResolvers();
  }

  resume(): void {
    this.stalled = false;
    this.#goOn.resolve();
  }

  async #read(): Promise<void> {
    for (;;) {
      await this.#goOn.promise;
      const { value, done } = await this.visit.reader.next();
      if (done) break;
      for (const event of value.events) this.#take(event);
      assertEquals(value.seq, this.cursor, "a batch says where its reader stands");
    }
    this.ended = true;
  }

  #take(event: RoomEvent): void {
    switch (event.type) {
      case "message":
      case "edit":
      case "delete":
      case "reaction": {
        assertEquals(event.seq, this.cursor + 1, "the next entry is the next number");
        const told = this.#story.entries[event.seq - 1]!;
        assertEquals(typeof told === "object" ? "message" : told, event.type);
        this.cursor = event.seq;
        const { known, first } = this.#story;
        if (event.type === "message") {
          const { seq = 0 } = known.get(event.seq) ?? {};
          assert((event.changed ?? 0) >= seq, `${event.seq} is told as it was before ${seq}`);
          this.view.set(event.seq, event);
          return;
        }
        if (
          event.type === "edit" && event.ref >= first && known.get(event.ref)?.type === "delete"
        ) {
          assertEquals(event.text, "", `${event.seq} tells what was deleted`);
        }
        const before = this.view.get(event.ref);
        if (before) this.view.set(event.ref, changedBy(before, event));
        return;
      }
      case "reset":
        this.view.clear(); // what has changed meanwhile is not told
        assertEquals(event.reason, "gap");
        assert(event.first > this.cursor + 1, "a reset is told only where something is missing");
        this.cursor = Math.max(event.first - 1, event.last - this.#story.recent);
        return;
      case "live":
        assertEquals(event.seq, this.cursor, "live comes at the end of what there is");
        return;
      case "welcome":
      case "presence":
        this.names = [...event.names!];
        return;
      case "join":
        assert(!this.names.includes(event.name), `${event.name} joins, and was here`);
        this.names.push(event.name);
        assertEquals(event.count, this.names.length);
        return;
      case "leave":
        assert(this.names.includes(event.name), `${event.name} leaves, and was not here`);
        this.names = this.names.filter((name) => name !== event.name);
        assertEquals(event.count, this.names.length);
        return;
      case "rename":
        // The answer to whoever asked for the name they have: told to them alone, and so out of order.
        if (event.from === event.name) return;
        assert(this.names.includes(event.from), `${event.from} is renamed, and was not here`);
        this.names = this.names.map((name) => name === event.from ? event.name : name);
        return;
      case "bye":
      case "ping":
        return;
      default:
        throw new Error(`nobody caused ${JSON.stringify(event)}`);
    }
  }
}
