import type { Entry } from "../lib/message.ts";
import { createDraft } from "./chat_message.ts";
import { emit, h } from "./dom.ts";
import { MessageRows } from "./message_rows.ts";
import type { Reader } from "./message_view.ts";
import type { Draft } from "./outbox.ts";

/** Messages in the list; when there are more, those farthest from what is seen are unloaded. */
const MOST = 600;
/** So many more may gather around somebody who reads further up; the rest is loaded when wanted. */
const SLACK = 300;
/** So close to the end still counts as at the end, in pixels: less than a line. */
const AT_END_PX = 24;
/** More is loaded before the edge is seen. */
const AHEAD_PX = 800;
/** So far from the end a way back is offered. */
const FAR_PX = 400;

/** Of the log. */
interface Kept {
  readonly first: number;
  readonly last: number;
}

/**
 * The messages: a window without holes onto the log, which it extends, moves and shortens. It asks
 * its parent for what it lacks (`chat-older`, `chat-newer`, `chat-latest`), one thing at a time.
 *
 * The scroller is laid out from its end (`column-reverse`), so scrollTop is 0 at the end and negative
 * above: being at the end, and not moving when something older is put in, come from the layout.
 */
export class MessageList extends HTMLElement {
  readonly #scroller = this.querySelector<HTMLElement>(".scroller")!;
  readonly #start = this.querySelector<HTMLElement>(".start")!;
  readonly #rows = new MessageRows(this.querySelector<HTMLElement>(".rows")!);
  readonly #drafts = this.querySelector<HTMLElement>(".drafts")!;
  readonly #latest = this.querySelector<HTMLButtonElement>(".latest")!;
  #room = "";
  #kept: Kept = { first: 1, last: 0 };
  /** What has been stored and is not shown yet. */
  #queue: Entry[] = [];
  #flushing = false;
  /** Lines that wait for the end to be loaded. */
  #notes: (readonly [content: Node | string, id: string | undefined])[] = [];
  /** What has been asked for and has not come yet. */
  #asked: "older" | "newer" | "latest" | "failed" | undefined;
  /** Messages that came while somebody read further up. */
  #below = 0;

  connectedCallback(): void {
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scroller.addEventListener("keydown", (event) => this.#key(event));
    this.#latest.addEventListener("click", () => this.toEnd());
    this.addEventListener("click", (event) => this.#click(event));
  }

  /** Shows these and nothing else; `entries` are the end of the log unless `last` is beyond them. */
  open(
    entries: readonly Entry[],
    { first, last, room, reader }: Kept & { room: string; reader: Reader },
  ): void {
    this.#room = room;
    this.#kept = { first, last: Math.max(last, entries.at(-1)?.seq ?? 0) };
    this.#asked = undefined;
    this.#queue = [];
    this.#below = 0;
    this.#rows.reader = reader;
    this.#rows.replace(entries);
    if (this.#isLive) {
      for (const [content, id] of this.#notes.splice(0)) this.#rows.note(content, id);
    }
    this.#update();
  }

  /** Shows another part of the log. */
  move(entries: readonly Entry[]): void {
    const last = Math.max(this.#kept.last, this.#queue.at(-1)?.seq ?? 0);
    this.open(entries, { ...this.#kept, last, room: this.#room, reader: this.#rows.reader });
  }

  /** Makes everything anew: the reader is another, or is spoken to otherwise. */
  show(reader: Reader): void {
    this.#flush();
    const entries = this.#rows.messages.map(({ entry }) => entry);
    this.#hold(() => this.open(entries, { ...this.#kept, room: this.#room, reader }));
  }

  /** The seq of the newest message that has come. */
  get newest(): number {
    return this.#queue.at(-1)?.seq ?? this.#rows.last ?? this.#kept.first - 1;
  }

  get atEnd(): boolean {
    return this.#isLive && this.#scroller.scrollTop > -AT_END_PX;
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
    const { first } = this.#rows;
    if (first === undefined) return;
    if (entries.length === 0) this.#kept = { ...this.#kept, first };
    // The list may have moved on since it asked.
    else if (entries.at(-1)!.seq !== first - 1) return;
    this.#hold(() => {
      this.#rows.prepend(entries);
      this.#rows.keepOldest(MOST + SLACK);
    });
    this.#scrolled();
  }

  /** What was asked for by `chat-newer`. */
  addNewer(entries: readonly Entry[]): void {
    this.#asked = undefined;
    const { last = 0 } = this.#rows;
    this.#hold(() => {
      this.#rows.append(entries.filter(({ seq }) => seq > last));
      this.#rows.keepNewest(MOST + SLACK);
    });
    this.#scrolled();
  }

  /** What was asked for could not be had. */
  fail(): void {
    this.#asked = "failed";
    this.#update();
  }

  /**
   * A quiet line at the end, now or when that is loaded. One with an `id` takes the place of the one
   * before it with the same.
   */
  note(content: Node | string, id?: string): void {
    this.#flush();
    if (!this.#isLive) {
      this.#notes.push([content, id]);
      return;
    }
    const stay = this.atEnd;
    this.#rows.note(content, id);
    if (stay) this.#scroller.scrollTop = 0;
  }

  /** Those that are not in the log yet, below all others. */
  drafts(drafts: readonly Draft[], connected: boolean): void {
    const { reader } = this.#rows;
    const elements = drafts.map((draft) => createDraft(draft, connected, reader));
    this.#drafts.replaceChildren(...elements);
    let before = this.#rows.messages.at(-1);
    for (const element of elements) {
      if (before) element.follow(before, reader);
      before = element;
    }
    this.#update();
  }

  /** To the end of the log; asks for it where it is not loaded. */
  toEnd(): void {
    if (!this.#isLive) return this.#ask("latest");
    this.#scroller.scrollTop = 0;
    this.#scrolled();
  }

  /** Brings the message into sight and marks it; false where it is not loaded. */
  reveal(seq: number): boolean {
    const message = this.#rows.find(seq);
    if (!message) return false;
    this.querySelector(".marked")?.classList.remove("marked");
    message.classList.add("marked");
    message.scrollIntoView({ block: "center" });
    message.focus({ preventScroll: true });
    return true;
  }

  /** A line before the first message after `seq`; none for undefined. */
  markUnread(seq: number | undefined): void {
    this.#hold(() => this.#rows.markUnread(seq));
  }

  focusLast(): void {
    (this.#rows.messages.at(-1) ?? this.#scroller).focus();
  }

  /** Whether what is loaded reaches the end of the log. */
  get #isLive(): boolean {
    return (this.#rows.last ?? this.#kept.first - 1) >= this.#kept.last;
  }

  #flush(): void {
    this.#flushing = false;
    const live = this.#isLive;
    // Read before anything changes, and not again: each look after a change draws up the page.
    const { scrollTop } = this.#scroller;
    const stay = live && scrollTop > -AT_END_PX;
    // Of more than fits only the end will be seen.
    const entries = this.#queue.splice(0).slice(-MOST);
    const [first, newest] = [entries[0], entries.at(-1)];
    if (!first || !newest) return;
    const gap = (this.#rows.last ?? first.seq - 1) + 1 < first.seq;
    const room = this.#rows.messages.length + entries.length <= MOST + SLACK;
    this.#kept = { ...this.#kept, last: newest.seq };
    if (stay) {
      if (gap) this.#rows.keepNewest(0);
      this.#rows.append(entries);
      this.#rows.keepNewest(MOST);
      if (scrollTop < 0) this.#scroller.scrollTop = 0;
    } else {
      this.#below += entries.length;
      if (live && !gap && room) this.#hold(() => this.#rows.append(entries));
    }
    this.#update(stay ? 0 : undefined);
  }

  /** Does something to the list while what is seen stays where it is. */
  #hold(change: () => void): void {
    if (this.atEnd) return change();
    const anchor = this.#rows.firstBelow(this.#scroller.getBoundingClientRect().top);
    const top = anchor?.getBoundingClientRect().top ?? 0;
    change();
    // It may have been made anew.
    const same = anchor && this.#rows.find(anchor.entry.seq);
    if (same) this.#scroller.scrollTop += same.getBoundingClientRect().top - top;
  }

  #scrolled(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const { first } = this.#rows;
    const above = scrollHeight - clientHeight + scrollTop;
    if (this.atEnd) this.#below = 0;
    if (first !== undefined && above < AHEAD_PX && first > this.#kept.first) this.#ask("older");
    else if (-scrollTop < AHEAD_PX && !this.#isLive) this.#ask("newer");
    this.#update(scrollTop);
  }

  #ask(what: "older" | "newer" | "latest"): void {
    const busy = this.#asked !== undefined && (this.#asked !== "failed" || what === "older");
    if (busy && what !== "latest") return;
    this.#asked = what;
    const { first = 0, last = 0 } = this.#rows;
    if (what === "older") emit(this, "chat-older", first);
    else if (what === "newer") emit(this, "chat-newer", last);
    else emit(this, "chat-latest");
    this.#update();
  }

  /** What stands around the messages: the beginning above them, the way down over them. */
  #update(scrollTop = this.#scroller.scrollTop): void {
    const { locale } = this.#rows.reader;
    const start = this.#startText();
    if (this.#start.textContent !== start) this.#start.textContent = start;
    this.#start.classList.toggle("empty", this.#rows.first === undefined);
    if (this.#asked === "failed") this.#start.append(" ", this.#againButton());
    const label = this.#below > 0
      ? locale.say("newMessages", { n: this.#below })
      : locale.say("latest");
    if (this.#latest.textContent !== label) this.#latest.textContent = label;
    this.#latest.hidden = scrollTop > -FAR_PX && this.#below === 0 && this.#isLive;
    this.#latest.classList.toggle("new", this.#below > 0);
  }

  #startText(): string {
    const { reader: { locale }, first } = this.#rows;
    if (this.#asked === "failed") return locale.say("loadFailed");
    if (first === undefined) {
      const empty = this.#drafts.childElementCount === 0;
      return empty ? `${locale.say("empty")}\n${locale.say("emptyHint")}` : "";
    }
    if (first > this.#kept.first) return locale.say("loading");
    return first > 1 ? locale.say("notKept") : locale.say("beginning", { room: this.#room });
  }

  #againButton(): HTMLElement {
    const again = () => {
      this.#asked = undefined;
      this.#ask("older");
    };
    return h("button", { type: "button", click: again }, this.#rows.reader.locale.say("again"));
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
    const { messages } = this.#rows;
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (step !== undefined) {
      const current = messages.findIndex((message) => message === document.activeElement);
      const next = current < 0 ? messages.length - 1 : current + step;
      messages[Math.max(0, Math.min(next, messages.length - 1))]?.focus();
    } else if (event.key === "End") {
      this.toEnd();
      this.focusLast();
    } else return;
    event.preventDefault();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "message-list": MessageList;
  }
}
