// Everything the page says, in every language it speaks: a file a language.
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

/** Each under its own name, as its readers look for it. */
export const LANGUAGES: Readonly<Record<Language, string>> = {
  "en": "English",
  "zh-Hans": "简体中文",
  "zh-Hant": "繁體中文",
  "ko": "한국어",
};

/** The first of the wished languages that we speak, else English. */
export function chooseLanguage(wished: readonly string[]): Language {
  return wished.map(languageOf).find((language) => language !== undefined) ?? "en";
}

/** What we speak of the language of a tag, if we do. */
export function languageOf(tag: string): Language | undefined {
  const [language, ...rest] = tag.toLowerCase().split("-");
  if (language === "en" || language === "ko") return language;
  if (language !== "zh") return undefined;
  // Where the script is not said, the place tells: Taiwan, Hong Kong and Macao write Traditional.
  const traditional = rest.some((part) => ["hant", "tw", "hk", "mo"].includes(part));
  return traditional && !rest.includes("hans") ? "zh-Hant" : "zh-Hans";
}

export type Values = Readonly<Record<string, string | number>>;

/**
 * What the page says for `key`. `{n}` stands for a value; `{n:word|words}` for the word that fits the
 * value as a count. What it yields is text, never HTML.
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

/** Whether there is such a string: for keys that are made of what came from elsewhere. */
export function isStringKey(key: string): key is StringKey {
  return Object.hasOwn(en, key);
}
