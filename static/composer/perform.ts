import {
  aboutMessage,
  commandsOf,
  type MessageCommand,
  orderOf,
  parseTyped,
  type SlashCommand,
} from "../../lib/wire/commands.ts";
import type { Features } from "../../lib/model/features.ts";
import type { OrderFields } from "../../lib/model/order.ts";
import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { PeopleView } from "../../lib/client/mod.ts";

/** The actions that a typed text can have. */
export interface Hands {
  post(text: string): void;
  rename(name: string): void;
  search(words: string): void;
  /** Asks for what only an operator can. */
  order(fields: OrderFields): void;
  /** Does something about a message that is there. */
  about(command: MessageCommand): void;
  /** Shows an answer to the viewer only. */
  note(content: Node | string): void;
}

/** The commands of the page where there is what they need; an operator's with those for operators. */
export function commandsWith({ search }: Features, operator: boolean): readonly SlashCommand[] {
  return commandsOf("page", operator).filter(({ name }) => search || name !== "search");
}

/** What a command is about: who is here, for whom, and what there is. */
export interface Stage {
  readonly people: PeopleView;
  /** Who spoke last, the last first. */
  readonly lately: readonly string[];
  readonly locale: Locale;
  readonly features: Features;
  readonly topic: string;
  /** Whether the viewer is an operator. */
  readonly operator: boolean;
}

/** Executes what was typed: posts a message, or runs a command of the table in commands.ts. */
export function perform(
  typed: string,
  { people, lately, locale, features, topic, operator }: Stage,
  hands: Hands,
): void {
  const parsed = parseTyped(typed, "page");
  if (parsed.type === "text") return hands.post(parsed.text);
  const order = parsed.type === "command" && orderOf(parsed.command, parsed.rest);
  if (order) return hands.order(order);
  const about = parsed.type === "command" && aboutMessage(parsed.command, parsed.rest);
  if (about) return hands.about(about);
  const commands = commandsWith(features, operator);
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
      if (names.length === 0 && lately.length === 0) {
        return hands.note(locale.say("peopleHere", { n }));
      }
      if (names.length === 0) {
        return hands.note(locale.say("whoSpokeLast", { n, names: lately.join(", ") }));
      }
      return hands.note(locale.say("whoIsHere", { n, names: names.join(", ") }));
    }
    case "help":
      return hands.note(help(commands, locale));
    case "topic":
      return hands.note(
        topic === "" ? locale.say("noTopic") : locale.say("topicIs", { text: topic }),
      );
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
  { name, args, help, operator }: SlashCommand,
  locale: Locale,
): { usage: string; what: string } {
  // The same word shows the topic, and for operators sets it.
  const key = name === "topic" && operator
    ? "SetTopic"
    : `${name[0]!.toUpperCase()}${name.slice(1)}`;
  const say = (key: string, otherwise: string) => locale.has(key) ? locale.say(key) : otherwise;
  return { usage: `/${name} ${say(`arg${key}`, args)}`.trimEnd(), what: say(`cmd${key}`, help) };
}
