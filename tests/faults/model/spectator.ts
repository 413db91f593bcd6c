import { assert, assertEquals } from "@std/assert";
import type { RoomEvent } from "../../../lib/model/events.ts";
import type { Visit } from "../../../lib/room/visit.ts";
import type { Story } from "./story.ts";

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
  readonly #story: Story;
  #goOn = Promise.withResolvers<void>();

  constructor(
    story: Story,
    session: string,
    visit: Visit,
    options: { after: number; stalled: boolean },
  ) {
    this.#story = story;
    this.session = session;
    this.visit = visit;
    this.cursor = options.after;
    this.stalled = options.stalled;
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
      case "message": {
        assertEquals(event.seq, this.cursor + 1, "the next entry is the next number");
        const { from, text } = this.#story.entries[event.seq - 1]!;
        assertEquals([event.from, event.text], [from, text]);
        this.cursor = event.seq;
        return;
      }
      case "reset":
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
