import { changedBy } from "../../../lib/model/change.ts";
import { isEntry, type RoomEvent } from "../../../lib/model/events.ts";
import { type Entry, isChange, type Message } from "../../../lib/model/message.ts";
import type { Transport } from "../../transports/clients/client.ts";
import type { Reachable } from "../support/restartable.ts";
import { pause } from "./writer.ts";

const AGAIN_MS = 20;
const ENTRIES = ["message", "edit", "delete", "reaction"] as const;
const EVERYTHING: readonly RoomEvent["type"][] = [...ENTRIES, "reset", "bye", "error"];

/** Reads the room from its first message on, and comes back by its cursor whenever it drops out. */
export class ChaosFollower {
  readonly name: string;
  /** What it saw, in the order in which it saw it. */
  readonly seen: Entry[] = [];
  readonly problems: string[] = [];
  returns = -1;
  readonly #server: Reachable;
  readonly #transport: Transport;

  constructor(server: Reachable, transport: Transport) {
    this.#server = server;
    this.#transport = transport;
    this.name = transport.name;
  }

  get cursor(): number {
    return this.seen.at(-1)?.seq ?? 0;
  }

  /** The messages as it shows them: as they were told, with what it was told of them later. */
  get shown(): Message[] {
    const shown = new Map<number, Message>();
    for (const entry of this.seen) {
      if (entry.type === "message") shown.set(entry.seq, entry);
      else if (isChange(entry)) {
        const before = shown.get(entry.ref);
        if (before) shown.set(entry.ref, changedBy(before, entry));
      }
    }
    return [...shown.values()];
  }

  /** Until it has seen the message with the seq that `last` resolves with. */
  async run(last: Promise<number>, signal: AbortSignal): Promise<void> {
    let end = Infinity;
    last.then((seq) => end = seq);
    while (this.cursor < end && !signal.aborted) {
      try {
        await this.#stay(() => this.cursor >= end || signal.aborted);
      } catch {
        await pause(AGAIN_MS); // down, or gone while it was being reached
      }
    }
  }

  async #stay(done: () => boolean): Promise<void> {
    const at = await this.#server.addresses();
    await using client = await this.#transport.join(at, { since: String(this.cursor) });
    this.returns++;
    const take = this.#transport.form === "lines" ? this.#afterScreen() : this.#take;
    const { inbox } = client;
    while (!done()) {
      await inbox.until(EVERYTHING);
      for (const event of inbox.events.splice(0)) {
        if (isEntry(event)) take(event);
        if (event.type === "reset") this.problems.push(`after ${this.cursor}: ${event.reason}`);
      }
    }
  }

  readonly #take = (message: Entry) => {
    if (message.seq !== this.cursor + 1) {
      this.problems.push(`saw ${message.seq} after ${this.cursor}`);
    }
    this.seen.push(message);
  };

  /**
   * A terminal is shown a screen of the newest messages before it can say where to go on. What it
   * asked for begins where the numbers jump, or, where the screen ended just there, do not.
   */
  #afterScreen(): (message: Entry) => void {
    const { cursor } = this;
    let before: number | undefined;
    let resumed = false;
    return (message) => {
      const jumps = before !== undefined && message.seq !== before + 1;
      if (before === undefined || jumps) resumed = message.seq === cursor + 1;
      if (jumps && !resumed) this.problems.push(`saw ${message.seq} after ${before}`);
      // A screen that reaches back to the cursor is as good as what was asked for.
      resumed ||= message.seq === cursor + 1;
      before = message.seq;
      if (resumed && message.seq > this.cursor) this.#take(message);
    };
  }
}
