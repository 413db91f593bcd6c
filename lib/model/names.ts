import { LIMITS } from "./message.ts";
import { Refusal } from "./refusal.ts";
import { clean, countCharacters } from "./text.ts";

// Cc control, Cf format (zero-width, bidi), Co private use, Cn unassigned, Zl and Zp separators, and
// the letters that are blank on screen: Hangul fillers, Braille blank, Khmer inherent vowels,
// variation selectors.
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\p{Variation_Selector}]/u;

/** Emoji hold joiners and selectors, which are part of them. */
const EMOJI = /\p{RGI_Emoji}/gv;
// Persian is written with a non-joiner between letters; in scripts of India a joiner after a virama says
// how the letters are joined.
const JOINED =
  /(?<=\p{Script=Arabic}\p{M}*)\u200c(?=\p{Script=Arabic})|(?<=[\u094d\u09cd\u0a4d\u0acd\u0b4d\u0bcd\u0c4d\u0ccd\u0d4d\u0dca])[\u200c\u200d](?=\p{L})/gu;

const VISIBLE = `1 to ${LIMITS.name} visible characters`;

/**
 * A name by the rules that hold for all that were ever given: NFKC-normalised, trimmed, inner white
 * space as single spaces. Throws a Refusal that says what a name may be. Whoever comes in today must
 * keep to more: see `parseName` in lib/names/.
 */
export function parseStoredName(raw: unknown): string {
  if (typeof raw !== "string") throw badName("must be text");
  const name = raw.normalize("NFKC").trim().replace(/\s+/gu, " ");
  const length = countCharacters(name);
  if (name === "") throw badName("is empty");
  if (length > LIMITS.name) throw badName(`has ${length} characters`);
  if (INVISIBLE.test(lettersOf(name))) throw badName("has a control or invisible character");
  return name;
}

/** The name with a space for each emoji, and without the joiners that a script needs. */
export function lettersOf(name: string): string {
  return name.replace(EMOJI, " ").replace(JOINED, "");
}

/** Says what a name must not be, and what is accepted. */
export function badName(what: string, wanted = VISIBLE): Refusal {
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
