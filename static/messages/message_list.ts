import type { Entry } from "../../lib/model/message.ts";
import { emit } from "../base/page_events.ts";
import { DraftRows } from "../outgoing/draft_rows.ts";
import { FrameQueue } from "../history/frame_queue.ts";
import { ListFrame } from "../history/list_frame.ts";
import { type LogRange, LogWindow } from "./log_window.ts";
import { MessageRows } from "./message_rows.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import type { OutgoingMessage } from "../../lib/client/mod.ts";
import { ScrollBox } from "../history/scroll_box.ts";
import { Wanted } from "../history/wanted.ts";

/**
 * The messages as they scroll: a window onto the log, and what is not stored yet below it. Dispatches
 * what the window lacks (`chat-older`, `chat-newer`, `chat-latest`), one thing at a time, and up to
 * where it was seen (`chat-seen`).
 */
export class MessageList extends HTMLElement {
  readonly #scroller = this.querySelector<HTMLElement>(".scroller")!;
  readonly #view = new ScrollBox(this.#scroller);
  readonly #rows = new MessageRows(this.querySelector<HTMLElement>(".rows")!);
  readonly #window = new LogWindow(this.#rows);
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
    { room, viewer, ...range }: LogRange & { room: string; viewer: Viewer },
  ): void {
    this.#room = room;
    this.#queue.clear();
    this.#above = 0;
    this.#rows.viewer = viewer;
    this.#window.open(entries, range);
    this.#replaced();
  }

  /** Shows another part of the log. */
  move(entries: readonly Entry[]): void {
    this.#queue.flush();
    this.#window.move(entries, this.newest);
    this.#replaced();
  }

  /** Makes everything anew: the viewer is another, or has another locale. */
  show(viewer: Viewer): void {
    this.#queue.flush();
    this.#rows.viewer = viewer;
    this.#hold(() => this.#rows.replace(this.#rows.messages.map(({ entry }) => entry)));
    this.#update();
  }

  /** The seq of the newest message that has come. */
  get newest(): number {
    return this.#queue.last?.seq ?? this.#window.range.last;
  }

  /** What has just been stored: the next of the log, in order. Shown with the next frame. */
  add(entries: readonly Entry[]): void {
    this.#queue.add(entries);
  }

  /** What was asked for by `chat-older`; none where there is nothing older any more. */
  addOlder(entries: readonly Entry[]): void {
    this.#wanted.came();
    if (!this.#window.takesAbove(entries)) return;
    this.#hold(() => this.#window.addAbove(entries));
    this.#scrolled();
  }

  /** What was asked for by `chat-newer`. */
  addNewer(entries: readonly Entry[]): void {
    this.#wanted.came();
    this.#hold(() => this.#window.addBelow(entries));
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
    this.#drafts.show(drafts, connected, this.#rows.viewer);
    this.#relateDrafts();
    this.#update();
  }

  /** To the end of the log; asks for it where it is not loaded. */
  toEnd(): void {
    if (!this.#window.isLive) return this.#ask("latest");
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

  get #isAtEnd(): boolean {
    return this.#window.isLive && this.#view.isAtEnd;
  }

  /** The window shows another part of the log. */
  #replaced(): void {
    this.#wanted.came();
    this.#below = 0;
    this.#relateDrafts();
    this.#update();
  }

  /** What has just been stored. */
  #draw(stored: readonly Entry[]): void {
    const live = this.#window.isLive;
    // Asked before anything changes, and not again: each time the browser would lay out the page.
    const { scrollTop } = this.#scroller;
    const stay = live && this.#view.isAtEnd;
    this.#window.grow(stored.at(-1)!.seq);
    if (stay) {
      this.#window.follow(stored);
      if (scrollTop < 0) this.#scroller.scrollTop = 0;
    } else {
      this.#below += stored.length;
      if (live) this.#hold(() => this.#window.gather(stored));
    }
    this.#relateDrafts();
    this.#lookUp();
    if (stay) this.#see();
    this.#update(!stay && this.#view.isFarFromEnd);
  }

  /** The first draft may go on from the last message that is stored. */
  #relateDrafts(): void {
    const { messages, viewer } = this.#rows;
    this.#drafts.follow(messages.at(-1), viewer, this.#window.end !== undefined);
  }

  /** Does something to the list while what is seen stays where it is. */
  #hold(change: () => void): void {
    if (this.#isAtEnd) return change();
    const anchor = this.#rows.firstBelow(this.#view.top);
    // It may be made anew.
    this.#view.hold(() => anchor && this.#rows.find(anchor.entry.seq), change);
  }

  #scrolled(): void {
    if (this.#isAtEnd) {
      this.#below = 0;
      this.#see();
    }
    this.#lookUp();
    if (this.#window.hasOlder && this.#view.isNearStart) this.#ask("older");
    else if (!this.#window.isLive && this.#view.isNearEnd) this.#ask("newer");
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
      locale: this.#rows.viewer.locale,
      room: this.#room,
      loaded: this.#rows.first,
      kept: this.#window.range.first,
      failed: this.#wanted.failed,
      drafts: !this.#drafts.isEmpty,
      away: isFar || !this.#window.isLive,
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
