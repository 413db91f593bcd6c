import type { Entry } from "../../lib/model/message.ts";
import { emit } from "../base/dom.ts";
import { DraftRows } from "../outgoing/draft_rows.ts";
import { FrameQueue } from "../history/frame_queue.ts";
import { ListFrame } from "../history/list_frame.ts";
import { MessageRows } from "./message_rows.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import type { OutgoingMessage } from "../connection/outbox.ts";
import { Viewport } from "../history/viewport.ts";
import { Wanted } from "../history/wanted.ts";

/** Messages in the list; when there are more, those farthest from what is seen are unloaded. */
const MOST = 600;
/** So many more may gather around somebody who reads further up; the rest is loaded when wanted. */
const SLACK = 300;

/** Of the log. */
interface Bounds {
  readonly first: number;
  readonly last: number;
}

/**
 * The messages: a window without holes onto the log, which it extends, moves and shortens. It asks
 * its parent for what it lacks (`chat-older`, `chat-newer`, `chat-latest`), one thing at a time, and
 * tells it up to where it was seen (`chat-seen`).
 */
export class MessageList extends HTMLElement {
  readonly #scroller = this.querySelector<HTMLElement>(".scroller")!;
  readonly #view = new Viewport(this.#scroller);
  readonly #rows = new MessageRows(this.querySelector<HTMLElement>(".rows")!);
  readonly #drafts = new DraftRows(this.querySelector<HTMLElement>(".drafts")!);
  readonly #frame = new ListFrame(this, {
    toEnd: () => {
      this.toEnd();
      this.#view.focus(); // the button goes
    },
    toUnread: () => emit(this, "chat-go", this.#rows.unreadAfter! + 1),
    again: () => {
      this.#wanted.forgive();
      this.#ask("older");
    },
  });
  readonly #wanted = new Wanted(this);
  /** What has been stored and is not shown yet. */
  readonly #queue = new FrameQueue<Entry>((entries) => this.#draw(entries));
  #room = "";
  #kept: Bounds = { first: 1, last: 0 };
  /** Messages that came while somebody read further up. */
  #below = 0;
  /** Those that were never seen, where they begin above all that is in sight. */
  #above = 0;

  connectedCallback(): void {
    this.#scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#scroller.addEventListener("keydown", (event) => this.#key(event));
    this.addEventListener("click", (event) => this.#click(event));
  }

  /** Begins with the end of a log, of which `first` to `last` is kept. */
  open(
    entries: readonly Entry[],
    { first, last, room, reader }: Bounds & { room: string; reader: Viewer },
  ): void {
    this.#room = room;
    this.#kept = { first, last };
    this.#queue.clear();
    this.#above = 0;
    this.#rows.reader = reader;
    this.#rows.clear();
    this.#replace(entries);
  }

  /** Shows another part of the log. */
  move(entries: readonly Entry[]): void {
    this.#queue.flush();
    this.#kept = { ...this.#kept, last: Math.max(this.newest, entries.at(-1)?.seq ?? 0) };
    this.#replace(entries);
  }

  /** Makes everything anew: the reader is another, or is spoken to otherwise. */
  show(reader: Viewer): void {
    this.#queue.flush();
    this.#rows.reader = reader;
    this.#hold(() => this.#rows.replace(this.#rows.messages.map(({ entry }) => entry)));
    this.#update();
  }

  /** The seq of the newest message that has come. */
  get newest(): number {
    return this.#queue.last?.seq ?? this.#kept.last;
  }

  /** What has just been stored: the next of the log, in order. Shown with the next frame. */
  add(entries: readonly Entry[]): void {
    this.#queue.add(entries);
  }

  /** What was asked for by `chat-older`; none where there is nothing older any more. */
  addOlder(entries: readonly Entry[]): void {
    this.#wanted.came();
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
    this.#wanted.came();
    const { last = 0 } = this.#rows;
    this.#hold(() => {
      this.#rows.append(entries.filter(({ seq }) => seq > last));
      this.#rows.keepNewest(MOST + SLACK);
    });
    this.#scrolled();
  }

  /** What was asked for, or should have been shown, could not be had. */
  fail(): void {
    this.#wanted.fail();
    this.#update();
  }

  /** A quiet line at the end, now or when that is loaded; see Notes for the `id`. */
  note(content: Node | string, id?: string): void {
    this.#queue.flush();
    const stay = this.#isAtEnd;
    this.#rows.note(content, this.newest, id);
    this.#relateDrafts();
    if (stay) this.#view.toEnd();
  }

  /** Those that are not in the log yet, below all others. */
  drafts(drafts: readonly OutgoingMessage[], connected: boolean): void {
    this.#drafts.show(drafts, connected, this.#rows.reader);
    this.#relateDrafts();
    this.#update();
  }

  /** To the end of the log; asks for it where it is not loaded. */
  toEnd(): void {
    if (!this.#isLive) return this.#ask("latest");
    this.#wanted.forgive();
    this.#view.toEnd();
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
    this.#above = 0;
    this.#hold(() => this.#rows.markUnread(seq));
    this.#update();
  }

  /** Somebody looks at the page: what is in sight is seen, and where they left off is a way to go. */
  look(): void {
    this.#queue.flush();
    this.#lookUp();
    if (this.#isAtEnd) this.#see();
    this.#update();
  }

  focusLast(): void {
    (this.#rows.messages.at(-1) ?? this.#view).focus();
  }

  /** Whether what is loaded reaches the end of the log. */
  get #isLive(): boolean {
    return (this.#rows.last ?? this.#kept.first - 1) >= this.#kept.last;
  }

  get #isAtEnd(): boolean {
    return this.#isLive && this.#view.isAtEnd;
  }

  #replace(entries: readonly Entry[]): void {
    this.#wanted.came();
    this.#below = 0;
    this.#rows.replace(entries);
    this.#relateDrafts();
    this.#update();
  }

  /** What has just been stored. */
  #draw(stored: readonly Entry[]): void {
    const live = this.#isLive;
    // Asked before anything changes, and not again.
    const { scrollTop } = this.#scroller;
    const stay = live && this.#view.isAtEnd;
    // Of more than fits only the end will be seen.
    const entries = stored.slice(-MOST);
    const [first, newest] = [entries[0]!, entries.at(-1)!];
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
    this.#relateDrafts();
    this.#lookUp();
    if (stay) this.#see();
    this.#update(!stay && this.#view.isFarFromEnd);
  }

  /** The first draft may go on from the last message that is stored. */
  #relateDrafts(): void {
    const { messages, end, reader } = this.#rows;
    this.#drafts.follow(messages.at(-1), reader, this.#isLive && end !== undefined);
  }

  /** Does something to the list while what is seen stays where it is. */
  #hold(change: () => void): void {
    if (this.#isAtEnd) return change();
    const anchor = this.#rows.firstBelow(this.#view.top);
    // It may be made anew.
    this.#view.hold(() => anchor && this.#rows.find(anchor.entry.seq), change);
  }

  #scrolled(): void {
    const { first } = this.#rows;
    if (this.#isAtEnd) {
      this.#below = 0;
      this.#see();
    }
    this.#lookUp();
    const hasOlder = first !== undefined && first > this.#kept.first;
    if (hasOlder && this.#view.isNearStart) this.#ask("older");
    else if (!this.#isLive && this.#view.isNearEnd) this.#ask("newer");
    this.#update();
  }

  /** To where somebody left off a way is offered until they have been there. */
  #lookUp(): void {
    if (document.hidden) return;
    this.#above = this.#rows.unreadAbove(this.newest, () => this.#view.top);
  }

  /** The end is in sight, and so everything that was before it counts as seen. */
  #see(): void {
    if (!document.hidden) emit(this, "chat-seen", this.newest);
  }

  #ask(what: "older" | "newer" | "latest"): void {
    this.#wanted.ask(what, what === "older" ? this.#rows.first : this.#rows.last);
    this.#update();
  }

  #update(isFar = this.#view.isFarFromEnd): void {
    this.#frame.show({
      locale: this.#rows.reader.locale,
      room: this.#room,
      loaded: this.#rows.first,
      kept: this.#kept.first,
      failed: this.#wanted.failed,
      drafts: !this.#drafts.isEmpty,
      away: isFar || !this.#isLive,
      below: this.#below,
      above: this.#above,
    });
  }

  #click({ target }: Event): void {
    const button = (target as Element).closest(".unfold");
    if (button) this.#hold(() => button.closest("chat-message")?.unfold());
  }

  #key(event: KeyboardEvent): void {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (event.key === "ArrowUp") this.#rows.moveFocus(-1);
    else if (event.key === "ArrowDown") this.#rows.moveFocus(1);
    else if (event.key === "End") {
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
