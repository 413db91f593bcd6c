/** A piece of a text and what it is; message_view.ts decides how it looks. */
export type Token =
  | { readonly type: "text" | "code" | "block" | "mention"; readonly text: string }
  | { readonly type: "link"; readonly text: string; readonly href: string }
  | { readonly type: "strong" | "em"; readonly children: readonly Token[] };

/** ```a block```; a language named on its first line is not shown. */
const BLOCK = /```(?:[\w+#-]*\n)?([^]*?)\n?```/g;

/**
 * A letter or digit of a script that separates words by spaces. Chinese and Japanese do not, and
 * Korean appends endings to a word, so there marks count inside a "word" too.
 */
export const LETTER = "(?:(?![\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}])[\\p{L}\\p{N}])";

// At each position the first of these that matches wins. Emphasis does not begin inside a word, so
// that 2*3*4 is arithmetic. None crosses the end of a line; full-width punctuation also ends an
// address. Each stops at the next mark of its own kind, so the time is linear in the length of the
// text. Only `**` may be followed by many marks that do not close it: `Closers` finds its end.
const CODE = "`(?<code>[^`\\n]+)`";
const ADDRESS = '(?:https?:\\/\\/|mailto:)[^\\s<>"`，。、；：！？（）「」『』【】《》“”]+';
const LINK = `(?<!${LETTER})(?<link>${ADDRESS})`;
const STRONG = "(?<strong>\\*\\*)(?=\\S)";
const EM = `(?<!${LETTER}|\\*)\\*(?=[^\\s*])(?<em>[^*\\n]+?)(?<=\\S)\\*(?!${LETTER})`;

/**
 * Parses a text, in time linear in its length. `self` is the viewer's own name: `@self` is a
 * mention. Pure.
 */
export function parseMarkup(text: string, self?: string): Token[] {
  const inline = inlinePattern(self);
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(BLOCK)) {
    // A block is shown on lines of its own, so the line ends around it are dropped.
    tokens.push(...parseInline(text.slice(end, match.index).replace(/\n$/, ""), inline));
    tokens.push({ type: "block", text: match[1]! });
    end = match.index + match[0].length;
    if (text[end] === "\n") end++;
  }
  tokens.push(...parseInline(text.slice(end), inline));
  return tokens;
}

/** The text without its marks, for places that show plain text. */
export function plainText(text: string): string {
  return parseMarkup(text).map(plain).join("");
}

function plain(token: Token): string {
  if (token.type === "block") return `\n${token.text}\n`;
  return "children" in token ? token.children.map(plain).join("") : token.text;
}

export function mentions(text: string, self: string): boolean {
  return new RegExp(mentionOf(self), "iu").test(text);
}

/** A message of at most this many emoji, and nothing else, is shown large. */
const LARGE_EMOJI = 6;
const EMOJI =
  /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\s])+$/u;

export function isOnlyEmoji(text: string): boolean {
  if (text.length > 80 || !EMOJI.test(text)) return false;
  const graphemes = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return graphemes.length > 0 && graphemes.length <= LARGE_EMOJI;
}

/** For a viewer without a name, and for the server. */
const INLINE = patternOf(CODE, LINK, STRONG, EM);

function inlinePattern(self: string | undefined): RegExp {
  return self ? patternOf(CODE, LINK, STRONG, EM, `(?<mention>${mentionOf(self)})`) : INLINE;
}

function patternOf(...parts: readonly string[]): RegExp {
  return new RegExp(parts.join("|"), "giu");
}

function mentionOf(name: string): string {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return `(?<!${LETTER}|_)@${escaped}(?!-?[\\p{L}\\p{N}_])`;
}

function parseInline(text: string, pattern: RegExp): Token[] {
  const tokens: Token[] = [];
  const closers = new Closers(text);
  let end = 0;
  const upTo = (index: number) => {
    if (index > end) tokens.push({ type: "text", text: text.slice(end, index) });
  };
  for (let match, at = 0; (match = matchFrom(text, pattern, at)); at = Math.max(at, end)) {
    const { index, 0: { length }, groups: { code, link, strong, em, mention } = {} } = match;
    at = index + length;
    const url = link && trimLink(link);
    const closer = strong && closers.after(at);
    if ((link && !url) || (strong && closer === undefined)) continue;
    upTo(index);
    end = index + (url ? url.length : length);
    if (code) tokens.push({ type: "code", text: code });
    else if (url) tokens.push({ type: "link", text: url, href: url });
    else if (closer) {
      tokens.push({ type: "strong", children: parseInline(text.slice(at, closer), pattern) });
      end = closer + length;
    } else if (em) tokens.push({ type: "em", children: parseInline(em, pattern) });
    else if (mention) tokens.push({ type: "mention", text: mention });
  }
  upTo(text.length);
  return tokens;
}

/**
 * Sets the pattern's position for each match, since a token's children are parsed with it in
 * between.
 */
function matchFrom(text: string, pattern: RegExp, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

/** Finds where `**` is closed in a text. No part of the text is searched twice without success. */
class Closers {
  readonly #text: string;
  /** There is none before this index, from the last search on. */
  #noneBefore = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The first `**` on the line that closes non-empty content beginning at `start`. */
  after(start: number): number | undefined {
    if (start < this.#noneBefore) return undefined;
    const next = /(?<=\S)\*\*|\n/g;
    next.lastIndex = start + 1;
    const found = next.exec(this.#text);
    if (found?.[0] === "**") return found.index;
    this.#noneBefore = found?.index ?? this.#text.length;
    return undefined;
  }
}

/**
 * The link without trailing punctuation that belongs to the sentence, and without closing brackets
 * that were opened before the link. Empty if what is left is no address.
 */
function trimLink(link: string): string {
  let end = link.length;
  const surplus = { ")": count(link, ")", "("), "]": count(link, "]", "[") };
  for (; end > 0; end--) {
    const last = link[end - 1]!;
    if (last === ")" || last === "]") {
      if (surplus[last]-- <= 0) break;
    } else if (!/[.,:;!?'*_~’”»。，、！？：；）】」』]/u.test(last)) break;
  }
  const url = link.slice(0, end);
  const parsed = URL.parse(url);
  const hasTarget = parsed && (parsed.protocol === "mailto:" ? parsed.pathname : parsed.hostname);
  return hasTarget ? url : "";
}

function count(text: string, closing: string, opening: string): number {
  return text.split(closing).length - text.split(opening).length;
}
