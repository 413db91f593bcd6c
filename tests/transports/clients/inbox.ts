import { isEntry, type RoomEvent } from "../../../lib/model/events.ts";
import type { Entry } from "../../../lib/model/message.ts";

/** Far longer than anything takes on a loopback; only a test that fails waits for it. */
const PATIENCE_MS = 10_000;

export type Message = Extract<RoomEvent, { type: "message" }>;
type Of<T extends RoomEvent["type"]> = Extract<RoomEvent, { type: T }>;

/** What a client has heard so far, in order, and may still hear. */
export class Inbox {
  readonly events: RoomEvent[] = [];
  readonly #waiting = new Set<() => void>();
  #ended: string | undefined;

  push(event: RoomEvent): void {
    this.events.push(event);
    this.#wake();
  }

  /** `why` is for who still waits for something. */
  end(why: string): void {
    this.#ended ??= why;
    this.#wake();
  }

  get messages(): Message[] {
    return this.events.filter((event) => event.type === "message");
  }

  get entries(): Entry[] {
    return this.events.filter(isEntry);
  }

  /** All entries as far as each transport tells of them. */
  get told(): string[] {
    return this.entries.map(tell);
  }

  /** The messages that were read from, as the room sees them alike on every transport. */
  get lines(): string[] {
    return this.messages.map(({ seq, from, text }) => `#${seq} ${from}: ${text}`);
  }

  get seqs(): number[] {
    return this.messages.map(({ seq }) => seq);
  }

  /** The seq of the newest message; 0 before the first. */
  get seq(): number {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** The first event of a type that fits, heard already or to come; rejects where none will. */
  async until<T extends RoomEvent["type"]>(
    type: T | readonly T[],
    fits: (event: Of<T>, index: number) => boolean = () => true,
  ): Promise<Of<T>> {
    let found: RoomEvent | undefined;
    const types: readonly string[] = [type].flat();
    await this.#wait(() => {
      found = this.events.find((event, index) =>
        types.includes(event.type) && fits(event as Of<T>, index)
      );
      return found !== undefined;
    }, `${types} ${fits}`);
    return found as Of<T>;
  }

  /** Until the message with this seq has come. */
  async untilSeq(seq: number): Promise<void> {
    await this.until("message", (message) => message.seq === seq);
  }

  /** Until the entry with this seq has come, after the first `skipped` entries. */
  async untilEntry(seq: number, skipped = 0): Promise<void> {
    await this.#wait(
      () => this.entries.some((entry, index) => index >= skipped && entry.seq === seq),
      `entry ${seq}`,
    );
  }

  /** Until nothing more will come. */
  async untilEnd(): Promise<void> {
    await this.#wait(() => this.#ended !== undefined, "the end");
  }

  async #wait(done: () => boolean, what: string): Promise<void> {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#missing(what, "in time")), PATIENCE_MS);
    try {
      while (!done()) {
        if (this.#ended !== undefined) throw this.#missing(what, `before: ${this.#ended}`);
        const woken = Promise.withResolvers<void>();
        this.#waiting.add(woken.resolve);
        await Promise.race([woken.promise, late.promise]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  #missing(what: string, when: string): Error {
    const heard = this.events.map((event) => JSON.stringify(event)).slice(-20).join("\n");
    return new Error(`did not hear ${what} ${when}; heard at last:\n${heard}`);
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

function tell(entry: Entry): string {
  const head = `#${entry.seq} ${entry.from}`;
  switch (entry.type) {
    case "message": {
      const { text, re, to, edited, deleted } = entry;
      const whom = re === undefined ? "" : ` (to #${re} ${to})`;
      const mark = deleted ? " (deleted)" : edited === undefined ? "" : " (edited)";
      return `${head}${whom}: ${text}${mark}`;
    }
    case "edit":
      return `${head} edited #${entry.ref}: ${entry.text}`;
    case "delete":
      return `${head} deleted #${entry.ref}`;
    case "reaction":
      return `${head} ${entry.on ? "put" : "took back"} ${entry.emoji} on #${entry.ref}`;
    case "topic":
      return `${head} set the topic: ${entry.text}`;
  }
}
