/** Letters with more than a mark to them, which no decomposition takes apart; in capitals. */
const LIKE: Readonly<Record<string, string>> = {
  "Ø": "O",
  "Ł": "L",
  "Đ": "D",
  "Ð": "D",
  "Ħ": "H",
  "Ŧ": "T",
  "Æ": "AE",
  "Œ": "OE",
  "Þ": "TH",
};

/** Letters of the scripts that put marks on letters: Latin, Greek, Cyrillic. */
const LETTERS = /[\u00c0-\u024f\u0370-\u052f\u1e00-\u1fff]/g;
/** Marks that stand by themselves; and the points of Hebrew and Arabic, which most leave out. */
const MARKS = /[\u0300-\u036f\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]/g;

/**
 * The same for all forms of a letter: capital or small, with an accent or without (Café, CAFE). Of two
 * texts the one has the other in it, as people mean it, where their folded forms do. Capitals, because
 * how a small sigma is written depends on what follows it. Scripts whose marks make other letters
 * (Thai, Devanagari, kana, hangul) are as they were. Idempotent, pure.
 */
export function fold(text: string): string {
  const capitals = text.toLowerCase().toUpperCase();
  // Nearly every text of English needs nothing more.
  // deno-lint-ignore no-control-regex
  if (!/[^\x00-\x7f]/.test(capitals)) return capitals;
  return capitals.replace(LETTERS, plain).replace(MARKS, "");
}

function plain(letter: string): string {
  const [base = "", ...marks] = letter.normalize("NFD");
  return (LIKE[base] ?? base) + marks.join("");
}
