import type { Locale } from "../../lib/view/locale.ts";
import { h } from "../base/dom.ts";
import { float, onPressElsewhere } from "../base/floating.ts";
import type { ChatMessage } from "../messages/chat_message.ts";
import type { Abilities } from "./abilities.ts";
import { icon } from "../base/icon.ts";
import { type Deed, DEEDS, deedsOf } from "./deeds.ts";

export interface MenuOptions {
  readonly locale: Locale;
  readonly abilities: Abilities;
  /** The emoji that are one press away. */
  readonly emoji: readonly string[];
  readonly near: DOMRectReadOnly;
  readonly chosen: (deed: Deed["type"]) => void;
  readonly reacted: (emoji: string) => void;
}

/** All that can be done with a message: a menu near it, or on a phone at the bottom. */
export class MessageMenu {
  readonly #element = h("div", { class: "message-menu floating", role: "menu" });
  readonly #place: HTMLElement;
  #row: ChatMessage | undefined;
  #unwatch = () => {};

  /** The menu is put into `place` while it is open. */
  constructor(place: HTMLElement) {
    this.#place = place;
    this.#element.addEventListener("keydown", (event) => this.#key(event));
    this.#element.addEventListener("focusout", ({ relatedTarget }) => {
      // The focus is elsewhere; where the whole window lost it, the menu stays.
      if (relatedTarget && !this.#element.contains(relatedTarget as Node)) this.close(false);
    });
  }

  get isOpen(): boolean {
    return this.#element.isConnected;
  }

  open(row: ChatMessage, options: MenuOptions): void {
    this.close(false);
    const { locale, abilities, emoji, near, chosen, reacted } = options;
    this.#row = row;
    this.#element.ariaLabel = locale.say("actionsFor", { name: row.entry.from });
    const quick = emoji.map((each) => item(each, () => this.#then(() => reacted(each)), {}));
    const deeds = deedsOf(abilities).map(({ type, label, key, icon: path }) =>
      item(locale.say(label), () => this.#then(() => chosen(type)), {
        "icon": icon(path),
        key,
        "data-deed": type,
      })
    );
    const { from } = row.entry;
    const moderate = item(locale.say("moderate", { name: from }), () => this.close(true), {
      "icon": icon("M12 3.5 5 6v5.5c0 4.2 2.8 7.4 7 9 4.2-1.6 7-4.8 7-9V6z"),
      "data-moderate": from,
    });
    this.#element.replaceChildren(
      ...(abilities.react
        ? [h("div", { class: "quick", role: "group", "aria-label": locale.say("react") }, ...quick)]
        : []),
      ...deeds,
      ...(abilities.moderate ? [moderate] : []),
    );
    this.#place.append(this.#element);
    float(this.#element, near);
    this.#unwatch = onPressElsewhere(this.#element, () => this.close(false));
    // The first deed: emoji are a row of their own above.
    (deeds[0] ?? this.#items[0])?.focus({ preventScroll: true });
  }

  /** `back`: the message has the focus again. */
  close(back: boolean): void {
    if (!this.isOpen) return;
    this.#unwatch();
    const row = this.#row;
    this.#row = undefined;
    this.#element.remove();
    if (back) row?.focus({ preventScroll: true });
  }

  #then(act: () => void): void {
    this.close(true);
    act();
  }

  get #items(): HTMLButtonElement[] {
    return [...this.#element.querySelectorAll("button")];
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation(); // no key is for the page behind the menu
    const items = this.#items;
    const at = items.indexOf(document.activeElement as HTMLButtonElement);
    const key = event.key.toLowerCase();
    const { isQuick, step } = this.#step(key, at);
    if (step !== undefined) items[(step + items.length) % items.length]?.focus();
    else if (key === "escape" || key === "tab") this.close(true);
    else if (isQuick || event.ctrlKey || event.metaKey || event.altKey) return;
    else {
      const deed = items.find(({ dataset }) =>
        DEEDS.find(({ type }) => type === dataset.deed)?.keys.includes(key)
      );
      if (!deed) return;
      deed.click();
    }
    event.preventDefault();
  }

  /** Where an arrow leads: up and down between the lines, left and right within the line of emoji. */
  #step(key: string, at: number): { isQuick: boolean; step?: number } {
    const items = this.#items;
    const quick = this.#element.querySelectorAll(".quick button").length;
    const isQuick = at < quick && (key === "enter" || key === " ");
    if (key === "home") return { isQuick, step: 0 };
    if (key === "end") return { isQuick, step: items.length - 1 };
    if (key === "arrowright" || key === "arrowleft") {
      if (at >= quick) return { isQuick };
      return { isQuick, step: (at + (key === "arrowright" ? 1 : quick - 1)) % quick };
    }
    if (key === "arrowdown") return { isQuick, step: at < quick ? quick : at + 1 };
    if (key === "arrowup") return { isQuick, step: at < quick ? items.length - 1 : at - 1 };
    return { isQuick };
  }
}

function item(
  label: string,
  click: () => void,
  { icon: image, key, ...attributes }: {
    icon?: SVGElement;
    key?: string;
    [attribute: `data-${string}`]: string;
  },
): HTMLButtonElement {
  const element = h(
    "button",
    { type: "button", role: "menuitem", tabindex: -1, click, ...attributes },
    ...(image ? [image] : []),
    h("span", {}, label),
    ...(key === undefined ? [] : [h("kbd", { "aria-hidden": "true" }, key)]),
  );
  if (key !== undefined) element.setAttribute("aria-keyshortcuts", key);
  return element;
}
