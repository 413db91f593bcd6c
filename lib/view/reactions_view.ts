import type { Reaction } from "../model/message.ts";
import type { Locale } from "./locale.ts";
import { type Branch, tree } from "./tree.ts";

/** The emoji below a message, each with how many people chose it; pressed where the viewer is one. */
export function reactionsView(
  reactions: readonly Reaction[],
  { locale, self }: { readonly locale: Locale; readonly self?: string | undefined },
): Branch {
  return tree(
    "div",
    { class: "reactions" },
    ...reactions.map((reaction) => {
      const { emoji, count, names } = reaction;
      return tree(
        "button",
        {
          "type": "button",
          "tabindex": -1,
          "data-emoji": emoji,
          "data-tip": peopleOf(reaction, locale),
          "aria-label": `${emoji} ${locale.number(count)}: ${peopleOf(reaction, locale)}`,
          "aria-pressed": String(self !== undefined && names.includes(self)),
        },
        emoji,
        tree("span", {}, locale.number(count)),
      );
    }),
  );
}

/** Who they are, as far as the names are told. */
function peopleOf({ count, names }: Reaction, locale: Locale): string {
  const others = count - names.length;
  if (others > 0 && names.length > 0) {
    return locale.say("andMore", { names: names.join(", "), n: locale.number(others) });
  }
  return locale.names(names, names.length);
}
