import { commandsOf, type SlashCommand } from "../../lib/wire/commands.ts";
import { LETTER } from "../../lib/view/markup.ts";

/** What could stand in the place of what has been typed from `start` to the caret. */
export interface Completion {
  readonly start: number;
  readonly options: readonly Suggestion[];
}

export interface Suggestion {
  /** As it is put in. */
  readonly insert: string;
  /** What it stands for: somebody's name, or a command. */
  readonly what: string | SlashCommand;
}

/** More would be a list to read rather than a choice. */
const MOST = 8;
/** What is typed of a name; not of an address, which has letters before its @. */
const AT = new RegExp(`(?<!${LETTER}|_)@([^\\s@]*)$`, "u");

/** A name after an @, or a command after a slash that begins the text; undefined for neither. */
export function complete(
  text: string,
  caret: number,
  names: readonly string[],
): Completion | undefined {
  const typed = text.slice(0, caret);
  const slash = /^\/(\p{L}*)$/u.exec(typed);
  if (slash) {
    const options = commandsOf("page")
      .filter(({ name }) => name.startsWith(slash[1]!.toLowerCase()))
      .map((what) => ({ insert: `/${what.name}${what.args && " "}`, what }));
    return options.length > 0 ? { start: 0, options } : undefined;
  }
  const at = AT.exec(typed);
  if (!at) return undefined;
  const options = rank(names, at[1]!).slice(0, MOST)
    .map((what) => ({ insert: `@${what} `, what }));
  return options.length > 0 ? { start: at.index, options } : undefined;
}

/** Those that begin with it before those that only contain it; else in their own order. */
function rank(names: readonly string[], part: string): string[] {
  const wanted = part.toLowerCase();
  const begins = names.filter((name) => name.toLowerCase().startsWith(wanted));
  const contains = names.filter((name) => name.toLowerCase().includes(wanted));
  return [...new Set([...begins, ...contains])];
}
