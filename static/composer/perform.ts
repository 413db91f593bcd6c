import { commandsOf, orderOf, parseTyped, type SlashCommand } from "../../lib/wire/commands.ts";
import { h } from "../base/dom.ts";
import type { Locale } from "../../lib/view/locale.ts";
import type { PeopleView } from "../../lib/client/mod.ts";
import type { OrderFields } from "../../lib/model/order.ts";
import { isStringKey } from "../../lib/view/strings/mod.ts";

/** The actions that a typed text can have. */
export interface Hands {
  post(text: string): void;
  rename(name: string): void;
  search(words: string): void;
  /** Asks for what only an operator can. */
  order(fields: OrderFields): void;
  /** Shows an answer to the viewer only. */
  note(content: Node | string): void;
}

/** What the answers to commands are about. */
export interface Surroundings {
  readonly people: PeopleView;
  readonly topic: string;
  /** Whether the viewer is an operator. */
  readonly operator: boolean;
}

/** Executes what was typed: posts a message, or runs a command of the table in commands.ts. */
export function perform(
  typed: string,
  { people, topic, operator }: Surroundings,
  locale: Locale,
  hands: Hands,
): void {
  const parsed = parseTyped(typed, "page");
  if (parsed.type === "text") return hands.post(parsed.text);
  if (parsed.type === "unknown") {
    return hands.note(locale.say("unknownCommand", { name: parsed.name }));
  }
  const { command, rest } = parsed;
  const order = orderOf(command, rest);
  if (order) return hands.order(order);
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
      return hands.note(help(locale, operator));
    case "topic":
      return hands.note(
        topic === "" ? locale.say("noTopic") : locale.say("topicIs", { text: topic }),
      );
  }
}

function help(locale: Locale, operator: boolean): Node {
  const rows = commandsOf("page", operator).flatMap((command) => {
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
  const say = (key: string, otherwise: string) => isStringKey(key) ? locale.say(key) : otherwise;
  return { usage: `/${name} ${say(`arg${key}`, args)}`.trimEnd(), what: say(`cmd${key}`, help) };
}
