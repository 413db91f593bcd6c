import { changedBy } from "../../lib/model/change.ts";
import type { Change, Message } from "../../lib/model/message.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { excerptOf } from "../../lib/view/quote_view.ts";
import { h } from "../base/dom.ts";

/** The line above the field that says which message is answered, and the way out of it. */
export class ReplyBar {
  locale!: Locale;
  readonly element = h("div", { class: "reply-bar", hidden: true });
  readonly #closed: () => void;
  #answered: Message | undefined;

  /** `closed` is called when the viewer does not want to answer any more. */
  constructor(closed: () => void) {
    this.#closed = closed;
  }

  get answered(): number | undefined {
    return this.#answered?.seq;
  }

  /** Keeps up with the log. */
  change(change: Change): void {
    const before = this.#answered;
    const now = before && changedBy(before, change);
    if (now !== before) this.show(now);
  }

  /** Hidden for undefined. */
  show(message: Message | undefined): void {
    this.#answered = message;
    this.element.hidden = !message;
    if (!message) return this.element.replaceChildren();
    const { locale } = this;
    this.element.replaceChildren(
      h(
        "p",
        { id: "answered" },
        h("span", {}, locale.say("replyingTo", { name: message.from })),
        " ",
        h("span", { class: "excerpt", dir: "auto" }, excerptOf(message, locale)),
      ),
      h("button", {
        "class": "close",
        "type": "button",
        "aria-label": locale.say("noReply"),
        "title": locale.say("noReply"),
        "click": () => this.#closed(),
      }, "✕"),
    );
  }
}
