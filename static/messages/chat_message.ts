import type { Entry } from "../../lib/model/message.ts";
import {
  dayView,
  messageView,
  NO_RELATION,
  relate,
  type Viewer,
} from "../../lib/view/message_view.ts";
import { build } from "../base/dom.ts";

/** One message in the list. */
export class ChatMessage extends HTMLElement {
  /** What it shows; set when it is made, and never changed. */
  entry!: Entry;
  #dayLine: HTMLElement | undefined;

  /**
   * Looks right below `before`, which may be undefined: at the top of what is loaded. `adjacent`, where
   * the two are not siblings: whether nothing stands between them.
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
    // Between the two there may be a note; then the name is told again.
    adjacent ??= this.previousElementSibling === before;
    const relation = before && adjacent ? relate(before.entry, this.entry, locale) : NO_RELATION;
    for (const [name, is] of Object.entries(relation)) this.classList.toggle(name, is);
  }

  /** Looks as `same` did, which showed the same message. */
  takeOver(same: ChatMessage, focused: boolean): void {
    this.classList.toggle("marked", same.classList.contains("marked"));
    if (same.querySelector(".text:not(.folded)")) this.#unfold();
    if (focused) this.focus({ preventScroll: true });
  }

  /** Shows a long text to its end; the focus was on the button, which goes. */
  unfold(): void {
    this.#unfold();
    this.focus({ preventScroll: true });
  }

  #unfold(): void {
    this.querySelector(".text")?.classList.remove("folded");
    this.querySelector(".unfold")?.remove();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "chat-message": ChatMessage;
  }
}

export function createMessage(entry: Entry, viewer: Viewer): ChatMessage {
  const message = build(messageView(entry, viewer)) as ChatMessage;
  message.entry = entry;
  return message;
}
