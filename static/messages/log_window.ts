import type { Entry } from "../../lib/model/message.ts";
import type { ChatMessage } from "./chat_message.ts";
import type { MessageRows } from "./message_rows.ts";

/** At most so many messages are loaded; of more, those farthest from what is in sight are unloaded. */
const MOST = 600;
/** So many more may be loaded while the viewer reads further up. */
const SLACK = 300;

/** The range of the log that the server keeps. */
export interface LogRange {
  readonly first: number;
  readonly last: number;
}

/** The part of the log that is loaded: somewhere in it, without holes, and bounded. */
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

  /** The last message of the log, where it is loaded and no note stands below it. */
  get end(): ChatMessage | undefined {
    return this.isLive ? this.#rows.end : undefined;
  }

  /** Starts with the end of a log, and forgets everything else. */
  open(entries: readonly Entry[], range: LogRange): void {
    this.#range = range;
    this.#rows.clear();
    this.#rows.replace(entries);
  }

  /** Moves to another part of the log, which is known to reach to `newest` at least. */
  move(entries: readonly Entry[], newest: number): void {
    this.#range = { ...this.#range, last: Math.max(newest, entries.at(-1)?.seq ?? 0) };
    this.#rows.replace(entries);
  }

  /** Whether a page of history still fits above what is loaded: the window may have moved. */
  takesAbove(entries: readonly Entry[]): boolean {
    const { first } = this.#rows;
    return first !== undefined && (entries.at(-1)?.seq ?? first - 1) + 1 === first;
  }

  /** Adds a page of history above; an empty one means that nothing older is kept. */
  addAbove(entries: readonly Entry[]): void {
    if (entries.length === 0) this.#range = { ...this.#range, first: this.#rows.first! };
    this.#rows.prepend(entries);
    this.#rows.keepOldest(MOST + SLACK);
  }

  /** Adds a page of history below. */
  addBelow(entries: readonly Entry[]): void {
    const { last = 0 } = this.#rows;
    this.#rows.append(entries.filter(({ seq }) => seq > last));
    this.#rows.keepNewest(MOST + SLACK);
  }

  /** The log has grown to `newest`; the window has not, until `follow` or `gather` is called. */
  grow(newest: number): void {
    this.#range = { ...this.#range, last: newest };
  }

  /** Adds new entries for a viewer at the end; what does not fit is unloaded at the top. */
  follow(entries: readonly Entry[]): void {
    const shown = entries.slice(-MOST);
    if (!this.#continues(shown)) this.#rows.keepNewest(0);
    this.#rows.append(shown);
    this.#rows.keepNewest(MOST);
  }

  /** Adds new entries below what the viewer reads, unless they leave a hole or are too many. */
  gather(entries: readonly Entry[]): void {
    const count = this.#rows.messages.length + entries.length;
    if (count <= MOST + SLACK && this.#continues(entries)) this.#rows.append(entries);
  }

  #continues(entries: readonly Entry[]): boolean {
    const next = entries[0]!.seq;
    return (this.#rows.last ?? next - 1) + 1 >= next;
  }
}
