import { commandsOf, type SlashCommand } from "../../lib/wire/commands.ts";
import { LETTER } from "../../lib/view/markup.ts";

/** Suggestions for what has been typed from `start` to the caret. */
export interface Completion {
  readonly start: number;
  readonly options: readonly Suggestion[];
}

export interface Suggestion {
  /** The text to insert. */
  readonly insert: string;
  /** What is suggested: a name, or a command. */
  readonly what: string | SlashCommand;
}

/** More names would be a list to read rather than a choice. */
const MOST = 8;
/** The beginning of a mention. An e-mail address has letters before its @ and is none. */
const AT = new RegExp(`(?<!${LETTER}|_)@([^\\s@]*)$`, "u");

/** Names after an @, or commands after a slash at the start; undefined where nothing fits. */
export function complete(
  text: string,
  caret: number,
  names: readonly string[],
  commands: readonly SlashCommand[] = commandsOf("page"),
): Completion | undefined {
  const typed = text.slice(0, caret);
  const slash = /^\/(\p{L}*)$/u.exec(typed);
  if (slash) {
    const options = commands
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

/** Names that begin with the part, then those that only contain it; otherwise in the given order. */
function rank(names: readonly string[], part: string): string[] {
  const wanted = part.toLowerCase();
  const begins = names.filter((name) => name.toLowerCase().startsWith(wanted));
  const contains = names.filter((name) => name.toLowerCase().includes(wanted));
  return [...new Set([...begins, ...contains])];
}
