// Every text of the page in each of its languages, one file per language.
import { en, type StringKey, type Strings } from "./en.ts";
import { ko } from "./ko.ts";
import { zhHans } from "./zh_hans.ts";
import { zhHant } from "./zh_hant.ts";

export type { StringKey };

/** The name of every string. */
export const STRING_KEYS = Object.keys(en) as readonly StringKey[];

const STRINGS: Readonly<Record<"en" | "zh-Hans" | "zh-Hant" | "ko", Strings>> = {
  "en": en,
  "zh-Hans": zhHans,
  "zh-Hant": zhHant,
  "ko": ko,
};

export type Language = keyof typeof STRINGS;

/** What each language calls itself. */
export const LANGUAGES: Readonly<Record<Language, string>> = {
  "en": "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  "ko": "한국어",
};

/**
 * The first of the wanted languages that the page has, else English. `wanted` holds language tags.
 */
export function chooseLanguage(wanted: readonly string[]): Language {
  return wanted.map(languageOf).find((language) => language !== undefined) ?? "en";
}

/** The language of a tag, such as zh-TW, if the page has it. */
export function languageOf(tag: string): Language | undefined {
  const [language, ...rest] = tag.toLowerCase().split("-");
  if (language === "en" || language === "ko") return language;
  if (language !== "zh") return undefined;
  // A tag without a script is read by its region: Taiwan, Hong Kong and Macao write Traditional.
  const traditional = rest.some((part) => ["hant", "tw", "hk", "mo"].includes(part));
  return traditional && !rest.includes("hans") ? "zh-Hant" : "zh-Hans";
}

export type Values = Readonly<Record<string, string | number>>;

/**
 * The text for `key`, with `values` filled in: `{n}` is the value of `n`, `{n:word|words}` the form
 * that fits it as a count. The result is text, not HTML: escape it where HTML is made.
 */
export function say(language: Language, key: StringKey, values: Values = {}): string {
  return STRINGS[language][key].replace(
    /\{(\w+)(?::([^|}]*)\|([^}]*))?\}/g,
    (_, name, one, many) => {
      const value = values[name];
      if (one !== undefined) return value === 1 ? one : many;
      return String(value ?? "");
    },
  );
}

/** Whether there is a string of this name; for keys that are made from input. */
export function isStringKey(key: string): key is StringKey {
  return Object.hasOwn(en, key);
}
