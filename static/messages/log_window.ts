import type { Message } from "../../lib/model/message.ts";
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

/**
 * The part of the log that is loaded: somewhere in it, without a message left out, and bounded. Between
 * two messages there may be seqs of other entries.
 */
export class LogWindow {
  readonly #rows: MessageRows;
  #range: LogRange = { first: 1, last: 0 };
  /** Everything from the first row up to this seq is loaded. */
  #reached = 0;
  /** Nothing older than the first row is kept. */
  #exhausted = false;

  constructor(rows: MessageRows) {
    this.#rows = rows;
  }

  /** The seq of the oldest message that is kept, and of the newest that was stored. */
  get range(): LogRange {
    return this.#range;
  }

  /** Whether the window reaches the end of the log. */
  get isLive(): boolean {
    return this.#reached >= this.#range.last;
  }

  get hasOlder(): boolean {
    return !this.isWhole && this.#rows.first !== undefined;
  }

  /** Whether the window reaches back to the oldest message that is kept. */
  get isWhole(): boolean {
    return this.#exhausted || (this.#rows.first ?? 0) <= this.#range.first;
  }

  /** The last message of the log, where it is loaded and no note stands below it. */
  get end(): ChatMessage | undefined {
    return this.isLive ? this.#rows.end : undefined;
  }

  /** Starts with the end of a log, and forgets everything else. */
  open(entries: readonly Message[], range: LogRange): void {
    this.#range = range;
    this.#exhausted = false;
    this.#rows.clear();
    this.#rows.replace(entries);
    this.#reached = range.last;
  }

  /**
   * Moves to another part of the log, which has grown to `newest` at least; it was loaded up to `upTo`,
   * or to its last message.
   */
  move(entries: readonly Message[], { newest, upTo }: { newest: number; upTo: number }): void {
    const last = entries.at(-1)?.seq ?? 0;
    this.#range = { ...this.#range, last: Math.max(newest, last) };
    this.#exhausted = false;
    this.#rows.replace(entries);
    this.#reached = Math.max(last, upTo);
  }

  /** Whether a page of history before `seq` fits above what is loaded: the window may have moved. */
  takesAbove(seq: number): boolean {
    return this.#rows.first === seq;
  }

  /** Adds a page of history above; an empty one means that nothing older is kept. */
  addAbove(entries: readonly Message[]): void {
    this.#exhausted = entries.length === 0;
    this.#rows.prepend(entries);
    const { last } = this.#rows;
    this.#rows.keepOldest(MOST + SLACK);
    if (this.#rows.last !== last) this.#reached = this.#rows.last!;
  }

  /** Adds a page of history below, which was loaded up to `upTo`, or to its last message. */
  addBelow(entries: readonly Message[], upTo: number): void {
    const { last = 0 } = this.#rows;
    this.#rows.append(entries.filter(({ seq }) => seq > last));
    this.#reached = Math.max(this.#reached, upTo, this.#rows.last ?? 0);
    this.#keepNewest(MOST + SLACK);
  }

  /** The log has grown to `newest`; the window has not, until `follow` or `gather` is called. */
  grow(newest: number): void {
    this.#range = { ...this.#range, last: newest };
  }

  /**
   * Adds what is new in a part of the log for a viewer at the end; what does not fit is unloaded at the
   * top.
   */
  follow(entries: readonly Message[], { first, last }: LogRange): void {
    const shown = entries.slice(-MOST);
    if (shown.length < entries.length || !this.#continues(first)) this.#keepNewest(0);
    this.#rows.append(shown);
    this.#reached = last;
    this.#keepNewest(MOST);
  }

  /** The log has grown by an entry that is no message, and is shown in no row. */
  pass(seq: number): void {
    if (this.isLive) this.#reached = seq;
    this.grow(seq);
  }

  /** Adds what is new below what the viewer reads, unless it leaves a hole or is too much. */
  gather(entries: readonly Message[], { first, last }: LogRange): void {
    const count = this.#rows.messages.length + entries.length;
    if (count > MOST + SLACK || !this.#continues(first)) return;
    this.#rows.append(entries);
    this.#reached = last;
  }

  #continues(first: number): boolean {
    return this.#reached + 1 >= first;
  }

  #keepNewest(most: number): void {
    if (this.#rows.messages.length > most) this.#exhausted = false;
    this.#rows.keepNewest(most);
  }
}
