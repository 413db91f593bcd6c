import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";

/** The line where somebody left off: above the first message they have not seen. */
export class UnreadLine {
  readonly #line = h("div", { class: "unread", role: "separator" });
  #after: number | undefined;
  /** Whether it has come into sight. */
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

  /** Puts it above the message, which is the first after `after`; nowhere for undefined. */
  place(message: Element | undefined, locale: Locale): void {
    this.#line.remove();
    if (!message) return;
    this.#line.textContent = locale.say("unread");
    message.before(this.#line);
  }

  /**
   * How many messages up to `newest` begin above all that is in sight, which is what is below `top()`,
   * in pixels of the window; none once that beginning was in sight. `first` is the oldest that is loaded.
   */
  above(newest: number, first: number, top: () => number): number {
    const news = newest - (this.#after ?? newest);
    if (this.#reached || news === 0) return 0;
    const isAbove = this.isPlaced
      ? this.#line.getBoundingClientRect().top < top()
      : first > newest - news + 1;
    this.#reached = !isAbove;
    return isAbove ? news : 0;
  }
}
