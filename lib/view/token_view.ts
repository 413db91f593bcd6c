import type { Token } from "./inline.ts";
import type { Locale } from "./locale.ts";
import { type Tree, tree } from "./tree.ts";

/** What a piece of a text looks like. */
export function tokenView(token: Token, locale: Locale): Tree {
  const all = (tokens: readonly Token[]) => tokens.map((each) => tokenView(each, locale));
  switch (token.type) {
    case "text":
      return token.text;
    case "code":
      return tree("code", {}, token.text);
    case "block":
      return blockView(token, locale);
    case "mention":
      return token.own
        ? tree("mark", { class: "mention" }, token.text)
        : tree("span", { class: "mention-other" }, token.text);
    case "message":
      return tree("a", { class: "message-link", href: `#${token.seq}` }, token.text);
    case "link":
      return linkView(token);
    case "strong":
    case "em":
      return tree(token.type, {}, ...all(token.children));
    case "strike":
      return tree("s", {}, ...all(token.children));
    case "quote":
      return tree("blockquote", { dir: "auto" }, ...all(token.children));
    case "list":
      // Items keep the numbers that they were given.
      return tree(
        token.items[0]?.value === undefined ? "ul" : "ol",
        { dir: "auto" },
        ...token.items.map(({ value, children }) => tree("li", { value }, ...all(children))),
      );
  }
}

/** An element of its own: the page copies its code, and colours it. */
function blockView({ text, language }: Token & { type: "block" }, locale: Locale): Tree {
  return tree(
    "code-block",
    { language },
    tree("pre", { tabindex: 0, dir: "ltr" }, tree("code", {}, text)),
    tree(
      "button",
      { "class": "copy", "type": "button", "data-copied": locale.say("copiedCode") },
      locale.say("copyCode"),
    ),
  );
}

/** Where a link leads is part of it wherever its text does not say so. */
function linkView({ text, href, host }: Token & { type: "link" }): Tree {
  return tree(
    "a",
    { href, target: "_blank", rel: "noopener noreferrer", title: host && href },
    text,
    ...(host === undefined ? [] : [tree("bdi", { class: "host" }, host)]),
  );
}
