import type { Settings } from "./settings.ts";

/** Applies the chosen theme and density. Before the first paint early.ts does the same. */
export function dress({ theme, density }: Settings): void {
  const { dataset } = document.documentElement;
  dataset.theme = theme;
  dataset.density = density;
  // The colour of the browser's own bar: one for each scheme.
  for (const meta of document.querySelectorAll<HTMLMetaElement>("meta[name=theme-color]")) {
    const scheme = meta.dataset.scheme ??= /light|dark/.exec(meta.media)![0];
    const chosen = theme === scheme ? "all" : "not all";
    meta.media = theme === "system" ? `(prefers-color-scheme: ${scheme})` : chosen;
  }
}
