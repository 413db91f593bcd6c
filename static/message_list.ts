import type { Entry } from "../lib/message.ts";
import { type ChatMessage, createDraft, createMessage } from "./chat_message.ts";
import { emit, h } from "./dom.ts";
import type { Reader } from "./message_view.ts";
import type { Draft } from "./outbox.ts";

/** Messages in the list; when there are more, those farthest from what is seen are unloaded. */
const MOST = 600;
/** So many more may gather below somebody who reads further up; then they are loaded when wanted. */
const SLACK = 300;
/** So close to the end still counts as at the end, in pixels: less than a line. */
const AT_END_PX = 24;
/** More is loaded before the edge is seen. */
const AHEAD_PX = 800;

/**
 * The messages: a window without holes onto the log, which it extends, moves and shortens. It asks
 * its parent for what it lacks (`chat-older`, `chat-newer`, `chat-latest`), one thing at a time.
 *
 * The scroller is laid out from its end (`column-reverse`), so scrollTop is 0 at the end and negative
 * above: being at the end, and not moving when something older is put in, come from the layout.
 */
export class MessageList extends HTMLElement {
  #reader!: Reader;
  readonly #scroller = this.querySelector<HTMLElement>(".scroller")!;
  readonly #start = this.querySelector<HTMLElement>(".start")!;
  readonly #rows = this.querySelector<HTMLElement>(".rows")!;
  readonly #drafts = this.querySelector<HTMLElement>(".drafts")!;
  readonly #latest = this.querySelector<HTMLButtonElement>(".latest")!;
  #messages: ChatMessage[] = [];
  #room = "";
  /** The kept range of the log. */
  #kept = { first: 1, last: 0 };
  #queue: Entry[] = [];
  #flushing = false;
  /** What has been asked for and has not come yet. */
  #asked: "older" | "newer" | "latest" | "failed" | undefined;
  /** Messages that came while somebody read further up. */
  #below = 0;
  readonly #unreadLine = h("div", { class: "unread", role: "separator" });
  #unreadAfter: number | undefined;

  connectedCallback(): void {
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scroller.addEventListener("keydown", (event) => this.#key(event));
    this.#latest.addEventListener("click", () => this.toEnd());
    this.addEventListener("click", (event) => this.#click(event));
  }

  /** Shows these and nothing else; `entries` are the end of the log unless `last` is beyond them. */
  open(
    entries: readonly Entry[],
    { first, last, room, reader }: { first: number; last: number; room: string; reader: Reader },
  ): void {
    this.#room = room;
    this.#reader = reader;
    this.#kept = { first, last: Math.max(last, entries.at(-1)?.seq ?? 0) };
    this.#asked = undefined;
    this.#queue = [];
    this.#below = 0;
    this.#messages = entries.map((entry) => createMessage(entry, reader));
    this.#rows.replaceChildren(...this.#messages);
    this.#relate(0, this.#messages.length);
    this.#placeUnread();
    this.#update();
  }

  /** Shows another part of the log. */
  move(entries: readonly Entry[]): void {
    const last = Math.max(this.#kept.last, this.#queue.at(-1)?.seq ?? 0);
    this.open(entries, { ...this.#kept, last, room: this.#room, reader: this.#reader });
  }

  /** Makes everything anew: the reader is another, or is spoken to otherwise. */
  show(reader: Reader): void {
    this.#reader = reader;
    const entries = this.#messages.map(({ entry }) => entry);
    this.#hold(() => this.open(entries, { ...this.#kept, room: this.#room, reader }));
  }

  /** The seq of the newest message here. */
  get newest(): number {
    return this.#queue.at(-1)?.seq ?? this.#messages.at(-1)?.entry.seq ?? this.#kept.first - 1;
  }

  get atEnd(): boolean {
    return this.#scroller.scrollTop > -AT_END_PX && this.#isLive;
  }

  /** What has just been stored: the next of the log, in order. Shown with the next frame. */
  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    this.#queue.push(...entries);
    if (this.#flushing) return;
    this.#flushing = true;
    // A hidden page has no frames.
    if (document.hidden) setTimeout(() => this.#flush());
    else requestAnimationFrame(() => this.#flush());
  }

  /** What was asked for by `chat-older`; none where there is nothing older any more. */
  addOlder(entries: readonly Entry[]): void {
    this.#asked = undefined;
    const first = this.#messages[0]?.entry.seq;
    if (first === undefined) return;
    if (entries.length === 0) this.#kept.first = first;
    // The list may have moved on since it asked.
    else if (entries.at(-1)!.seq !== first - 1) return;
    this.#hold(() => {
      const older = entries.map((entry) => createMessage(entry, this.#reader));
      this.#rows.prepend(...older);
      this.#messages.unshift(...older);
      this.#relate(0, older.length + 1);
      this.#dropAfter(MOST + SLACK);
    });
    this.#scrolled();
  }

  /** What was asked for by `chat-newer`. */
  addNewer(entries: readonly Entry[]): void {
    this.#asked = undefined;
    const next = entries.filter(({ seq }) => seq > this.newest);
    this.#hold(() => {
      this.#append(next);
      this.#dropBefore(MOST + SLACK);
    });
    this.#scrolled();
  }

  /** What was asked for could not be had. */
  fail(): void {
    this.#asked = "failed";
    this.#update();
  }

  /** A quiet line at the end. One with an `id` takes the place of the one before with the same. */
  note(content: Node | string, id?: string): void {
    this.#flush();
    if (!this.#isLive) return;
    const last = this.#rows.lastElementChild;
    const line = h("div", { class: "note", ...(id && { "data-note": id }) }, content);
    const stay = this.atEnd;
    if (id && last instanceof HTMLElement && last.dataset.note === id) last.remove();
    if (line.textContent !== "") this.#rows.append(line);
    if (stay) this.#scroller.scrollTop = 0;
  }

  drafts(drafts: readonly Draft[], connected: boolean): void {
    const reader = this.#reader;
    const elements = drafts.map((draft) => createDraft(draft, connected, reader));
    this.#drafts.replaceChildren(...elements);
    let before = this.#messages.at(-1);
    for (const element of elements) {
      if (before) element.follow(before, reader);
      before = element;
    }
    this.#update();
  }

  /** The end of the log; asks for it where it is not loaded. */
  toEnd(): void {
    if (!this.#isLive) return this.#ask("latest");
    this.#scroller.scrollTop = 0;
    this.#scrolled();
  }

  /** False where the message is not loaded. */
  reveal(seq: number): boolean {
    const message = this.#messages.find(({ entry }) => entry.seq === seq);
    if (!message) return false;
    this.querySelector(".marked")?.classList.remove("marked");
    message.classList.add("marked");
    message.scrollIntoView({ block: "center" });
    message.focus({ preventScroll: true });
    return true;
  }

  /** A line before the first message after `seq`; none for undefined. */
  markUnread(seq: number | undefined): void {
    this.#unreadAfter = seq;
    this.#hold(() => this.#placeUnread());
  }

  /** Into the messages, at the newest that is seen. */
  focusLast(): void {
    (this.#messages.at(-1) ?? this.#scroller).focus();
  }

  /** Whether what is loaded reaches the end of the log. */
  get #isLive(): boolean {
    const newest = this.#messages.at(-1)?.entry.seq ?? this.#kept.first - 1;
    return newest >= this.#kept.last;
  }

  #flush(): void {
    this.#flushing = false;
    const live = this.#isLive;
    // Read before anything changes, and not again: each look after a change would draw up the page.
    const { scrollTop } = this.#scroller;
    const stay = live && scrollTop > -AT_END_PX;
    // More than fits came at once: only the end of it will be seen.
    const entries = this.#queue.splice(0).slice(-MOST);
    const newest = entries.at(-1);
    if (!newest) return;
    const gap = (this.#messages.at(-1)?.entry.seq ?? entries[0]!.seq - 1) + 1 < entries[0]!.seq;
    this.#kept.last = newest.seq;
    if (stay) {
      if (gap) this.#dropBefore(0);
      this.#append(entries);
      this.#dropBefore(MOST);
      if (scrollTop < 0) this.#scroller.scrollTop = 0;
    } else {
      this.#below += entries.length;
      if (live && !gap && this.#messages.length + entries.length <= MOST + SLACK) {
        this.#hold(() => this.#append(entries));
      }
    }
    this.#update(stay ? 0 : undefined);
  }

  #append(entries: readonly Entry[]): void {
    const count = this.#messages.length;
    const messages = entries.map((entry) => createMessage(entry, this.#reader));
    this.#rows.append(...messages);
    this.#messages.push(...messages);
    this.#relate(count, this.#messages.length);
    if (!this.#unreadLine.isConnected) this.#placeUnread(count);
  }

  #relate(from: number, to: number): void {
    for (let i = from; i < to; i++) {
      this.#messages[i]?.follow(this.#messages[i - 1], this.#reader);
    }
  }

  #dropBefore(most: number): void {
    const surplus = this.#messages.length - most;
    if (surplus <= 0) return;
    this.#messages.splice(0, surplus);
    const first = this.#messages[0];
    const range = new Range();
    range.selectNodeContents(this.#rows);
    if (first) range.setEndBefore(first);
    range.deleteContents();
    this.#relate(0, 1);
  }

  #dropAfter(most: number): void {
    if (this.#messages.length <= most) return;
    this.#messages.length = most;
    const range = new Range();
    range.selectNodeContents(this.#rows);
    range.setStartAfter(this.#messages.at(-1)!);
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
    this.#unreadLine.textContent = this.#reader.locale.say("unread");
    message.before(this.#unreadLine);
    message.follow(this.#messages[i - 1], this.#reader);
  }

  /** Does something to the list while what is seen stays where it is. */
  #hold(change: () => void): void {
    if (this.atEnd) return change();
    const anchor = this.#firstSeen();
    const seq = anchor?.entry.seq;
    const top = anchor?.getBoundingClientRect().top;
    change();
    const same = anchor?.isConnected
      ? anchor
      : this.#messages.find(({ entry }) => entry.seq === seq);
    if (!same || top === undefined) return;
    this.#scroller.scrollTop += same.getBoundingClientRect().top - top;
  }

  #firstSeen(): ChatMessage | undefined {
    const { top } = this.#scroller.getBoundingClientRect();
    let [low, high] = [0, this.#messages.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#messages[middle]!.getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    return this.#messages[low];
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const first = this.#messages[0]?.entry.seq;
    const aboveIt = scrollHeight - clientHeight + scrollTop;
    if (this.atEnd) this.#below = 0;
    if (first !== undefined && aboveIt < AHEAD_PX && first > this.#kept.first) this.#ask("older");
    else if (-scrollTop < AHEAD_PX && !this.#isLive) this.#ask("newer");
    this.#update();
  }

  #ask(what: "older" | "newer" | "latest"): void {
    if (this.#asked && this.#asked !== "failed" && what !== "latest") return;
    if (this.#asked === "failed" && what === "older") return;
    this.#asked = what;
    if (what === "older") emit(this, "chat-older", this.#messages[0]!.entry.seq);
    else if (what === "newer") emit(this, "chat-newer", this.#messages.at(-1)!.entry.seq);
    else emit(this, "chat-latest");
    this.#update();
  }

  /** What stands around the messages: the beginning above them, the way down over them. */
  #update(scrollTop = this.#scroller.scrollTop): void {
    const { locale } = this.#reader;
    const first = this.#messages[0]?.entry.seq;
    const start = this.#startText(first);
    if (this.#start.textContent !== start) this.#start.textContent = start;
    this.#start.classList.toggle("empty", first === undefined);
    if (this.#asked === "failed") {
      this.#start.append(
        " ",
        h("button", {
          type: "button",
          click: () => {
            this.#asked = undefined;
            this.#ask("older");
          },
        }, locale.say("again")),
      );
    }
    const hidden = scrollTop > -400 && this.#below === 0 && this.#isLive;
    const label = this.#below > 0
      ? locale.say("newMessages", { n: this.#below })
      : locale.say("latest");
    if (this.#latest.textContent !== label) this.#latest.textContent = label;
    this.#latest.hidden = hidden;
    this.#latest.classList.toggle("new", this.#below > 0);
  }

  #startText(first: number | undefined): string {
    const { locale } = this.#reader;
    if (this.#asked === "failed") return locale.say("loadFailed");
    if (first === undefined) {
      return this.#drafts.childElementCount > 0
        ? ""
        : `${locale.say("empty")} ${locale.say("emptyHint")}`;
    }
    if (first > this.#kept.first) return locale.say("loading");
    if (first > 1) return locale.say("notKept");
    return locale.say("beginning", { room: this.#room });
  }

  #click({ target }: Event): void {
    const button = (target as Element).closest("button");
    if (!button) return;
    const { retry, discard } = button.dataset;
    if (button.matches(".unfold")) {
      this.#hold(() => button.closest("chat-message")?.unfold());
    } else if (retry) emit(this, "chat-retry", retry);
    else if (discard) emit(this, "chat-discard", discard);
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      const current = this.#messages.indexOf(document.activeElement as ChatMessage);
      const next = current < 0 ? this.#messages.length - 1 : current + step;
      const message = this.#messages[Math.max(0, Math.min(next, this.#messages.length - 1))];
      message?.focus();
      if (message === this.#messages[0]) this.#scrolled();
    } else if (event.key === "End") {
      event.preventDefault();
      this.toEnd();
      this.focusLast();
    }
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "message-list": MessageList;
  }
}
