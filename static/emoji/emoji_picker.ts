import type { EmojiList, EmojiRow } from "../../lib/model/emoji_list.ts";
import type { Locale } from "../../lib/view/locale.ts";
import { h, isTouched } from "../base/dom.ts";
import { float, onPressElsewhere } from "../base/floating.ts";
import { findEmoji } from "./find_emoji.ts";
import { isTone, type OwnEmoji, toned } from "./own_emoji.ts";

export interface PickerOptions {
  readonly locale: Locale;
  readonly near: DOMRectReadOnly;
  readonly chosen: (emoji: string) => void;
  /** Called when it is closed without a choice: gives the focus back. */
  readonly closed: () => void;
}

/** One hand in each tone. */
const TONES = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"];

/**
 * All emoji: the ones chosen lately, then all by group, or what a search finds. One is chosen with the
 * pointer, or with the arrows and Enter.
 */
export class EmojiPicker {
  readonly #own: OwnEmoji;
  readonly #place: HTMLElement;
  readonly #grid = h("div", { class: "grid", tabindex: -1 });
  readonly #search = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  readonly #tones = h("select", {});
  readonly #status = h("p", { class: "hint", role: "status" });
  readonly #element = h(
    "div",
    { class: "emoji-picker floating", role: "dialog" },
    h("div", { class: "find" }, this.#search, this.#tones),
    this.#status,
    this.#grid,
  );
  #lists = new Map<string, EmojiList>();
  #list: EmojiList | undefined;
  #options: PickerOptions | undefined;
  #unwatch = () => {};

  /** The picker is put into `place` while it is open. */
  constructor(place: HTMLElement, own: OwnEmoji) {
    this.#place = place;
    this.#own = own;
    this.#search.addEventListener("input", () => this.#show());
    this.#tones.addEventListener("change", () => {
      const tone = Number(this.#tones.value);
      if (isTone(tone)) this.#own.tone = tone;
      this.#show();
    });
    this.#grid.addEventListener("click", ({ target }) => {
      const emoji = (target as Element).closest("button")?.value;
      if (emoji !== undefined) this.#choose(emoji);
    });
    this.#element.addEventListener("keydown", (event) => this.#key(event));
  }

  get isOpen(): boolean {
    return this.#element.isConnected;
  }

  /** Resolves when the emoji are there, or when it is known that they are not. */
  async open(options: PickerOptions): Promise<void> {
    this.close();
    const { locale, near } = this.#options = options;
    this.#element.ariaLabel = locale.say("react");
    this.#search.placeholder = this.#search.ariaLabel = locale.say("searchEmoji");
    this.#search.value = "";
    this.#offerTones(locale);
    this.#list = this.#lists.get(locale.language);
    this.#place.append(this.#element);
    this.#show();
    float(this.#element, near);
    this.#unwatch = onPressElsewhere(this.#element, () => this.close());
    // The keyboard of a phone would cover what there is to choose from.
    (isTouched() ? this.#grid : this.#search).focus({ preventScroll: true });
    if (this.#list) return;
    try {
      const list = await fetchEmoji(locale.language);
      this.#lists.set(locale.language, list);
      if (this.#options !== options) return;
      this.#list = list;
      this.#show();
    } catch {
      // Those chosen lately are there all the same.
      this.#status.textContent = locale.say("emojiFailed");
    }
  }

  close(): void {
    this.#unwatch();
    this.#options = undefined;
    this.#element.remove();
  }

  #choose(emoji: string): void {
    const { chosen } = this.#options!;
    this.#own.chose(emoji);
    this.close();
    chosen(emoji);
  }

  #offerTones(locale: Locale): void {
    this.#tones.ariaLabel = locale.say("skinTone");
    this.#tones.replaceChildren(
      ...TONES.map((hand, tone) =>
        h("option", { value: tone, selected: tone === this.#own.tone }, hand)
      ),
    );
  }

  #show(): void {
    const { locale } = this.#options!;
    const query = this.#search.value;
    const list = this.#list;
    const all = list?.emoji ?? [];
    const recent = group(locale.say("recentEmoji"), this.#own.recent.map((emoji) => choice(emoji)));
    if (query.trim() === "") {
      const groups = (list?.groups ?? []).map((name, number) =>
        group(name, this.#choices(all.filter(([, , , , its]) => its === number)))
      );
      this.#grid.replaceChildren(recent, ...groups.filter(({ children }) => children.length > 1));
      this.#status.textContent = list ? "" : locale.say("loading");
    } else {
      const found = this.#choices(findEmoji(all, query));
      this.#grid.replaceChildren(...found.length > 0 ? [h("section", {}, ...found)] : []);
      this.#status.textContent = found.length > 0
        ? locale.say("hits", { n: found.length })
        : locale.say("noEmoji", { q: query.trim() });
    }
    this.#grid.scrollTop = 0;
  }

  #choices(rows: readonly EmojiRow[]): HTMLButtonElement[] {
    const { tone } = this.#own;
    return rows.map((row) => choice(toned(row, tone), row[1]));
  }

  #key(event: KeyboardEvent): void {
    event.stopPropagation(); // no key is for the page behind the picker
    if (event.isComposing || event.keyCode === 229) return;
    const { target, key } = event;
    if (key === "Escape") {
      const { closed } = this.#options!;
      this.close();
      closed();
    } else if (key === "Enter" && target === this.#search) {
      const first = this.#grid.querySelector("button")?.value;
      if (first !== undefined) this.#choose(first);
    } else if (key === "ArrowDown" && target === this.#search) this.#buttons[0]?.focus();
    else if (key.startsWith("Arrow") && this.#grid.contains(target as Node)) {
      this.#move(key, target as HTMLButtonElement);
    } else if (key === "Tab") {
      // The focus stays in the picker: the field, the tones, and one emoji.
      return this.#turn(event);
    } else return;
    event.preventDefault();
  }

  get #buttons(): HTMLButtonElement[] {
    return [...this.#grid.querySelectorAll("button")];
  }

  #move(key: string, from: HTMLButtonElement): void {
    const buttons = this.#buttons;
    const at = buttons.indexOf(from);
    const rtl = getComputedStyle(this.#grid).direction === "rtl";
    if (key === "ArrowLeft" || key === "ArrowRight") {
      buttons[at + ((key === "ArrowRight") !== rtl ? 1 : -1)]?.focus();
      return;
    }
    const below = key === "ArrowDown";
    const { left, top } = from.getBoundingClientRect();
    const beyond = below ? buttons.slice(at + 1) : buttons.slice(0, at).reverse();
    let line: number | undefined;
    let best: HTMLButtonElement | undefined;
    let distance = Infinity;
    for (const button of beyond) {
      const box = button.getBoundingClientRect();
      if (Math.abs(box.top - top) < 2) continue;
      line ??= box.top;
      if (Math.abs(box.top - line) > 2) break;
      const away = Math.abs(box.left - left);
      if (away < distance) [best, distance] = [button, away];
    }
    if (best) best.focus();
    else if (!below) this.#search.focus();
  }

  #turn(event: KeyboardEvent): void {
    const inGrid = this.#grid.contains(event.target as Node);
    const stops = [this.#search, this.#tones, ...(this.#buttons.slice(0, 1))];
    const at = inGrid ? stops.length - 1 : stops.indexOf(event.target as HTMLInputElement);
    const step = event.shiftKey ? stops.length - 1 : 1;
    stops[(at + step) % stops.length]?.focus();
    event.preventDefault();
  }
}

function group(name: string, choices: readonly Node[]): HTMLElement {
  return h("section", { "aria-label": name }, h("h3", {}, name), ...choices);
}

function choice(emoji: string, label?: string): HTMLButtonElement {
  const attributes = { type: "button", tabindex: -1, value: emoji };
  return h("button", { ...attributes, "title": label, "aria-label": label }, emoji);
}

/** All emoji, named in the language. Rejects where there is no answer, or another than 200. */
async function fetchEmoji(language: string): Promise<EmojiList> {
  const path = `emoji-${language}.json`;
  const response = await fetch(path);
  if (!response.ok) throw new Error(`Cannot read ${path}: ${response.status}`);
  return await response.json();
}
