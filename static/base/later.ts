import { h } from "./dom.ts";

/**
 * A part of the page that is opened rarely, with the style sheet that all such parts share: it resolves
 * when both can be used. Rejects where one of them cannot be loaded; the next call tries again.
 */
export async function later<T>(part: Promise<T>): Promise<T> {
  const [module] = await Promise.all([part, addStyles()]);
  return module;
}

/** Once for the page, however often it is called. */
async function addStyles(): Promise<void> {
  const present = document.querySelector<HTMLLinkElement>("link[data-later]");
  if (present?.dataset.later === "loaded") return;
  const href = new URL("later.css", import.meta.url).href;
  const link = present ?? h("link", { rel: "stylesheet", href, "data-later": true });
  await new Promise((resolve, reject) => {
    link.addEventListener("load", resolve);
    link.addEventListener("error", () => {
      link.remove();
      reject(new TypeError(`Cannot load ${href}`));
    });
    if (!present) document.head.append(link);
  });
  link.dataset.later = "loaded";
}
