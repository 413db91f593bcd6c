import { LIMITS } from "./message.ts";
import { lookOf } from "./name_key.ts";
import { Refusal } from "./refusal.ts";
import { clean, countCharacters } from "./text.ts";

// Cc control, Cf format (zero-width, bidi), Co private use, Cn unassigned, Zl and Zp separators, what is
// not to be shown (joiners, fillers, variation selectors, tags), and what is blank and not among these:
// Braille blank, null notehead, Khitan filler, the place of an object.
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufffc\u{1d159}\u{16fe4}]/u;

/** Emoji hold joiners and selectors, which are part of them. */
const EMOJI = /\p{RGI_Emoji}/gv;
// Persian is written with a non-joiner between letters; in scripts of India a joiner after a virama says
// how the letters are joined.
const JOINED =
  /(?<=\p{Script=Arabic}\p{M}*)\u200c(?=\p{Script=Arabic})|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d](?=\p{L})/gu;

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

const VISIBLE = `1 to ${LIMITS.name} visible characters`;

/**
 * The name as it is shown: NFKC-normalised, trimmed, inner white space as single spaces.
 * Throws a Refusal that says what a name may be. Whether it is free is for presence to say.
 */
export function parseName(raw: unknown): string {
  const name = parseStoredName(raw);
  const plain = name.replace(EMOJI, " ").replace(JOINED, "");
  if (INVISIBLE.test(plain)) throw refuse("has a control or invisible character", VISIBLE);
  if (STACKED.test(plain.normalize("NFD"))) {
    throw refuse("has too many marks on one letter", "three at most, and none twice");
  }
  if (STRAY.test(plain)) throw refuse("has a mark that does not belong to its letter", VISIBLE);
  refuseLine(name);
  return name;
}

/**
 * The name of somebody who has spoken already, by the rules of whatever version it was: one that would
 * be refused today stays what it is.
 */
export function parseStoredName(raw: unknown): string {
  if (typeof raw !== "string") throw refuse("must be text", VISIBLE);
  const name = raw.normalize("NFKC").trim().replace(/\s+/gu, " ");
  const length = countCharacters(name);
  if (name === "") throw refuse("is empty", VISIBLE);
  if (length > LIMITS.name) throw refuse(`has ${length} characters`, VISIBLE);
  return name;
}

/** Undefined where it is no name: for what was one once. */
export function nameOrNone(raw: unknown): string | undefined {
  try {
    return parseName(raw);
  } catch {
    return undefined;
  }
}

/** A name that reads like a line of the protocol would put words into somebody's mouth. */
function refuseLine(name: string): void {
  const signs = Array.from(name, (char, index) => signOf(char, [...name][index + 1])).join("");
  if (signs.includes(":")) throw refuse('has a colon, as in "ann: hello"', "a name without one");
  const [first] = /^(?:[*!#|/]|\[(?=\d)|[-\u30fc](?=[-\u30fc\s]|$))/u.exec(signs) ?? [];
  if (first !== undefined) {
    throw refuse(`begins with "${first}", as lines of the room do`, "a letter or digit first");
  }
  if (/#\s?\p{N}/u.test(signs)) {
    throw refuse('has the number of a message, as in "#42"', "a name without one");
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

function refuse(what: string, wanted: string): Refusal {
  return new Refusal("bad_request", `the name ${what}; wanted ${wanted}`);
}

/** After these, numbers tell nobody apart any more. */
const NUMBERS = 100;

/** `name`, else `name2`, `name3`, …: the first that is not taken; cut so that it stays a name. */
export function nextFree(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  for (let n = 2;; n++) {
    const suffix = n <= NUMBERS ? String(n) : `-${randomCharacters()}`;
    const candidate = [...name].slice(0, LIMITS.name - suffix.length).join("").trimEnd() + suffix;
    if (!taken(candidate)) return candidate;
  }
}

/** `guest-` and four characters that cannot be mistaken for one another. */
export function guestName(): string {
  return `guest-${randomCharacters()}`;
}

function randomCharacters(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const random = crypto.getRandomValues(new Uint8Array(4));
  return Array.from(random, (byte) => alphabet[byte % alphabet.length]).join("");
}

/** Whether a name is one that `guestName` has made, or could have. */
export function isGuestName(name: string): boolean {
  return /^guest-[a-z2-9]{4}$/.test(name);
}

/** For a name that comes from somewhere it was never checked, on the way to a terminal. */
export function printable(name: string): string {
  return clean(name).replace(/[\n\t]/g, " ");
}
