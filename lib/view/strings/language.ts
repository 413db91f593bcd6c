export type Language = "en" | "zh-Hans" | "zh-Hant" | "ko";

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
