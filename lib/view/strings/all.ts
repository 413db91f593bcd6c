// Every text of the page in all of its languages, for the server and for tests. A page takes those of its
// reader, by load.ts: it must not import this.
import { en, type StringKey, type Strings } from "./en.ts";
import { fill, type Values } from "./fill.ts";
import { ko } from "./ko.ts";
import type { Language } from "./language.ts";
import { zhHans } from "./zh_hans.ts";
import { zhHant } from "./zh_hant.ts";

export const STRINGS: Readonly<Record<Language, Strings>> = {
  "en": en,
  "zh-Hans": zhHans,
  "zh-Hant": zhHant,
  "ko": ko,
};

/** The text for `key` in a language, as `fill` makes it. */
export function say(language: Language, key: StringKey, values?: Values): string {
  return fill(STRINGS[language][key], values);
}

/** Whether there is a string of this name; for keys that are made from input. */
export function isStringKey(key: string): key is StringKey {
  return Object.hasOwn(en, key);
}
