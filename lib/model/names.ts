import { LIMITS } from "./message.ts";
import { Refusal } from "./refusal.ts";
import { clean, countCharacters } from "./text.ts";

// Cc control, Cf format (zero-width, bidi), Co private use, Cn unassigned, Zl and Zp separators, and
// the letters that are blank on screen: Hangul fillers, Braille blank, Khmer inherent vowels,
// variation selectors.
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\p{Variation_Selector}]/u;

// Names under which a person could pass for the server or its keepers; `guest` is the sender of
// posts that come without a session.
const RESERVED = new Set(["guest", "server", "system", "operator", "admin", "root", "partyline"]);

/**
 * The name as it is shown: NFKC-normalised, trimmed, inner white space as single spaces.
 * Throws a Refusal that says what a name may be. Whether it is free is for presence to say.
 */
export function parseName(raw: unknown): string {
  if (typeof raw !== "string") throw refuse("must be text");
  const name = raw.normalize("NFKC").trim().replace(/\s+/gu, " ");
  if (name === "") throw refuse("is empty");
  if (countCharacters(name) > LIMITS.name) throw refuse(`has ${countCharacters(name)} characters`);
  if (INVISIBLE.test(name)) throw refuse("has a control or invisible character");
  return name;
}

function refuse(what: string): Refusal {
  return new Refusal(
    "bad_request",
    `the name ${what}; wanted 1 to ${LIMITS.name} visible characters`,
  );
}

/** Two names with the same key are the same name to a reader: compared, never shown. */
export function nameKey(name: string): string {
  const folded = name.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return folded.normalize("NFKC"); // capitals of some letters are composed of several
}

export function isReserved(name: string): boolean {
  return RESERVED.has(nameKey(name));
}

/** `name`, else `name2`, `name3`, …: the first that is not taken; cut so that it stays a name. */
export function nextFree(name: string, taken: (name: string) => boolean): string {
  if (!taken(name)) return name;
  for (let n = 2;; n++) {
    const suffix = String(n);
    const candidate = [...name].slice(0, LIMITS.name - suffix.length).join("").trimEnd() + suffix;
    if (!taken(candidate)) return candidate;
  }
}

/** `guest-` and four characters that cannot be mistaken for one another. */
export function guestName(): string {
  const alphabet = "abcdefghjkmnpqrstuvwxyz23456789";
  const random = crypto.getRandomValues(new Uint8Array(4));
  return "guest-" + Array.from(random, (byte) => alphabet[byte % alphabet.length]).join("");
}

/** Whether a name is one that `guestName` has made, or could have. */
export function isGuestName(name: string): boolean {
  return /^guest-[a-z2-9]{4}$/.test(name);
}

/** For a name that comes from somewhere it was never checked, on the way to a terminal. */
export function printable(name: string): string {
  return clean(name).replace(/[\n\t]/g, " ");
}
