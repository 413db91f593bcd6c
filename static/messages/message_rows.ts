import type { Message } from "../../lib/model/message.ts";
import { type ChatMessage, createMessage } from "./chat_message.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { Notes } from "./notes.ts";
import { UnreadLine } from "./unread_line.ts";

/**
 * The rows of the list: messages without a hole between them, the lines of days, notes, and the
 * unread line. Knows nothing of scrolling.
 */
export class MessageRows {
  viewer!: Viewer;
  readonly #element: HTMLElement;
  #messages: ChatMessage[] = [];
  readonly #notes: Notes;
  readonly #unread = new UnreadLine();

  constructor(element: HTMLElement) {
    this.#element = element;
    this.#notes = new Notes(element);
  }

  get messages(): readonly ChatMessage[] {
    return this.#messages;
  }

  /** The seq of the oldest message here. */
  get first(): number | undefined {
    return this.#messages[0]?.entry.seq;
  }

  /** The seq of the newest message here. */
  get last(): number | undefined {
    return this.#messages.at(-1)?.entry.seq;
  }

  /** The last message, where it is the last row too: what comes next may continue it. */
  get end(): ChatMessage | undefined {
    const last = this.#messages.at(-1);
    return last === this.#element.lastElementChild ? last : undefined;
  }

  /** Removes everything, notes and the unread line too: what comes next is of another log. */
  clear(): void {
    this.#notes.clear();
    this.#unread.after = undefined;
    this.replace([]);
  }

  /** Shows these messages instead; one that was here before keeps its state. */
  replace(entries: readonly Message[]): void {
    const before = new Map(this.#messages.map((message) => [message.entry.seq, message]));
    const focused = document.activeElement;
    this.#messages = this.#create(entries);
    this.#element.replaceChildren(...this.#messages);
    this.#settle(0, this.#messages.length);
    for (const message of this.#messages) {
      const same = before.get(message.entry.seq);
      if (same) message.takeOver(same, same.contains(focused));
    }
  }

  append(entries: readonly Message[]): void {
    const count = this.#messages.length;
    if (count === 0 && entries[0]) this.#notes.lead(entries[0].seq);
    const messages = this.#create(entries);
    this.#element.append(...messages);
    this.#messages.push(...messages);
    this.#settle(count, this.#messages.length);
  }

  prepend(entries: readonly Message[]): void {
    const messages = this.#create(entries);
    this.#element.prepend(...messages);
    this.#messages.unshift(...messages);
    this.#settle(0, messages.length + 1);
  }

  /** Removes all but so many of the newest messages, with what stands between them. */
  keepNewest(most: number): void {
    const surplus = this.#messages.length - most;
    if (surplus <= 0) return;
    this.#messages.splice(0, surplus);
    this.#delete((range) => this.#messages[0] && range.setEndBefore(this.#messages[0]));
    this.#relate(0, 1);
  }

  keepOldest(most: number): void {
    if (this.#messages.length <= most) return;
    this.#messages.length = most;
    this.#delete((range) => range.setStartAfter(this.#messages.at(-1)!));
  }

  /** Adds a quiet line after the message `after`, now or when that is loaded. For `id` see Notes. */
  note(content: Node | string, after: number, id?: string): void {
    this.#notes.say(content, after, id);
    this.#placeNotes();
  }

  /** Puts the unread line above the first message after `seq`; removes it for undefined. */
  markUnread(seq: number | undefined): void {
    this.#unread.after = seq;
    this.#placeUnread();
  }

  /** The seq of the last message above the unread line. */
  get unreadAfter(): number | undefined {
    return this.#unread.after;
  }

  /** See UnreadLine.above. */
  unreadAbove(newest: number, top: () => number): number {
    return this.#unread.above(newest, this.first ?? 0, top);
  }

  find(seq: number): ChatMessage | undefined {
    const message = this.#firstThat(({ entry }) => entry.seq >= seq);
    return message?.entry.seq === seq ? message : undefined;
  }

  /** Moves the focus from message to message; from elsewhere to the last one. */
  moveFocus(by: number): void {
    const current = this.#messages.findIndex((message) => message.contains(document.activeElement));
    const end = this.#messages.length - 1;
    const next = current < 0 ? end : Math.max(0, Math.min(current + by, end));
    this.#messages[next]?.focus();
  }

  /** The first message that reaches more than a pixel below `y`, in pixels of the window. */
  firstBelow(y: number): ChatMessage | undefined {
    return this.#firstThat((message) => message.getBoundingClientRect().bottom > y + 1);
  }

  #create(entries: readonly Message[]): ChatMessage[] {
    return entries.map((entry) => createMessage(entry, this.viewer));
  }

  /** Completes the rows after messages were put in from index `from` up to `to`. */
  #settle(from: number, to: number): void {
    this.#placeNotes();
    this.#relate(from, to);
    if (!this.#unread.isPlaced) this.#placeUnread();
  }

  /** Adapts messages to those above them. */
  #relate(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.#messages[i]?.follow(this.#messages[i - 1], this.viewer);
    }
  }

  #placeNotes(): void {
    const before = (this.first ?? 0) - 1;
    this.#notes.place((seq) =>
      seq === before || this.#messages.length === 0 ? null : this.find(seq)
    );
  }

  #placeUnread(): void {
    const { after } = this.#unread;
    const first = after === undefined
      ? undefined
      : this.#firstThat(({ entry }) => entry.seq > after);
    // At the top of what is loaded it is right only if no message is missing between.
    const known = first && (first !== this.#messages[0] || first.entry.seq === after! + 1);
    this.#unread.place(known ? first : undefined, this.viewer.locale);
    const i = known ? this.#messages.indexOf(first) : 0;
    this.#relate(i, i + 1);
  }

  /** By binary search: the first for which `is` holds, as it must for all after it. */
  #firstThat(is: (message: ChatMessage) => boolean): ChatMessage | undefined {
    let [low, high] = [0, this.#messages.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (is(this.#messages[middle]!)) high = middle;
      else low = middle + 1;
    }
    return this.#messages[low];
  }

  #delete(narrow: (range: Range) => void): void {
    const range = new Range();
    range.selectNodeContents(this.#element);
    narrow(range);
    range.deleteContents();
  }
}
