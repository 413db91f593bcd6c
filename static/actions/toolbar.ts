import type { Locale } from "../../lib/view/locale.ts";
import { h } from "../base/dom.ts";
import type { ChatMessage } from "../messages/chat_message.ts";
import type { Abilities } from "./abilities.ts";
import { icon } from "../base/icon.ts";
import { type Deed, deedsOf } from "./deeds.ts";

/** What is wished for at a button: a deed, or all of them. */
export type Wish = Deed["type"] | "menu";

/** Those that have a button of their own; the menu has all. */
const FIRST: readonly Deed["type"][] = ["react", "reply", "edit"];
const MORE = "M5.5 12h.01M12 12h.01M18.5 12h.01";

/** The buttons at the message that is pointed at, or has the focus. There is one for the whole list. */
export class Toolbar {
  readonly #element = h("div", { class: "actions", role: "toolbar" });
  #shown = "";

  /** `wished` is called with the message, and the button. */
  constructor(wished: (row: ChatMessage, wish: Wish, button: Element) => void) {
    this.#element.addEventListener("click", ({ target }) => {
      const button = (target as Element).closest("button");
      if (button && this.row) wished(this.row, button.dataset.wish as Wish, button);
    });
  }

  /** The message at which it is shown. */
  get row(): ChatMessage | null {
    return this.#element.closest("chat-message");
  }

  get hasFocus(): boolean {
    return this.#element.contains(document.activeElement);
  }

  get buttons(): readonly HTMLButtonElement[] {
    return [...this.#element.querySelectorAll("button")];
  }

  show(row: ChatMessage, abilities: Abilities, locale: Locale): void {
    const deeds = deedsOf(abilities).filter(({ type }) => FIRST.includes(type))
      .toSorted((a, b) => FIRST.indexOf(a.type) - FIRST.indexOf(b.type));
    const shown = `${locale.language} ${deeds.map(({ type }) => type)}`;
    this.#element.ariaLabel = locale.say("actionsFor", { name: row.entry.from });
    if (shown !== this.#shown) {
      this.#shown = shown;
      const buttons = deeds.map(({ type, label, key, icon }) =>
        button(type, locale.say(label), icon, key)
      );
      this.#element.replaceChildren(...buttons, button("menu", locale.say("moreActions"), MORE));
    }
    if (this.row !== row) row.append(this.#element);
  }

  hide(): void {
    this.#element.remove();
  }
}

function button(wish: Wish, label: string, path: string, key?: string): HTMLElement {
  const title = key === undefined ? label : `${label} (${key})`;
  const element = h("button", {
    "type": "button",
    "data-wish": wish,
    "aria-label": label,
    "title": title,
    "aria-haspopup": wish === "menu" ? "menu" : undefined,
  });
  element.append(icon(path));
  return element;
}
