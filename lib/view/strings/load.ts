import type { Strings } from "./en.ts";
import type { Language } from "./language.ts";

/**
 * The texts of one language: for a page, a file of its own, named after the module. Rejects where that
 * cannot be loaded.
 */
export async function loadStrings(language: Language): Promise<Strings> {
  switch (language) {
    case "en":
      return (await import("./en.ts")).en;
    case "ko":
      return (await import("./ko.ts")).ko;
    case "zh-Hans":
      return (await import("./zh_hans.ts")).zhHans;
    case "zh-Hant":
      return (await import("./zh_hant.ts")).zhHant;
  }
}
