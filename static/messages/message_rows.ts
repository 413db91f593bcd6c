import { changedBy } from "../../lib/model/change.ts";
import type { Change, Message } from "../../lib/model/message.ts";
import type { Quoted } from "../../lib/view/quote_view.ts";
import { type ChatMessage, createMessage } from "./chat_message.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import { Notes } from "./notes.ts";
import { statusOf } from "../outgoing/change_status.ts";
import { OwnChanges } from "../outgoing/own_changes.ts";
import { Quotes } from "../replies/quotes.ts";
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
  /** What the viewer has done and the log has not told of. */
  readonly own = new OwnChanges();
  readonly #quotes = new Quotes();
  /** Sees to it that what an answer in sight answers is known. */
  readonly #inSight: IntersectionObserver;

  /** `ask` is called with the seq of a message that is not here, and that one in sight answers. */
  constructor(element: HTMLElement, ask: (seq: number) => void) {
    this.#element = element;
    this.#notes = new Notes(element);
    const options = { root: element.closest(".scroller"), rootMargin: "300px 0px" };
    this.#inSight = new IntersectionObserver((seen) => {
      for (const { target } of seen.filter(({ isIntersecting }) => isIntersecting)) {
        this.#inSight.unobserve(target);
        const row = target as ChatMessage;
        const { re = 0 } = row.entry;
        const quoted = this.quoted(re);
        if (quoted) row.update(row.shown, this.viewer, quoted);
        else if (this.#quotes.isWanted(re)) ask(re);
      }
    }, options);
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
    this.#quotes.clear();
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

  /**
   * Applies an entry that changes a message, in place: to that one, and to those that answer it. False
   * where none of them is here, or all show it already.
   */
  change(change: Change): boolean {
    this.#quotes.change(change);
    const row = this.find(change.ref);
    if (!row) return change.type !== "reaction" && this.#requote(change.ref, change);
    const entry = changedBy(row.entry, change);
    if (entry === row.entry) return false;
    row.entry = entry;
    this.redraw(row);
    return true;
  }

  /** Shows a message as it is now, with what the viewer has done to it. */
  redraw(row: ChatMessage): void {
    const { viewer, own } = this;
    const { text, deleted } = row.shown;
    row.update(own.apply(row.entry, viewer.self ?? ""), viewer);
    row.say(statusOf(row.entry, own, viewer.locale));
    if (row.shown.text === text && row.shown.deleted === deleted) return;
    this.#requote(row.entry.seq);
    // A message that is deleted has no name of its own to go on below.
    const i = this.#messages.indexOf(row);
    this.#relate(i, i + 2);
  }

  /** The answer to what was asked for; undefined where there was none. */
  quote(seq: number, quoted: Quoted | undefined): void {
    if (quoted === undefined) return this.#quotes.fail(seq);
    this.#quotes.set(seq, quoted);
    this.#requote(seq);
  }

  /** What is known of a message, here or not. */
  quoted(seq: number): Quoted | undefined {
    return this.find(seq)?.shown ?? this.#quotes.get(seq);
  }

  /** The answers to a message show what it says now, by the change where it is not here any more. */
  #requote(seq: number, change?: Change): boolean {
    const answers = this.#messages.filter(({ entry }) => entry.re === seq);
    for (const row of answers) {
      const before = row.quoted;
      const changed = change && before && before !== "missing" ? changedBy(before, change) : before;
      row.update(row.shown, this.viewer, this.quoted(seq) ?? changed);
    }
    return answers.length > 0;
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

  /** See UnreadLine.above. Messages up to `newest` count, though they are not loaded. */
  unreadAbove(newest: number, top: () => number): number {
    return this.#unread.above(() => this.#countUnread(newest), this.first ?? 0, top);
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

  /** What is not loaded counts as messages: how many of it are others is not known. */
  #countUnread(newest: number): number {
    const { after = newest } = this.#unread;
    const first = this.#firstThat(({ entry }) => entry.seq > after);
    const from = first ? this.#messages.indexOf(first) : this.#messages.length;
    const loaded = this.#messages.slice(from).filter(({ entry }) => !entry.deleted).length;
    const above = from === 0 && this.first !== undefined ? this.first - 1 - after : 0;
    return loaded + Math.max(0, above) + Math.max(0, newest - Math.max(after, this.last ?? 0));
  }

  #create(entries: readonly Message[]): ChatMessage[] {
    const { viewer, own } = this;
    const together = new Map(entries.map((entry) => [entry.seq, entry]));
    return entries.map((entry) => {
      const { re } = entry;
      const shown = own.apply(entry, viewer.self ?? "");
      const quoted = re === undefined ? undefined : this.quoted(re) ?? together.get(re);
      const row = createMessage(entry, viewer, { shown, quoted });
      row.say(statusOf(entry, own, viewer.locale));
      if (re !== undefined && !quoted) this.#inSight.observe(row);
      return row;
    });
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
