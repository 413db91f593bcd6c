import type { Measure } from "../../lib/client/mod.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { measureWords } from "../../lib/view/moderation_text.ts";
import { h } from "../base/dom.ts";

/** Stands in the place of the room for somebody who is banned. */
export class BannedNotice extends HTMLElement {
  show(ban: Measure, locale: Locale): void {
    this.closest("chat-room")?.toggleAttribute("data-banned", true);
    this.hidden = false;
    this.replaceChildren(
      h("h2", {}, locale.say("youBanned")),
      h("p", { dir: "auto" }, measureWords(ban, locale)),
    );
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "banned-notice": BannedNotice;
  }
}
