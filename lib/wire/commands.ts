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
}

export const COMMANDS: readonly SlashCommand[] = [
  { name: "help", args: "", help: "show the commands", where: ["line", "page"] },
  { name: "name", args: "NEW", help: "change your name", where: ["line", "page"] },
  { name: "who", args: "", help: "show who is here", where: ["line", "page"] },
  { name: "me", args: "ACTION", help: "say what you do", where: ["line", "page"] },
  { name: "search", args: "WORDS", help: "search the messages", where: ["page"] },
  { name: "since", args: "N", help: "show the messages after number N", where: ["line"] },
  { name: "json", args: "", help: "events as JSON lines from here on", where: ["line"] },
  { name: "quit", args: "", help: "leave", where: ["line"] },
];

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

/** What is to be typed for a text that was stored, so that it means the same again. */
export function asTyped(text: string): string {
  const isCommand = text.startsWith("/") && action(text) === undefined;
  return isCommand ? `/${text}` : text;
}

export function commandsOf(where: "line" | "page"): readonly SlashCommand[] {
  return COMMANDS.filter((command) => command.where.includes(where));
}

/** The action of `/me`, as it is stored: `/me waves` is shown as `* ann waves`. */
export function action(text: string): string | undefined {
  return /^\/me\s+(\S[^]*)$/.exec(text)?.[1];
}
