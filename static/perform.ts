import { commandsOf, parseTyped } from "./commands.ts";
import { h } from "./dom.ts";
import type { Locale } from "./locale.ts";
import type { People } from "./people.ts";
import { isStringKey } from "./strings.ts";

/** What a typed text can have done. */
export interface Hands {
  post(text: string): void;
  rename(name: string): void;
  search(words: string): void;
  /** An answer to whoever typed, and nobody else. */
  note(content: Node | string): void;
}

/** Does what was typed: a message, or a command of the table in commands.ts. */
export function perform(typed: string, people: People, locale: Locale, hands: Hands): void {
  const parsed = parseTyped(typed, "page");
  if (parsed.type === "text") return hands.post(parsed.text);
  if (parsed.type === "unknown") {
    return hands.note(locale.say("unknownCommand", { name: parsed.name }));
  }
  const { command, rest } = parsed;
  switch (command.name) {
    case "me":
      return rest ? hands.post(`/me ${rest}`) : hands.note(locale.say("actionWanted"));
    case "name":
      return rest ? hands.rename(rest) : hands.note(locale.say("nameWanted"));
    case "search":
      return hands.search(rest);
    case "who": {
      const { count, names } = people;
      return hands.note(locale.say("whoIsHere", { n: count, names: names.join(", ") }));
    }
    case "help":
      return hands.note(help(locale));
  }
}

function help(locale: Locale): Node {
  const rows = commandsOf("page").flatMap(({ name, args, help }) => [
    h("dt", {}, `/${name} ${args}`),
    h("dd", {}, commandHelp(name, locale) ?? help),
  ]);
  return h("dl", { class: "help" }, ...rows);
}

/** What a command does, in the reader's language; undefined where nobody has said it yet. */
export function commandHelp(name: string, locale: Locale): string | undefined {
  const key = `cmd${name[0]!.toUpperCase()}${name.slice(1)}`;
  return isStringKey(key) ? locale.say(key) : undefined;
}
