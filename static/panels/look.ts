import type { Settings } from "./settings.ts";

/** Shows the page as it was chosen. What shows before the first paint is for early.ts to say. */
export function dress({ theme, density }: Settings): void {
  const { dataset } = document.documentElement;
  dataset.theme = theme;
  dataset.density = density;
  // The browser's own bar: there is a colour for each scheme.
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const scheme = meta.dataset.scheme ??= /light|dark/.exec(meta.media)![0];
    const chosen = theme === scheme ? "all" : "not all";
    meta.media = theme === "system" ? `(prefers-color-scheme: ${scheme})` : chosen;
  }
}
