import { type Change, isChange, type Message } from "../../lib/model/message.ts";
import type { Quoted } from "../../lib/view/quote_view.ts";
import { emit } from "../base/page_events.ts";
import { DraftRows } from "../outgoing/draft_rows.ts";
import type { ChatMessage } from "./chat_message.ts";
import { FrameQueue } from "../history/frame_queue.ts";
import { ListFrame } from "../history/list_frame.ts";
import { linkedSeq } from "../history/permalink.ts";
import { type LogRange, LogWindow } from "./log_window.ts";
import { MessageRows } from "./message_rows.ts";
import type { Viewer } from "../../lib/view/message_view.ts";
import type { Outgoing } from "../../lib/client/mod.ts";
import { ScrollBox } from "../history/scroll_box.ts";
import { Wanted } from "../history/wanted.ts";

/**
 * The list of messages, as it scrolls: a window onto the log, and below it what is not stored yet.
 * Asks for parts of the log that are not loaded (`chat-older`, `chat-newer`, `chat-latest`), one at a
 * time, and tells up to where it has been in sight (`chat-seen`).
 */
export class MessageList extends HTMLElement {
  readonly #scroller = this.querySelector<HTMLElement>(".scroller")!;
  readonly #view = new ScrollBox(this.#scroller);
  readonly #rows = new MessageRows(
    this.querySelector<HTMLElement>(".rows")!,
    (seq) => emit(this, "chat-quote", seq),
  );
  readonly #window = new LogWindow(this.#rows);
  readonly #drafts = new DraftRows(this.querySelector<HTMLElement>(".drafts")!);
  readonly #frame = new ListFrame(this, {
    toEnd: () => {
      this.toEnd();
      this.#view.focus(); // the button is hidden
    },
    toUnread: () => emit(this, "chat-unread", this.#rows.unreadAfter!),
    again: () => {
      this.#wanted.forgive();
      this.#ask("older");
    },
  });
  readonly #wanted = new Wanted(this);
  /** Entries that have come and are not in the list yet. */
  readonly #queue = new FrameQueue<Message | Change>((entries) => this.#draw(entries));
  #room = "";
  /** The seq of the newest message that has come, or of what was before the first. */
  #newestMessage = 0;
  /** The seqs of the messages that came while the viewer read further up. */
  readonly #below = new Set<number>();
  /** How many messages are unread, where the first of them is above what is in sight. */
  #above = 0;
  /** The one that Tab reaches. */
  #timeLink: HTMLElement | undefined;

  connectedCallback(): void {
    this.#scroller.addEventListener("scroll", () => {
      this.#view.scrolled();
      this.#scrolled();
    }, { passive: true });
    this.#scroller.addEventListener("keydown", (event) => this.#key(event));
    this.#scroller.addEventListener("focusin", ({ target }) => this.#focused(target as Element));
    this.addEventListener("click", (event) => this.#click(event));
  }

  /** Starts with the end of a log, of which `first` to `last` is kept. */
  open(
    entries: readonly Message[],
    { room, viewer, ...range }: LogRange & { room: string; viewer: Viewer },
  ): void {
    this.#room = room;
    this.#queue.clear();
    this.#above = 0;
    this.#rows.viewer = viewer;
    this.#newestMessage = entries.at(-1)?.seq ?? range.last;
    this.#window.open(entries, range);
    this.#replaced();
  }

  /** Shows another part of the log, loaded up to `upTo`, or to its last message. */
  move(entries: readonly Message[], upTo = 0): void {
    this.#queue.flush();
    this.#window.move(entries, { newest: this.newest, upTo });
    this.#replaced();
  }

  /** Renders everything anew, for another viewer or locale. */
  show(viewer: Viewer): void {
    this.#queue.flush();
    this.#rows.viewer = viewer;
    this.restyle(() => this.#rows.replace(this.#rows.messages.map(({ entry }) => entry)));
    this.#update();
  }

  /** Changes how the page looks, and so how high messages are, while what is in sight stays in place. */
  restyle(change: () => void): void {
    this.hold(() => {
      this.#drawAll();
      change();
    });
  }

  /** The seq of the newest entry that has come. */
  get newest(): number {
    return this.#queue.last?.seq ?? this.#window.range.last;
  }

  /** The next entry of the log is none that is shown in the list. */
  pass(seq: number): void {
    this.#queue.flush();
    this.#window.pass(seq);
  }

  /** Takes the next messages of the log and changes of them, in order. Shown with the next frame. */
  add(entries: readonly (Message | Change)[]): void {
    this.#queue.add(entries);
  }

  /** The answer to `chat-quote`; undefined where there was none. */
  quote(seq: number, quoted: Quoted | undefined): void {
    this.#rows.quote(seq, quoted);
  }

  /** What is known of a message, in the list or answered in it. */
  quoted(seq: number): Quoted | undefined {
    return this.#rows.quoted(seq);
  }

  /** The message where it is loaded. */
  find(seq: number): ChatMessage | undefined {
    return this.#rows.find(seq);
  }

  /** The newest message for which `is` holds, where the end of the log is loaded. */
  findLast(is: (message: ChatMessage) => boolean): ChatMessage | undefined {
    return this.#window.isLive ? this.#rows.messages.findLast(is) : undefined;
  }

  /** Shows a message as deleted that can still be had back, or shows it again. */
  delete(seq: number, is: boolean): void {
    this.#rows.own.delete(seq, is);
    const row = this.#rows.find(seq);
    if (row) this.hold(() => this.#rows.redraw(row));
  }

  /** The answer to `chat-older` of `before`; empty where nothing older is kept. */
  addOlder(entries: readonly Message[], before: number): void {
    this.#wanted.came();
    if (!this.#window.takesAbove(before)) return;
    this.hold(() => this.#window.addAbove(entries));
    this.#scrolled();
  }

  /** The answer to `chat-newer`: loaded up to `upTo`, or to its last message. */
  addNewer(entries: readonly Message[], upTo: number): void {
    this.#wanted.came();
    this.hold(() => this.#window.addBelow(entries, upTo));
    this.#scrolled();
  }

  /** What was asked for could not be loaded. */
  fail(): void {
    this.#wanted.fail();
    this.#update();
  }

  /** Adds a quiet line at the end of the log, now or when that is loaded. For `id` see Notes. */
  note(content: Node | string, id?: string): void {
    this.#queue.flush();
    const stay = this.#isAtEnd;
    this.#rows.note(content, this.#newestMessage, id);
    this.#relateDrafts();
    if (stay) this.#view.toEnd();
  }

  /** Shows what is not in the log yet: messages below everything else, changes where they belong. */
  outgoing(outgoing: readonly Outgoing[], connected: boolean): void {
    const rows = this.#rows.own.replace(outgoing, connected).map((ref) => this.#rows.find(ref))
      .filter((row) => row !== undefined);
    if (rows.length > 0) this.hold(() => rows.forEach((row) => this.#rows.redraw(row)));
    const drafts = outgoing.filter((each) => each.type === "message");
    this.#drafts.show(drafts, connected, this.#rows.viewer, (seq) => this.#rows.quoted(seq));
    this.#relateDrafts();
    this.#update();
  }

  /** Shows the messages whose files are on their way, below those. */
  parcels(rows: readonly ChatMessage[]): void {
    if (!this.#drafts.parcels(rows)) return;
    this.#relateDrafts();
    this.#update();
  }

  get hasDrafts(): boolean {
    return !this.#drafts.isEmpty;
  }

  /** Scrolls to the end of the log; asks for it where it is not loaded. */
  toEnd(): void {
    if (!this.#window.isLive) return this.#ask("latest");
    this.#wanted.forgive();
    this.#view.toEnd();
    this.#scrolled();
  }

  /** Scrolls to the message and marks it; false where it is not loaded. */
  reveal(seq: number): boolean {
    const message = this.#rows.find(seq);
    if (!message) return false;
    this.querySelector<ChatMessage>("chat-message.marked")?.unmark();
    message.mark();
    message.scrollIntoView({ block: "center" });
    message.focus({ preventScroll: true });
    return true;
  }

  /** Puts the unread line above the first message after `seq`; removes it for undefined. */
  markUnread(seq: number | undefined): void {
    this.#above = 0;
    this.hold(() => this.#rows.markUnread(seq));
    this.#update();
  }

  /** The page is visible: what is in sight counts as seen, the unread line too. */
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
    this.#below.clear();
    this.#relateDrafts();
    this.#update();
  }

  #draw(stored: readonly (Message | Change)[]): void {
    const part = { first: stored[0]!.seq, last: stored.at(-1)!.seq };
    const changes = stored.filter((entry) => isChange(entry));
    const messages = stored.filter((entry) => entry.type === "message");
    const change = () => changes.forEach((each) => this.#rows.change(each));
    const live = this.#window.isLive;
    // Read before anything changes, and not again: it would make the browser lay out the page.
    const { scrollTop } = this.#scroller;
    const stay = live && this.#view.isAtEnd;
    this.#newestMessage = messages.at(-1)?.seq ?? this.#newestMessage;
    this.#window.grow(part.last);
    if (stay) {
      this.#window.follow(messages, part);
      change();
      if (scrollTop < 0) this.#scroller.scrollTop = 0;
    } else {
      for (const { seq } of messages) this.#below.add(seq);
      this.hold(() => {
        if (live) this.#window.gather(messages, part);
        change();
      });
    }
    for (const { type, ref } of changes) if (type === "delete") this.#below.delete(ref);
    this.#relateDrafts();
    this.#lookUp();
    if (stay) this.#see();
    this.#update(!stay && this.#view.isFarFromEnd);
  }

  /** The first draft may continue the last stored message. */
  #relateDrafts(): void {
    const { messages, viewer } = this.#rows;
    this.#drafts.follow(messages.at(-1), viewer, this.#window.end !== undefined);
  }

  /** Changes the list while what is in sight stays in place. */
  hold(change: () => void): void {
    if (this.#isAtEnd) return change();
    const anchor = this.#rows.firstBelow(this.#view.top);
    // Found by its seq: the change may replace the element.
    this.#view.hold(() => anchor && this.#rows.find(anchor.entry.seq), change);
  }

  /**
   * Draws also what is out of sight, until the browser has seen how high it is now: it would guess, and
   * what is in sight would move by what it guessed wrong.
   */
  #drawAll(): void {
    const { classList } = this.#scroller;
    classList.add("drawn");
    requestAnimationFrame(() => requestAnimationFrame(() => classList.remove("drawn")));
  }

  #scrolled(): void {
    if (this.#isAtEnd) {
      this.#below.clear();
      this.#see();
    }
    this.#lookUp();
    if (this.#window.hasOlder && this.#view.isNearStart) this.#ask("older");
    else if (!this.#window.isLive && this.#view.isNearEnd) this.#ask("newer");
    this.#update();
  }

  /** A button leads to the unread line until that has been in sight. */
  #lookUp(): void {
    if (document.hidden) return;
    const upTo = this.#window.isLive ? this.#rows.last ?? 0 : this.newest;
    this.#above = this.#rows.unreadAbove(upTo, () => this.#view.top);
  }

  /** The end is in sight: everything up to it counts as seen. */
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
      whole: this.#window.isWhole,
      failed: this.#wanted.failed,
      drafts: !this.#drafts.isEmpty,
      away: isFar || !this.#window.isLive,
      below: this.#below.size,
      above: this.#above,
    });
  }

  #click(event: MouseEvent): void {
    const target = event.target as Element;
    const button = target.closest(".unfold");
    if (button) this.#toggleFold(button.closest("chat-message")!);
    const link = target.closest<HTMLAnchorElement>("a[href]");
    const seq = link && isPlain(event) ? linkedSeq(link) : undefined;
    if (seq === undefined) return;
    event.preventDefault(); // a link that somebody wrote would open the room once more
    emit(this, "chat-go", seq);
  }

  #toggleFold(message: ChatMessage): void {
    let folded = false;
    this.hold(() => folded = message.toggleFold());
    // Its end was in sight: what is left of it should be, too.
    if (folded) message.scrollIntoView({ block: "nearest" });
  }

  /** The time of the message in focus is the next stop of Tab: it is the link to the message. */
  #focused(target: Element): void {
    const link = target.closest("chat-message")?.querySelector<HTMLElement>(".time");
    if (link === this.#timeLink) return;
    if (this.#timeLink) this.#timeLink.tabIndex = -1;
    if (link) link.tabIndex = 0;
    this.#timeLink = link ?? undefined;
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

/** Whether a click asks for nothing special, such as a tab of its own. */
function isPlain({ button, altKey, ctrlKey, metaKey, shiftKey }: MouseEvent): boolean {
  return button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey;
}

declare global {
  interface HTMLElementTagNameMap {
    "message-list": MessageList;
  }
}
