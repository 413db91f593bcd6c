import { badName, lettersOf, parseStoredName } from "../model/names.ts";
import { isReserved } from "./authority.ts";
import { lookOf } from "./key.ts";

// What is not to be shown (joiners, fillers, selectors, tags), and what is blank and not among these:
// null notehead, Khitan filler, the place of an object.
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\ufffc\u{1d159}\u{16fe4}]/u;

/** Marks that go with letters of any script. */
const ANY_SCRIPT = "[\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f]";
const MANY_MARKS = "[\\p{Script=Myanmar}\\p{Script=Khmer}\\p{Script=Tibetan}]";
// More than a language writes: a fourth mark that goes with any letter, the same mark twice, a fifth mark
// (a ninth where one syllable has many).
const STACKED = new RegExp(
  `${ANY_SCRIPT}{4}|(\\p{M})\\1|(?:(?!${MANY_MARKS})\\p{M}){5}|\\p{M}{9}`,
  "u",
);
// A mark alone, around a letter, or of one script on a letter of another.
const STRAY =
  /\p{Me}|(?:^|[^\p{L}\p{M}\p{N}])\p{M}|[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}0-9](?![\p{Script=Inherited}\p{Script=Cyrillic}])\p{M}/u;

/**
 * The name as it is shown: NFKC-normalised, trimmed, inner white space as single spaces.
 * Throws a Refusal that says what a name may be. Whether it is free is for presence to say.
 */
export function parseName(raw: unknown): string {
  const name = parseStoredName(raw);
  const letters = lettersOf(name);
  if (HIDDEN.test(letters)) throw badName("has a control or invisible character");
  if (STACKED.test(letters.normalize("NFD"))) {
    throw badName("has too many marks on one letter", "three at most, and none twice");
  }
  if (STRAY.test(letters)) throw badName("has a mark that does not belong to its letter");
  refuseLine(name);
  return name;
}

/** Undefined where it is no name that a person can have: for what was one once. */
export function nameOrNone(raw: unknown): string | undefined {
  try {
    const name = parseName(raw);
    return isReserved(name) ? undefined : name;
  } catch {
    return undefined;
  }
}

/** A name that reads like a line of the protocol would put words into somebody's mouth. */
function refuseLine(name: string): void {
  const chars = [...name];
  const signs = chars.map((char, index) => signOf(char, chars[index + 1])).join("");
  if (signs.includes(":")) throw badName('has a colon, as in "ann: hello"', "a name without one");
  const [first] = /^(?:[*!#|/]|\[(?=\d)|[-\u30fc](?=[-\u30fc\s]|$))/u.exec(signs) ?? [];
  if (first !== undefined) {
    throw badName(`begins with "${first}", as lines of the room do`, "a letter or digit first");
  }
  if (/#\s?\p{N}/u.test(signs)) {
    throw badName('has the number of a message, as in "#42"', "a name without one");
  }
}

/** What a character looks like, if it is a sign; letters that look like one (`ノリコ`) are letters. */
function signOf(char: string, next: string | undefined): string {
  if (/[|\u2223\u2502\u2503]/.test(char)) return "|"; // the standard takes it for an `l`
  const look = lookOf(char);
  const standsAlone = next === undefined || next === " ";
  const isLetter = /[\p{L}\p{M}\p{N}]/u.test(char) && !(standsAlone && /^[:*!/]$/.test(look));
  return isLetter || look === "" ? char : look;
}
