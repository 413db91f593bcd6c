import { InlineParser, type Item, mentionOf, type Reader, type Token } from "./inline.ts";

export { LETTER, type Reader, type Token } from "./inline.ts";

/** ```a block```; a language may be named on its first line. */
const BLOCK = /```(?:([\w+#-]*)\n)?([^]*?)\n?```/g;

/** How deep quotes and lists may lie in each other; what is deeper is text. */
const DEPTH = 4;

/** `> a quote`; without the blank it is a face (>_<) or something else. */
const QUOTE = /^ {0,3}>(?: (.*)|$)/;
/** `- an item`, or `1. an item`; a number as long as a year is hardly one. */
const ITEM = /^ ?(?:[-*•]|(\d{1,3})\.) +(?=\S)(.*)$/;
/** What follows an item and belongs to it. */
const INSIDE = /^(?: {2,}|\t+)/;

/** Parses a text, in time linear in its length. Pure. */
export function parseMarkup(text: string, reader: Reader = {}): Token[] {
  const inline = new InlineParser(reader);
  const tokens: Token[] = [];
  let end = 0;
  for (const match of text.matchAll(BLOCK)) {
    // A block is shown on lines of its own, so the line ends around it are dropped.
    tokens.push(...parseText(text.slice(end, match.index).replace(/\n$/, ""), inline));
    const [all, language, code = ""] = match;
    tokens.push({ type: "block", text: code, ...(language && { language }) });
    end = match.index + all.length;
    if (text[end] === "\n") end++;
  }
  tokens.push(...parseText(text.slice(end), inline));
  return tokens;
}

/** The text without its marks, for places that show plain text. */
export function plainText(text: string): string {
  return parseMarkup(text).map(plain).join("").replace(/\n{2,}/g, "\n").replace(/^\n|\n$/g, "");
}

function plain(token: Token): string {
  switch (token.type) {
    case "block":
      return `\n${token.text}\n`;
    case "list":
      return `\n${
        token.items.map(({ value, children }) =>
          `${value === undefined ? "•" : `${value}.`} ${children.map(plain).join("")}`
        ).join("\n")
      }\n`;
    case "quote":
      return `\n${token.children.map(plain).join("")}\n`;
    default:
      return "children" in token ? token.children.map(plain).join("") : token.text;
  }
}

/** The text without the marks around its blocks, which have lines of their own that are not shown. */
export function withoutFences(text: string): string {
  return text.replace(BLOCK, "$2");
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

/** A part of a text that has no block of code in it. */
function parseText(text: string, inline: InlineParser): Token[] {
  return text === "" ? [] : parseLines(text.split("\n"), inline, 0);
}

/** Quotes and lists, and the lines between them; each line is read once for each level it lies in. */
function parseLines(lines: readonly string[], inline: InlineParser, depth: number): Token[] {
  if (depth === DEPTH) return inline.parse(lines.join("\n"));
  const tokens: Token[] = [];
  for (let start = 0, end; start < lines.length; start = end) {
    const kind = kindOf(lines[start]!);
    end = start + 1;
    while (end < lines.length && goesOn(lines[end]!, kind)) end++;
    const own = lines.slice(start, end);
    if (kind === "text") tokens.push(...inline.parse(own.join("\n")));
    else if (isList(kind)) tokens.push({ type: "list", items: parseItems(own, inline, depth) });
    else {
      const quoted = own.map((line) => QUOTE.exec(line)![1] ?? "");
      tokens.push({ type: "quote", children: parseLines(quoted, inline, depth + 1) });
    }
  }
  return tokens;
}

type Kind = "quote" | "bullets" | "numbers" | "text";

function kindOf(line: string): Kind {
  if (QUOTE.test(line)) return "quote";
  const item = ITEM.exec(line);
  return !item ? "text" : item[1] === undefined ? "bullets" : "numbers";
}

/** Whether a line belongs to what the line before it is of. */
function goesOn(line: string, kind: Kind): boolean {
  return kindOf(line) === kind || (isList(kind) && INSIDE.test(line));
}

function isList(kind: Kind): boolean {
  return kind === "bullets" || kind === "numbers";
}

/** The items of a list, each with the lines that are indented below it. */
function parseItems(lines: readonly string[], inline: InlineParser, depth: number): Item[] {
  const starts = [...lines.keys()].filter((i) => !INSIDE.test(lines[i]!));
  return starts.map((start, i) => {
    const [, value, first = ""] = ITEM.exec(lines[start]!)!;
    // An item begins with a text, so that a date (21. 11. 2026) is one item and not three.
    const children = inline.parse(first);
    const below = lines.slice(start + 1, starts[i + 1]);
    const indent = INSIDE.exec(below[0] ?? "")?.[0].length ?? 0;
    const inside = below.map((line) => line.slice(Math.min(indent, line.search(/\S|$/))));
    if (inside.length > 0) {
      // A text goes on below the first line; what has lines of its own needs no end of line.
      if (kindOf(inside[0]!) === "text") children.push({ type: "text", text: "\n" });
      children.push(...parseLines(inside, inline, depth + 1));
    }
    return { ...(value !== undefined && { value: Number(value) }), children };
  });
}
