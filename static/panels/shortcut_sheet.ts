import { h } from "../base/dom.ts";
import type { Features } from "../../lib/model/features.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { createSheet } from "./sheet.ts";
import { shortcutsOf } from "./shortcuts.ts";

/** The list of keyboard shortcuts. */
export class ShortcutSheet extends HTMLElement {
  open(locale: Locale, features: Features): void {
    const rows = shortcutsOf(features).flatMap(({ keys, what }) => [
      h("dt", {}, ...keys.split(" ").map((way) => h("span", {}, ...keysOf(way)))),
      h("dd", {}, locale.say(what)),
    ]);
    const sheet = createSheet(locale, locale.say("shortcuts"), h("dl", {}, ...rows));
    sheet.classList.add("shortcuts");
    this.replaceChildren(sheet);
    sheet.showModal();
  }
}

function keysOf(way: string): Node[] {
  if (way === "+") return [h("kbd", {}, way)];
  return way.split("+").map((key) => h("kbd", {}, key));
}

declare global {
  interface HTMLElementTagNameMap {
    "shortcut-sheet": ShortcutSheet;
  }
}
