/** A piece of a text, as it is to be shown. Pure: how it is drawn is for message_view.ts. */
export type Token =
  | { readonly type: "text" | "code" | "block" | "mention"; readonly text: string }
  | { readonly type: "link"; readonly text: string; readonly href: string }
  | { readonly type: "strong" | "em"; readonly children: readonly Token[] };

/** ```a block```, with or without a language on its first line, which is not shown. */
const BLOCK = /```(?:[\w+#-]*\n)?([^]*?)\n?```/g;

/** A letter or digit, but of scripts that are written without spaces, or with endings right behind. */
export const LETTER = "(?:(?![\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}])[\\p{L}\\p{N}])";

// In this order: the first that fits at a place wins. Emphasis does not begin inside a word, so that
// 2*3*4 is arithmetic. Each is bounded by the end of its line, an address also by full-width marks.
const CODE = "`(?<code>[^`\\n]+)`";
const ADDRESS = '(?:https?:\\/\\/|mailto:)[^\\s<>"`，。、；：！？（）「」『』【】《》“”]+';
const LINK = `(?<!${LETTER})(?<link>${ADDRESS})`;
const STRONG = "\\*\\*(?=\\S)(?<strong>[^\\n]+?)(?<=\\S)\\*\\*";
const EM = `(?<!${LETTER}|\\*)\\*(?=[^\\s*])(?<em>[^*\\n]+?)(?<=\\S)\\*(?!${LETTER})`;

/** Reads a text. `self` is the reader's own name: `@self` is a mention. */
export function parseMarkup(text: string, self?: string): Token[] {
  const inline = inlinePattern(self);
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(BLOCK)) {
    // A block stands on lines of its own: the line ends around it are not shown twice.
    tokens.push(...parseInline(text.slice(end, match.index).replace(/\n$/, ""), inline));
    tokens.push({ type: "block", text: match[1]! });
    end = match.index + match[0].length;
    if (text[end] === "\n") end++;
  }
  tokens.push(...parseInline(text.slice(end), inline));
  return tokens;
}

/** The text without its marks, for where there is only text. */
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

/** At most this many emoji and nothing else are shown large. */
const LARGE_EMOJI = 6;
const EMOJI =
  /^(?:[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\s])+$/u;

export function isOnlyEmoji(text: string): boolean {
  if (!EMOJI.test(text) || text.length > 80) return false;
  const graphemes = [...new Intl.Segmenter().segment(text.replace(/\s/g, ""))];
  return graphemes.length > 0 && graphemes.length <= LARGE_EMOJI;
}

function inlinePattern(self: string | undefined): RegExp {
  const parts = [CODE, LINK, STRONG, EM];
  if (self) parts.push(`(?<mention>${mentionOf(self)})`);
  return new RegExp(parts.join("|"), "giu");
}

function mentionOf(name: string): string {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return `(?<!${LETTER}|_)@${escaped}(?!-?[\\p{L}\\p{N}_])`;
}

function parseInline(text: string, pattern: RegExp): Token[] {
  const tokens: Token[] = [];
  let end = 0;
  const upTo = (index: number) => {
    if (index > end) tokens.push({ type: "text", text: text.slice(end, index) });
  };
  for (const match of text.matchAll(pattern)) {
    const { code, link, strong, em, mention } = match.groups!;
    const url = link && trimLink(link);
    if (link && !url) continue;
    upTo(match.index);
    end = match.index + (url ? url.length : match[0].length);
    if (code) tokens.push({ type: "code", text: code });
    else if (url) tokens.push({ type: "link", text: url, href: url });
    else if (strong) tokens.push({ type: "strong", children: parseInline(strong, pattern) });
    else if (em) tokens.push({ type: "em", children: parseInline(em, pattern) });
    else if (mention) tokens.push({ type: "mention", text: mention });
  }
  upTo(text.length);
  return tokens;
}

/**
 * Without the punctuation that ends a sentence rather than an address, and without closing brackets
 * that were opened before the link. Empty where no address is left.
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
