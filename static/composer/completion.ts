import { commandsOf, type SlashCommand } from "../../lib/wire/commands.ts";
import { fold } from "../../lib/model/search/fold.ts";
import { LETTER } from "../../lib/view/markup.ts";

/** Suggestions for what has been typed from `start` to the caret. */
export interface Completion {
  readonly start: number;
  readonly options: readonly Suggestion[];
  /**
   * Nobody has been chosen yet: nothing was typed but the @, or what was typed is a name already. Then
   * Enter is not for the list.
   */
  readonly open: boolean;
}

export interface Suggestion {
  /** The text to insert. */
  readonly insert: string;
  /** What is suggested: a name, an emoji with its code, or a command. */
  readonly what: string | SlashCommand;
}

/** More names would be a list to read rather than a choice. */
const MOST = 8;
/** The beginning of a mention; a name may have blanks. An e-mail address has letters before its @. */
const AT = new RegExp(`(?<!${LETTER}|_)@((?:[^\\s@][^\\n@]*)?)$`, "u");

/** Names after an @, or commands after a slash at the start; undefined where nothing fits. */
export function complete(
  text: string,
  caret: number,
  names: readonly string[],
  commands: readonly SlashCommand[] = commandsOf("page", false),
): Completion | undefined {
  const typed = text.slice(0, caret);
  const slash = /^\/(\p{L}*)$/u.exec(typed);
  if (slash) {
    const options = commands
      .filter(({ name }) => name.startsWith(slash[1]!.toLowerCase()))
      .map((what) => ({ insert: `/${what.name}${what.args && " "}`, what }));
    return options.length > 0 ? { start: 0, options, open: false } : undefined;
  }
  const at = AT.exec(typed);
  if (!at) return undefined;
  const part = at[1]!.toLowerCase();
  const options = rank(names, part).slice(0, MOST)
    .map((what) => ({ insert: `@${what} `, what }));
  const open = part === "" || names.some((name) => startsWithName(part, name.toLowerCase()));
  return options.length > 0 ? { start: at.index, options, open } : undefined;
}

/** What is typed of a mention before the caret, without its @; undefined where there is none. */
export function begunMention(text: string, caret: number): string | undefined {
  return AT.exec(text.slice(0, caret))?.[1];
}

/** Whether the part is the name, or the name and a blank and more: another name, or what comes next. */
function startsWithName(part: string, name: string): boolean {
  return part === name || part.startsWith(`${name} `);
}

/** The name that the part is, those that begin with it, then those that only contain it. */
function rank(names: readonly string[], part: string): string[] {
  const lower = (name: string) => name.toLowerCase();
  const is = names.filter((name) => lower(name) === part);
  const folded = fold(part);
  const begins = names.filter((name) => fold(name).startsWith(folded));
  const contains = names.filter((name) => fold(name).includes(folded));
  return [...new Set([...is, ...begins, ...contains])];
}
