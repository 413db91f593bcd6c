import type { Locale } from "../../lib/view/locale.ts";
import { h } from "../base/dom.ts";
import { emit } from "../base/page_events.ts";

/** Stands where one would write, for somebody who may only read. Dispatches `chat-unlock`. */
export class ReadOnlyBar extends HTMLElement {
  readonly #text = h("p", {});
  readonly #button = h("button", {
    class: "primary",
    type: "button",
    click: () => emit(this, "chat-unlock"),
  });

  show(locale: Locale): void {
    this.hidden = false;
    this.#text.textContent = locale.say("mayRead");
    this.#button.textContent = locale.say("enterPassword");
    if (!this.firstChild) this.append(this.#text, this.#button);
  }

  override focus(): void {
    this.#button.focus();
  }
}

declare global {
  interface HTMLElementTagNameMap {
    "read-only-bar": ReadOnlyBar;
  }
}
