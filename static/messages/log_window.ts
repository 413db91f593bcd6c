import type { Entry } from "../../lib/model/message.ts";
import type { ChatMessage } from "./chat_message.ts";
import type { MessageRows } from "./message_rows.ts";

/** Messages in the window; of more, those farthest from what is seen are unloaded. */
const MOST = 600;
/** So many more may gather around a viewer who reads further up; the rest is loaded when wanted. */
const SLACK = 300;

/** The range of the log that the server keeps. */
export interface LogRange {
  readonly first: number;
  readonly last: number;
}

/** The part of the log that is loaded: without holes, bounded, and anywhere in it. */
export class LogWindow {
  readonly #rows: MessageRows;
  #range: LogRange = { first: 1, last: 0 };

  constructor(rows: MessageRows) {
    this.#rows = rows;
  }

  /** The seq of the oldest message that is kept, and of the newest that was stored. */
  get range(): LogRange {
    return this.#range;
  }

  /** Whether the window reaches the end of the log. */
  get isLive(): boolean {
    return (this.#rows.last ?? this.#range.first - 1) >= this.#range.last;
  }

  get hasOlder(): boolean {
    return this.#rows.first !== undefined && this.#rows.first > this.#range.first;
  }

  /** The last message of the log where nothing stands below it: what comes next may continue it. */
  get end(): ChatMessage | undefined {
    return this.isLive ? this.#rows.end : undefined;
  }

  /** Begins with the end of a log; everything before is forgotten. */
  open(entries: readonly Entry[], range: LogRange): void {
    this.#range = range;
    this.#rows.clear();
    this.#rows.replace(entries);
  }

  /** Moves to another part of the log, whose newest message is `newest` or newer. */
  move(entries: readonly Entry[], newest: number): void {
    this.#range = { ...this.#range, last: Math.max(newest, entries.at(-1)?.seq ?? 0) };
    this.#rows.replace(entries);
  }

  /** Whether a page of history fits above what is loaded: the window may have moved since. */
  takesAbove(entries: readonly Entry[]): boolean {
    const { first } = this.#rows;
    return first !== undefined && (entries.at(-1)?.seq ?? first - 1) + 1 === first;
  }

  /** None where nothing older is kept any more. */
  addAbove(entries: readonly Entry[]): void {
    if (entries.length === 0) this.#range = { ...this.#range, first: this.#rows.first! };
    this.#rows.prepend(entries);
    this.#rows.keepOldest(MOST + SLACK);
  }

  addBelow(entries: readonly Entry[]): void {
    const { last = 0 } = this.#rows;
    this.#rows.append(entries.filter(({ seq }) => seq > last));
    this.#rows.keepNewest(MOST + SLACK);
  }

  /** The log has grown. What `follow` or `gather` do not take is no part of the window. */
  grow(newest: number): void {
    this.#range = { ...this.#range, last: newest };
  }

  /** New entries for a viewer at the end: of more than fit only the newest are loaded. */
  follow(entries: readonly Entry[]): void {
    const shown = entries.slice(-MOST);
    if (!this.#continues(shown)) this.#rows.keepNewest(0);
    this.#rows.append(shown);
    this.#rows.keepNewest(MOST);
  }

  /** New entries below what a viewer reads: not where they leave a hole, or would be too many. */
  gather(entries: readonly Entry[]): void {
    const count = this.#rows.messages.length + entries.length;
    if (count <= MOST + SLACK && this.#continues(entries)) this.#rows.append(entries);
  }

  #continues(entries: readonly Entry[]): boolean {
    const next = entries[0]!.seq;
    return (this.#rows.last ?? next - 1) + 1 >= next;
  }
}
