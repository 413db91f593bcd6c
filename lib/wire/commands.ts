import { isTime, type OrderFields } from "../model/order.ts";

/**
 * What can be typed after a slash. The one table for everybody who types: the page, and the line
 * protocol of TCP and /ws/text, whose /help is derived from it. Pure, so that both sides import it.
 */
export interface SlashCommand {
  /** Without the slash. */
  readonly name: string;
  /** What follows it, as /help shows it; empty where nothing does. */
  readonly args: string;
  /** One line, in English; the page has translations by name. */
  readonly help: string;
  readonly where: readonly ("line" | "page")[];
  /** Only for operators, and shown to them alone. */
  readonly operator?: true;
}

export const COMMANDS: readonly SlashCommand[] = [
  { name: "help", args: "", help: "show the commands", where: ["line", "page"] },
  { name: "name", args: "NEW", help: "change your name", where: ["line", "page"] },
  // The page finds people in its list of them.
  { name: "who", args: "", help: "show who is here", where: ["page"] },
  { name: "who", args: "[NAME]", help: "show who is here, or find them", where: ["line"] },
  { name: "me", args: "ACTION", help: "say what you do", where: ["line", "page"] },
  { name: "reply", args: "#N TEXT", help: "answer message N", where: ["line", "page"] },
  {
    name: "edit",
    args: "[#N] TEXT",
    help: "change your last message, or N",
    where: ["line", "page"],
  },
  { name: "delete", args: "#N", help: "delete message N", where: ["line", "page"] },
  { name: "react", args: "#N EMOJI", help: "react to message N", where: ["line", "page"] },
  { name: "unreact", args: "#N EMOJI", help: "take a reaction back", where: ["line", "page"] },
  { name: "topic", args: "", help: "show the topic", where: ["line", "page"] },
  { name: "search", args: "WORDS", help: "search the messages", where: ["page"] },
  { name: "since", args: "N", help: "show the messages after number N", where: ["line"] },
  { name: "json", args: "", help: "events as JSON lines from here on", where: ["line"] },
  { name: "operator", args: "TOKEN", help: "go on as an operator", where: ["line"] },
  { name: "quit", args: "", help: "leave", where: ["line"] },
  ...orders([
    ["topic", "TEXT", "set the topic; /topic - removes it"],
    ["kick", "NAME [REASON]", "remove somebody for a minute"],
    ["ban", "NAME [TIME] [REASON]", "keep somebody out, for 1d or 30m, 2h, 1w, forever"],
    ["unban", "NAME", "let somebody in again; or the number that /bans tells"],
    ["mute", "NAME [TIME] [REASON]", "keep somebody from writing, for 1h or another time"],
    ["unmute", "NAME", "let somebody write again"],
    ["slow", "N", "one message in N seconds for everybody; 0 ends it"],
    ["bans", "", "list who is banned or muted"],
    ["undo", "", "take back what you did last"],
  ]),
];

function orders(rows: readonly (readonly [string, string, string])[]): readonly SlashCommand[] {
  const where = ["line", "page"] as const;
  return rows.map(([name, args, help]) => ({ name, args, help, where, operator: true }));
}

/** What was typed: the text of a message, or a command with what follows it, trimmed. */
export type Typed =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "command"; readonly command: SlashCommand; readonly rest: string }
  | { readonly type: "unknown"; readonly name: string };

/**
 * Reads what was typed at `where`. `//x` is the text `/x`, and a slash that no word follows is text.
 * The names of commands do not mind capitals.
 */
export function parseTyped(typed: string, where: "line" | "page"): Typed {
  if (typed.startsWith("//")) return { type: "text", text: typed.slice(1) };
  const match = /^\/(\p{L}+)(?:\s+|$)/u.exec(typed);
  if (!match) return { type: "text", text: typed };
  const name = match[1]!.toLowerCase();
  const command = commandsOf(where).find((command) => command.name === name);
  if (!command) return { type: "unknown", name };
  return { type: "command", command, rest: typed.slice(match[0].length).trim() };
}

/**
 * What an operator's command asks for, as a frame says it. A name with blanks stands in quotation
 * marks. Undefined where it is no such command.
 */
export function orderOf({ name, operator }: SlashCommand, rest: string): OrderFields | undefined {
  if (!operator && !(name === "topic" && rest !== "")) return undefined;
  switch (name) {
    case "topic":
      return { type: name, text: rest === "-" ? "" : rest };
    case "slow":
      return { type: name, seconds: rest };
    case "unban":
    case "unmute":
      return { type: name, name: rest.replace(QUOTED, "$1") };
    case "bans":
    case "undo":
      return { type: name };
    case "kick": {
      const [who, reason] = splitName(rest);
      return { type: name, name: who, reason };
    }
    case "ban":
    case "mute": {
      const [who, more] = splitName(rest);
      const [word = ""] = more.split(/\s/, 1);
      return isTime(word)
        ? { type: name, name: who, time: word, reason: more.slice(word.length).trim() }
        : { type: name, name: who, reason: more };
    }
  }
}

/** A command about a message. `ref` is undefined where none was named: for an edit, the last is meant. */
export type MessageCommand =
  | { readonly type: "reply" | "edit"; readonly ref: number | undefined; readonly text: string }
  | { readonly type: "delete"; readonly ref: number | undefined }
  | {
    readonly type: "reaction";
    readonly ref: number | undefined;
    readonly emoji: string;
    readonly on: boolean;
  };

/** What a command about a message asks for; undefined where it is no such command. */
export function aboutMessage({ name }: SlashCommand, rest: string): MessageCommand | undefined {
  // A text may begin with a number, and only `#42` is then meant as one.
  const [, digits, said = ""] = (name === "edit" ? NUMBERED : NUMBERED_OR_BARE).exec(rest) ?? [];
  const ref = digits === undefined ? undefined : Number(digits);
  const more = ref === undefined ? rest : said;
  switch (name) {
    case "reply":
    case "edit":
      return { type: name, ref, text: more };
    case "delete":
      return { type: name, ref };
    case "react":
    case "unreact":
      return { type: "reaction", ref, emoji: more, on: name === "react" };
  }
}

const NUMBERED = /^#(\d{1,15})(?:\s+([^]*))?$/;
const NUMBERED_OR_BARE = /^#?(\d{1,15})(?:\s+([^]*))?$/;
const QUOTED = /^@?["“]([^"”]*)["”]/u;

function splitName(text: string): [name: string, rest: string] {
  const match = QUOTED.exec(text) ?? /^(\S*)/.exec(text)!;
  return [match[1]!, text.slice(match[0].length).trim()];
}

/** The commands that can be typed there; those of operators among them where it is one who types. */
export function commandsOf(where: "line" | "page", operator = true): readonly SlashCommand[] {
  return COMMANDS.filter((command) =>
    command.where.includes(where) && (operator || !command.operator)
  );
}
