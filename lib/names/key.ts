// Which names are the same name to a reader: the skeletons of Unicode Technical Standard 39
// (https://www.unicode.org/reports/tr39/), made insensitive to case. The standard's are not: `I` looks
// like `l` there, and is `i` in another case, so all three must be one. Both relations, taken together
// as far as they go, would make one letter of too many: Greek `Ν` looks like `N`, and `ν` like `v`. So
// a word that looks Latin as it stands is compared by its look, and any other by its letters, where
// it does no harm that these two are one.
//
// A shortcut: `Ναι` and `ναι` look like `Nal` and `val`, and count as two names.
//
// The table is larger than the page, which this is not for.

import confusables from "unhomoglyph/data.json" with { type: "json" };

/** ASCII characters that are one; no other two become one because something looks like both. */
const SAME = ["0o", "1l", "|l", "il", "'`"];
/** What a reader of Latin letters takes for such. */
const LATIN = /^[\x21-\x7e\xa0-\u024f\u1e00-\u1eff]*$/;
const ASCII = /^[\x20-\x7e]*$/;
/** Between spaces. */
const WORD = /\S+/gu;

const LOOKS: Readonly<Record<string, string>> = confusables;

/** Characters that are one, by their look or their case, as classes with one member to stand for each. */
class Classes {
  readonly #parents = new Map<string, string>();
  /** Of a class that looks like several characters: these. */
  readonly #several = new Map<string, string>();

  constructor(looks: Iterable<readonly [from: string, to: string]>) {
    for (const pair of SAME) this.#join(pair[0]!, pair[1]!);
    const several: [string, string][] = [];
    for (const [source, target] of looks) {
      const [from, to] = [fold(source), fold(target)];
      // A compatibility form is not what it looks like: `ϲ` is a sigma. Names have none.
      if (!isOne(from) || source.normalize("NFKC") !== source) continue;
      if (!isOne(to)) several.push([source, to]);
      else if (mayJoin(this.find(from), this.find(to), source)) this.#join(from, to);
    }
    for (const [source, to] of several) {
      const from = this.find(fold(source));
      // `m` looks like `rn`; `η` like an `n` with a stroke below, but `Η` does not.
      if (!isAscii(from) || isAscii(source)) this.#several.set(from, to);
    }
  }

  /** Each character of a folded text as what stands for it. */
  represent(folded: string): string {
    return Array.from(folded, (char) => {
      const found = this.find(char);
      return this.#several.get(found) ?? found;
    }).join("");
  }

  find(char: string): string {
    const parent = this.#parents.get(char);
    return parent === undefined ? char : this.find(parent);
  }

  #join(one: string, other: string): void {
    const [a, b] = [this.find(one), this.find(other)];
    if (a === b) return;
    const [stands, joined] = rank(a) < rank(b) ? [a, b] : [b, a];
    this.#parents.set(joined, stands);
  }
}

const SEVERAL = [["m", "rn"], ["%", "o/o"], ['"', "''"]] as const;
const ALIKE = new Classes(SEVERAL);
/** Made when the first name wants it, since that takes some 40 ms. */
let all: Classes | undefined;

function allClasses(): Classes {
  return all ??= new Classes(
    Object.entries(LOOKS).map(([from, to]) => [from, to.normalize("NFD")] as const),
  );
}

/**
 * Two names with the same key are the same name to a reader: they differ in case, width, invisible
 * characters, or by letters that look alike. Compared, never shown. The key of a key is the key itself.
 */
export function nameKey(name: string): string {
  if (ASCII.test(name)) return ALIKE.represent(name.toLowerCase()); // nearly every name, ten times as fast
  let key = name;
  // What stands for a character may be composed with what follows.
  for (let round = 0; round < 4; round++) {
    const next = visible(key).replace(WORD, wordKey).normalize("NFC");
    if (next === key) break;
    key = next;
  }
  return key;
}

/** How the text looks: the skeleton of the standard, composed. */
export function lookOf(text: string): string {
  return skeleton(visible(text)).normalize("NFC");
}

function wordKey(word: string): string {
  const look = skeleton(word);
  return LATIN.test(look.normalize("NFKC"))
    ? ALIKE.represent(fold(look))
    : allClasses().represent(fold(word));
}

/** Compatibility forms as what they stand for, without what leaves no mark. */
function visible(text: string): string {
  return text.normalize("NFKC").replace(/\p{Default_Ignorable_Code_Point}/gu, "");
}

function skeleton(text: string): string {
  return Array.from(text.normalize("NFD"), (char) => LOOKS[char]?.normalize("NFD") ?? char).join(
    "",
  );
}

/** The same for all cases; capitals of some letters are composed of several. */
function fold(text: string): string {
  const lower = text.normalize("NFKC").toLowerCase().toUpperCase().toLowerCase();
  return lower.normalize("NFKC").normalize("NFD");
}

function isOne(text: string): boolean {
  const [, second] = text;
  return second === undefined;
}

function isAscii(char: string): boolean {
  return char < "\x7f";
}

function mayJoin(a: string, b: string, source: string): boolean {
  return !(isAscii(a) && isAscii(b)) || /[\p{Script=Greek}\p{Script=Cyrillic}]/u.test(source);
}

/** Small letters stand for others, then ASCII. */
function rank(char: string): number {
  return char.codePointAt(0)! + (/[a-z]/.test(char) ? 0 : 0x200000);
}
