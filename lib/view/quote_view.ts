import type { Message } from "../model/message.ts";
import { action } from "../wire/action.ts";
import type { Locale } from "./locale.ts";
import { plainText } from "./markup.ts";
import { type Branch, tree } from "./tree.ts";

/** What is known of the message that another one answers; `missing`: it is no longer kept. */
export type Quoted = Message | "missing";

/** More would not fit in a line anywhere. */
const EXCERPT = 140;

/**
 * The line above an answer: whom it answers, and the beginning of what that one said. A link to it.
 * Without `quoted` only the name is shown: the message is not known yet.
 */
export function quoteView(
  { re, to = "" }: Pick<Message, "re" | "to">,
  quoted: Quoted | undefined,
  locale: Locale,
): Branch {
  const known = quoted !== "missing" ? quoted : undefined;
  const name = known?.from ?? to;
  return tree(
    "a",
    { class: "quote", href: `#${re}`, "aria-label": labelOf(name, quoted, locale) },
    tree("b", { dir: "auto" }, name),
    " ",
    ...wordsOf(quoted, locale),
  );
}

/** What a message says, in one line, short; of one that was deleted, that it was. */
export function excerptOf(message: Message, locale: Locale): string {
  if (message.deleted) return locale.say("gone");
  const text = plainText(action(message.text) ?? message.text).trim().replace(/\s+/gu, " ");
  if (text === "") return (message.files ?? []).map(({ name }) => name).join(", ");
  const cut = text.slice(0, EXCERPT);
  // Not in the middle of a character.
  return text.length > EXCERPT ? `${cut.replace(/[\uD800-\uDBFF]$/, "")}…` : text;
}

function wordsOf(quoted: Quoted | undefined, locale: Locale): Branch[] {
  if (quoted === undefined) return [];
  const gone = quoted === "missing" || quoted.deleted;
  const words = quoted === "missing" ? locale.say("notKeptOne") : excerptOf(quoted, locale);
  return [tree(gone ? "i" : "span", { dir: "auto" }, words)];
}

function labelOf(name: string, quoted: Quoted | undefined, locale: Locale): string {
  const label = locale.say("answers", { name });
  if (quoted === undefined) return label;
  return `${label}: ${quoted === "missing" ? locale.say("notKeptOne") : excerptOf(quoted, locale)}`;
}
