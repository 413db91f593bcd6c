import { h } from "./dom.ts";
import type { Locale } from "./locale.ts";
import { createSheet } from "./sheet.ts";
import type { StringKey } from "./strings.ts";

/** Keys that are pressed together, joined by `+`; several ways by a blank. */
const KEYS: readonly (readonly [string, StringKey])[] = [
  ["Enter", "keySend"],
  ["Shift+Enter", "keyLine"],
  ["↑", "keyLast"],
  ["Esc", "keyClear"],
  ["@ /", "keyComplete"],
  ["Ctrl+K /", "keySearch"],
  ["Ctrl+↑", "keyMessages"],
  ["Ctrl+↓", "keyLatest"],
  ["Alt+C", "keyWrite"],
  ["?", "keySheet"],
];

/** What can be done by the keyboard. */
export class ShortcutSheet extends HTMLElement {
  open(locale: Locale): void {
    const rows = KEYS.flatMap(([keys, what]) => [
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
  return way.split("+").map((key) => h("kbd", {}, key));
}

declare global {
  interface HTMLElementTagNameMap {
    "shortcut-sheet": ShortcutSheet;
  }
}
