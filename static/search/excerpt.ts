import { fold } from "../../lib/model/search/fold.ts";

/** A piece of a text; `hit` where it is one of the words searched for. */
export interface Piece {
  readonly text: string;
  readonly hit: boolean;
}

/** At most so many characters before the first hit, and altogether. */
const BEFORE = 40;
const MOST = 220;

/** The text around the first hit, cut into pieces so that all hits can be marked. */
export function excerpt(text: string, query: string): Piece[] {
  const words = fold(query).split(/\s+/).filter((word) => word !== "");
  const plain = text.replace(/\s+/g, " ").trim();
  if (words.length === 0) return [{ text: plain.slice(0, MOST), hit: false }];
  // Longer words first: a word must not match in the place of a longer one that begins with it.
  const pattern = new RegExp(
    words.sort((a, b) => b.length - a.length).map(escapePattern).join("|"),
    "gu",
  );
  const first = hits(plain, pattern)[0]?.start ?? 0;
  const from = first > BEFORE ? startOfWord(plain, first - BEFORE) : 0;
  const cut = plain.slice(from, from + MOST);
  const shown = (from > 0 ? "…" : "") + cut.toWellFormed() +
    (from + MOST < plain.length ? "…" : "");
  return pieces(shown, pattern);
}

function pieces(text: string, pattern: RegExp): Piece[] {
  const found: Piece[] = [];
  let last = 0;
  for (const { start, end } of hits(text, pattern)) {
    if (start < last) continue;
    if (start > last) found.push({ text: text.slice(last, start), hit: false });
    found.push({ text: text.slice(start, end), hit: true });
    last = end;
  }
  if (last < text.length) found.push({ text: text.slice(last), hit: false });
  return found;
}

/** Where the pattern is found in the folded text, as places of the text itself. */
function hits(text: string, pattern: RegExp): { start: number; end: number }[] {
  let folded = "";
  /** For each unit of the folded text the character that it comes of; a mark comes of none. */
  const origins: number[] = [];
  let at = 0;
  for (const character of text) {
    const units = fold(character);
    folded += units;
    for (let i = 0; i < units.length; i++) origins.push(at);
    at += character.length;
  }
  origins.push(text.length);
  return Array.from(folded.matchAll(pattern), ({ index, 0: { length } }) => {
    const start = origins[index]!;
    // To the next character that is not of the hit, with the marks before it.
    let next = index + length;
    while (origins[next]! === origins[next - 1]!) next++;
    return { start, end: origins[next]! };
  });
}

function startOfWord(text: string, index: number): number {
  const space = text.indexOf(" ", index);
  return space < 0 || space > index + BEFORE / 2 ? index : space + 1;
}

function escapePattern(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
