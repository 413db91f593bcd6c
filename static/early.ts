import { storageKey } from "./base/storage.ts";

// Sets the theme before the first paint, so that the page does not flash in another one. It is a classic
// script, since modules run later.
{
  try {
    const kept = (key: string) => localStorage.getItem(storageKey(key));
    const { theme, density } = JSON.parse(kept("partyline.settings") ?? "{}");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
    if (density === "compact") document.documentElement.dataset.density = density;
    // Without a name the page asks for one before it shows the message field.
    if (!kept("partyline.name")) document.documentElement.dataset.nameless = "";
  } catch {
    // best effort: without storage the defaults apply
  }
}
