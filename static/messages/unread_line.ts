import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";

/** The unread line: above the first message that the viewer has not seen. */
export class UnreadLine {
  readonly #line = h("div", { class: "unread", role: "separator" });
  #after: number | undefined;
  /** Whether the line has been in sight. */
  #reached = true;

  /** The seq of the last message that was seen; undefined for no line. */
  get after(): number | undefined {
    return this.#after;
  }

  set after(seq: number | undefined) {
    this.#after = seq;
    this.#reached = seq === undefined;
  }

  get isPlaced(): boolean {
    return this.#line.isConnected;
  }

  /** Puts it above the message, the first one after `after`; removes it for undefined. */
  place(message: Element | undefined, locale: Locale): void {
    this.#line.remove();
    if (!message) return;
    this.#line.textContent = locale.say("unread");
    message.before(this.#line);
  }

  /**
   * The number of unread messages, where the first of them is above `top()`, in pixels of the window; 0
   * once it has been in sight. `first` is the seq of the oldest loaded message.
   */
  above(count: () => number, first: number, top: () => number): number {
    if (this.#reached || this.#after === undefined) return 0;
    const news = count();
    if (news === 0) return 0;
    const isAbove = this.isPlaced
      ? this.#line.getBoundingClientRect().top < top()
      : first > this.#after + 1;
    this.#reached = !isAbove;
    return isAbove ? news : 0;
  }
}
