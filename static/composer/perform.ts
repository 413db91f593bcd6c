import { commandsOf, parseTyped, type SlashCommand } from "../../lib/wire/commands.ts";
import type { Features } from "../../lib/model/features.ts";
import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { PeopleView } from "../../lib/client/mod.ts";
import { isStringKey } from "../../lib/view/strings/mod.ts";

/** The actions that a typed text can have. */
export interface Hands {
  post(text: string): void;
  rename(name: string): void;
  search(words: string): void;
  /** Shows an answer to the viewer only. */
  note(content: Node | string): void;
}

/** The commands of the page where there is what they need. */
export function commandsWith({ search }: Features): readonly SlashCommand[] {
  return commandsOf("page").filter(({ name }) => search || name !== "search");
}

/** What a command is about: who is here, for whom, and what there is. */
export interface Stage {
  readonly people: PeopleView;
  readonly locale: Locale;
  readonly features: Features;
}

/** Executes what was typed: posts a message, or runs a command of the table in commands.ts. */
export function perform(
  typed: string,
  { people, locale, features }: Stage,
  hands: Hands,
): void {
  const parsed = parseTyped(typed, "page");
  if (parsed.type === "text") return hands.post(parsed.text);
  const commands = commandsWith(features);
  const command = commands.find((known) => parsed.type === "command" && known === parsed.command);
  if (parsed.type === "unknown" || !command) {
    const name = parsed.type === "unknown" ? parsed.name : parsed.command.name;
    return hands.note(locale.say("unknownCommand", { name }));
  }
  const { rest } = parsed;
  switch (command.name) {
    case "me":
      return rest ? hands.post(`/me ${rest}`) : hands.note(locale.say("actionWanted"));
    case "name":
      return rest ? hands.rename(rest) : hands.note(locale.say("nameWanted"));
    case "search":
      return hands.search(rest);
    case "who": {
      const { count, names } = people;
      const n = locale.number(count);
      // Above 200 people the server sends no names.
      if (names.length === 0) return hands.note(locale.say("peopleHere", { n }));
      return hands.note(locale.say("whoIsHere", { n, names: names.join(", ") }));
    }
    case "help":
      return hands.note(help(commands, locale));
  }
}

function help(commands: readonly SlashCommand[], locale: Locale): Node {
  const rows = commands.flatMap((command) => {
    const { usage, what } = explain(command, locale);
    return [h("dt", {}, usage), h("dd", {}, what)];
  });
  return h("dl", { class: "help" }, ...rows);
}

/** How a command is typed and what it does, in the viewer's language where it is translated. */
export function explain(
  { name, args, help }: SlashCommand,
  locale: Locale,
): { usage: string; what: string } {
  const key = `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const say = (key: string, otherwise: string) => isStringKey(key) ? locale.say(key) : otherwise;
  return { usage: `/${name} ${say(`arg${key}`, args)}`.trimEnd(), what: say(`cmd${key}`, help) };
}
