import type { EmojiList } from "../../../model/emoji_list.ts";
import { printable } from "../../../model/names.ts";

/** What can be completed. */
export interface Vocabulary {
  /** Without their slashes. */
  readonly commands: readonly string[];
  readonly people: readonly string[];
  /** Undefined until somebody has asked for it. */
  readonly emoji: EmojiList | undefined;
}

/** What a word may become. */
export interface Completion {
  /** What is put in the place of the word's last `length` characters (UTF-16 units), cursor behind it. */
  readonly length: number;
  readonly text: string;
  /** Where there are several: what may follow, to be shown. */
  readonly choices: readonly string[];
}

/** More are no help. */
const CHOICES = 40;
const EMOJI = /(?:^|\s):([\p{L}\p{N}_+-]+):?$/u;
const COMMAND = /^\/(\p{L}*)$/u;
/** The name that a command is about, in quotation marks or not. */
const ABOUT = /^\/(?:kick|ban|unban|mute|unmute)\s+@?["“]?([^"”]*)$/iu;
const WORD = /(?:^|\s)(@?)(\S*)$/u;

/** Whether the emoji are asked for by what stands before the cursor. */
export function wantsEmoji(before: string): boolean {
  return EMOJI.test(before);
}

/**
 * Completes what stands before the cursor: a command at the beginning of a line, the name of an emoji
 * behind a colon, otherwise somebody's name. Undefined where nothing fits.
 */
export function complete(before: string, words: Vocabulary): Completion | undefined {
  const [, command] = COMMAND.exec(before) ?? [];
  if (command !== undefined) {
    const fitting = words.commands.filter((name) => name.startsWith(command.toLowerCase()));
    return completion(command, fitting, (name) => `${name} `);
  }
  const [, code] = EMOJI.exec(before) ?? [];
  if (code !== undefined) return completeEmoji(before, code.toLowerCase(), words.emoji);
  const [, about] = ABOUT.exec(before) ?? [];
  if (about !== undefined) {
    const typed = /\s(\S*["“]?[^"”]*)$/u.exec(before)![1]!;
    const fitting = words.people.filter((name) => startsAlike(name, about));
    const given = (name: string) => /\s/u.test(name) ? `"${name}" ` : `${name} `;
    return completion(typed, fitting, given, about);
  }
  const [, at = "", start = ""] = WORD.exec(before) ?? [];
  if (at === "" && start === "") return undefined;
  const fitting = words.people.filter((name) => startsAlike(name, start));
  return completion(start, fitting, (name) => `${name} `);
}

/** By shortcodes: `:smi` becomes the emoji where one is meant, and what all of them begin with where not. */
function completeEmoji(
  before: string,
  start: string,
  list: EmojiList | undefined,
): Completion | undefined {
  const named = (list?.emoji ?? []).flatMap(([emoji, , shortcodes]) =>
    shortcodes.split(" ").map((code) => [code, emoji] as const)
  );
  const closed = before.endsWith(":");
  const fitting = new Map(
    named.filter(([code]) => closed ? code === start : code.startsWith(start)),
  );
  const emoji = new Set(fitting.values());
  if (emoji.size <= 1) {
    const typed = `:${start}${closed ? ":" : ""}`;
    return completion(typed, [...emoji], (emoji) => `${emoji} `);
  }
  const completed = completion(start, [...fitting.keys()], String);
  if (!completed) return undefined;
  const choices = completed.choices.map((code) => `${fitting.get(code)} :${code}:`);
  return { ...completed, choices };
}

/** `typed` becomes `given` of the one that fits, or what all that fit begin with. */
function completion(
  typed: string,
  fitting: readonly string[],
  given: (one: string) => string,
  start = typed,
): Completion | undefined {
  const [one, ...others] = fitting;
  if (one === undefined) return undefined;
  if (others.length === 0) return { length: typed.length, text: given(one), choices: [] };
  const common = commonStart(fitting);
  // What differs only in capitals from what is there is no more than that.
  const longer = common.length > start.length;
  return {
    length: longer ? start.length : 0,
    text: longer ? common : "",
    choices: longer ? [] : shown(fitting),
  };
}

function shown(fitting: readonly string[]): string[] {
  const choices = fitting.slice(0, CHOICES).map(printable);
  return fitting.length > CHOICES ? [...choices, "…"] : choices;
}

/** What all of them begin with, capitals aside, as the first of them writes it. */
function commonStart([first = "", ...others]: readonly string[]): string {
  const chars = Array.from(first);
  let length = chars.length;
  for (const other of others) {
    while (!startsAlike(other, chars.slice(0, length).join(""))) length--;
  }
  return chars.slice(0, length).join("");
}

function startsAlike(name: string, start: string): boolean {
  return name.toLowerCase().startsWith(start.toLowerCase());
}
