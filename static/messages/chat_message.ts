import type { Message } from "../../lib/model/message.ts";
import {
  dayView,
  messageView,
  NO_RELATION,
  relate,
  type Viewer,
} from "../../lib/view/message_view.ts";
import type { Quoted } from "../../lib/view/quote_view.ts";
import type { Branch } from "../../lib/view/tree.ts";
import { build, patch } from "../base/dom.ts";

/** One message in the list. */
export class ChatMessage extends HTMLElement {
  /** As the log has it. Its seq, time and sender never change. */
  entry!: Message;
  /** As it is shown: with what the viewer has just done to it. */
  shown!: Message;
  /** The message that it answers, where it is known. */
  quoted: Quoted | undefined;
  #dayLine: HTMLElement | undefined;
  #line: Branch | undefined;
  /** When it was marked, by `performance.now()`. */
  #markedAt: number | undefined;

  /**
   * Adapts to the message above it, which is undefined at the top of what is loaded: whether a new day
   * begins, and whether name and time are repeated. `adjacent` says whether nothing stands between the
   * two; needed where they are not siblings.
   */
  follow(before: ChatMessage | undefined, { locale }: Viewer, adjacent?: boolean): void {
    const sameDay = before && locale.sameDay(before.entry.at, this.entry.at);
    if (sameDay) {
      this.#dayLine?.remove();
      this.#dayLine = undefined;
    } else if (!this.#dayLine) {
      this.#dayLine = build(dayView(this.entry.at, Date.now(), locale));
      this.before(this.#dayLine);
    }
    // Below a note the name is repeated.
    adjacent ??= this.previousElementSibling === before;
    const relation = before && adjacent ? relate(before.shown, this.shown, locale) : NO_RELATION;
    for (const [name, is] of Object.entries(relation)) this.classList.toggle(name, is);
  }

  /** Shows something else in place; what stays the same keeps its element, and its focus. */
  update(shown: Message, viewer: Viewer, quoted = this.quoted): void {
    const focused = this.contains(document.activeElement);
    patch(
      this,
      messageView(this.shown, viewer, this.quoted),
      messageView(shown, viewer, quoted),
    );
    this.shown = shown;
    this.quoted = quoted;
    if (focused && !this.contains(document.activeElement)) this.focus({ preventScroll: true });
  }

  /** Shows a line below the message, in the place of the one before. */
  say(line: Branch | undefined): void {
    if (JSON.stringify(line) === JSON.stringify(this.#line)) return;
    this.#line = line;
    const before = this.querySelector(":scope > .status");
    const focused = before?.contains(document.activeElement);
    before?.remove();
    if (line) this.append(build(line));
    if (focused) this.focus({ preventScroll: true });
  }

  /** Marks it for a while, as what somebody jumped to; `at` is when that was. */
  mark(at = performance.now()): void {
    this.unmark();
    this.getBoundingClientRect(); // without a style in between, the fading would not begin anew
    this.#markedAt = at;
    this.style.animationDelay = `${at - performance.now()}ms`;
    this.classList.add("marked");
  }

  unmark(): void {
    this.#markedAt = undefined;
    this.classList.remove("marked");
  }

  /** Takes over the state of `same`, an older element of the same message. */
  takeOver(same: ChatMessage, focused: boolean): void {
    if (same.#markedAt !== undefined) this.mark(same.#markedAt);
    const unfolded = same.querySelector(".unfold[aria-expanded=true]");
    if (unfolded && this.querySelector(".unfold")) this.toggleFold();
    this.#takeFiles(same);
    if (focused) this.focus({ preventScroll: true });
  }

  /** The pictures of the other element, which are there already: made anew they would flicker. */
  #takeFiles(same: ChatMessage): void {
    const ids = ({ entry: { files = [] } }: ChatMessage) => files.map(({ id }) => id).join();
    if (ids(this) !== ids(same)) return;
    const [own, theirs] = [this, same].map((message) => message.querySelector(".files"));
    if (theirs) own?.replaceWith(theirs);
  }

  /** Shows a long text to its end, or folds it again; true where it is folded now. */
  toggleFold(): boolean {
    const button = this.querySelector<HTMLButtonElement>(".unfold")!;
    const folded = this.querySelector(".text")!.classList.toggle("folded");
    button.ariaExpanded = String(!folded);
    [button.textContent, button.dataset.other] = [button.dataset.other!, button.textContent!];
    return folded;
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-message": ChatMessage;
  }
}

/** `shown` is what the entry is shown as, where that is not the same. */
export function createMessage(
  entry: Message,
  viewer: Viewer,
  { shown = entry, quoted }: { shown?: Message; quoted?: Quoted | undefined } = {},
): ChatMessage {
  const message = build(messageView(shown, viewer, quoted)) as ChatMessage;
  message.entry = entry;
  message.shown = shown;
  message.quoted = quoted;
  return message;
}
