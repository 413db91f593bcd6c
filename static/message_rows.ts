import type { Entry } from "../lib/message.ts";
import { type ChatMessage, createMessage } from "./chat_message.ts";
import { h } from "./dom.ts";
import type { Reader } from "./message_view.ts";

/**
 * The rows of the list: messages without a hole between them, the lines of days, notices, and the
 * line of what is unread. Knows nothing of scrolling.
 */
export class MessageRows {
  reader!: Reader;
  readonly #element: HTMLElement;
  #messages: ChatMessage[] = [];
  readonly #unreadLine = h("div", { class: "unread", role: "separator" });
  #unreadAfter: number | undefined;

  constructor(element: HTMLElement) {
    this.#element = element;
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

  replace(entries: readonly Entry[]): void {
    this.#messages = entries.map((entry) => createMessage(entry, this.reader));
    this.#element.replaceChildren(...this.#messages);
    this.#relate(0, this.#messages.length);
    this.#placeUnread();
  }

  append(entries: readonly Entry[]): void {
    const count = this.#messages.length;
    const messages = entries.map((entry) => createMessage(entry, this.reader));
    this.#element.append(...messages);
    this.#messages.push(...messages);
    this.#relate(count, this.#messages.length);
    if (!this.#unreadLine.isConnected) this.#placeUnread(count);
  }

  prepend(entries: readonly Entry[]): void {
    const messages = entries.map((entry) => createMessage(entry, this.reader));
    this.#element.prepend(...messages);
    this.#messages.unshift(...messages);
    this.#relate(0, messages.length + 1);
  }

  /** Leaves only so many of the newest messages, with what stands between them. */
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

  /** A line after all messages; it takes the place of one with the same `id` that stands there. */
  note(content: Node | string, id?: string): void {
    const last = this.#element.lastElementChild;
    if (id && last instanceof HTMLElement && last.dataset.note === id) last.remove();
    const line = h("div", { class: "note", ...(id && { "data-note": id }) }, content);
    if (line.textContent !== "") this.#element.append(line);
  }

  /** A line before the first message after `seq`; none for undefined. */
  markUnread(seq: number | undefined): void {
    this.#unreadAfter = seq;
    this.#placeUnread();
  }

  find(seq: number): ChatMessage | undefined {
    return this.#messages.find(({ entry }) => entry.seq === seq);
  }

  /** The first message that reaches below `y`, in pixels of the window. */
  firstBelow(y: number): ChatMessage | undefined {
    let [low, high] = [0, this.#messages.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#messages[middle]!.getBoundingClientRect().bottom > y) high = middle;
      else low = middle + 1;
    }
    return this.#messages[low];
  }

  /** How each of them looks depends on the one before. */
  #relate(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.#messages[i]?.follow(this.#messages[i - 1], this.reader);
    }
  }

  #delete(narrow: (range: Range) => void): void {
    const range = new Range();
    range.selectNodeContents(this.#element);
    narrow(range);
    range.deleteContents();
  }

  #placeUnread(from = 0): void {
    this.#unreadLine.remove();
    const after = this.#unreadAfter;
    if (after === undefined) return;
    const i = this.#messages.findIndex(({ entry }, i) => i >= from && entry.seq > after);
    const message = this.#messages[i];
    // Above all that is loaded there is no telling whether it stands right.
    if (!message || (i === 0 && message.entry.seq > after + 1)) return;
    this.#unreadLine.textContent = this.reader.locale.say("unread");
    message.before(this.#unreadLine);
    message.follow(this.#messages[i - 1], this.reader);
  }
}
