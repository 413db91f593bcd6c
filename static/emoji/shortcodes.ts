import type { EmojiList } from "../../lib/model/emoji_list.ts";
import { CODE } from "./code_pattern.ts";

/** An emoji, and the one of its codes that was meant. */
export interface Coded {
  readonly emoji: string;
  readonly code: string;
}

/** Emoji by their codes. Pure. */
export class Shortcodes {
  /** By code in lower case, in the order of the list. */
  readonly #emoji = new Map<string, string>();

  constructor({ emoji }: EmojiList) {
    for (const [character, , codes] of emoji) {
      for (const code of codes.split(" ")) {
        if (!this.#emoji.has(code)) this.#emoji.set(code, character);
      }
    }
  }

  /** The text with the emoji in the places of their codes; code and what is no emoji stays. */
  replace(text: string): string {
    return text.replace(CODE, (all, code) => this.#of(code) ?? all);
  }

  /** The emoji of what stands right before the caret, once its second colon is typed. */
  before(
    text: string,
    caret: number,
  ): { readonly emoji: string; readonly start: number } | undefined {
    const last = text.slice(0, caret).matchAll(CODE).toArray().at(-1);
    const emoji = this.#of(last?.groups?.["code"]);
    const ends = last && last.index + last[0].length === caret;
    return emoji && ends ? { emoji, start: last.index } : undefined;
  }

  /** Emoji whose code begins with what was typed, then those that only contain it. */
  find(begun: string, most: number): Coded[] {
    const wanted = begun.slice(1).toLowerCase();
    const codes = [...this.#emoji.keys()];
    const begins = codes.filter((code) => code.startsWith(wanted))
      .toSorted((a, b) => a.length - b.length);
    const contains = codes.filter((code) => code.includes(wanted));
    const found = new Map<string, string>();
    for (const code of [...begins, ...contains]) {
      const emoji = this.#emoji.get(code)!;
      if (!found.has(emoji)) found.set(emoji, code);
      if (found.size === most) break;
    }
    return Array.from(found, ([emoji, code]) => ({ emoji, code }));
  }

  #of(code: string | undefined): string | undefined {
    return code && this.#emoji.get(code.slice(1, -1).toLowerCase());
  }
}
