import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";

/**
 * A panel over the page, closed by Escape, its button, or a click beside it. The browser keeps the
 * focus in it while it is open, and gives it back afterwards.
 */
export function createSheet(
  locale: Locale,
  title: string,
  ...content: Node[]
): HTMLDialogElement {
  const dialog = h(
    "dialog",
    { "aria-label": title },
    h(
      "header",
      {},
      h("h2", {}, title),
      h(
        "button",
        {
          class: "close",
          type: "button",
          "aria-label": locale.say("close"),
          click: () => dialog.close(),
        },
        "✕",
      ),
    ),
    ...content,
  );
  // The dialog has no padding, so that a click on the dialog itself is one on its backdrop.
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  return dialog;
}
