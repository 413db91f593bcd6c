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
  const words = query.split(/\s+/).filter((word) => word !== "");
  const plain = text.replace(/\s+/g, " ").trim();
  if (words.length === 0) return [{ text: plain.slice(0, MOST), hit: false }];
  // Longer words first: a word must not match in the place of a longer one that begins with it.
  const pattern = new RegExp(
    words.sort((a, b) => b.length - a.length).map(escapePattern).join("|"),
    "giu",
  );
  const first = Math.max(0, plain.search(pattern));
  const from = first > BEFORE ? startOfWord(plain, first - BEFORE) : 0;
  const cut = plain.slice(from, from + MOST);
  const shown = (from > 0 ? "…" : "") + cut.toWellFormed() +
    (from + MOST < plain.length ? "…" : "");
  return pieces(shown, pattern);
}

function pieces(text: string, pattern: RegExp): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) found.push({ text: text.slice(end, match.index), hit: false });
    found.push({ text: match[0], hit: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) found.push({ text: text.slice(end), hit: false });
  return found;
}

function startOfWord(text: string, index: number): number {
  const space = text.indexOf(" ", index);
  return space < 0 || space > index + BEFORE / 2 ? index : space + 1;
}

function escapePattern(word: string): string {
  return word.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
