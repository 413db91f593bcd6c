/** A piece of a text and what it is; token_view.ts decides how it looks. */
export type Token =
  | { readonly type: "text" | "code"; readonly text: string }
  /** Code on lines of its own, in the language that was named, if one was. */
  | { readonly type: "block"; readonly text: string; readonly language?: string }
  /** `own`: it is the reader who is mentioned. */
  | { readonly type: "mention"; readonly text: string; readonly own: boolean }
  /** Another message, by its seq. */
  | { readonly type: "message"; readonly text: string; readonly seq: number }
  /** `host`: where it leads, for a link whose text does not say so. */
  | {
    readonly type: "link";
    readonly text: string;
    readonly href: string;
    readonly host?: string;
  }
  | {
    readonly type: "strong" | "em" | "strike" | "quote";
    readonly children: readonly Token[];
  }
  | { readonly type: "list"; readonly items: readonly Item[] };

/** An item of a list; `value` is the number it was given, if it was. */
export interface Item {
  readonly value?: number;
  readonly children: readonly Token[];
}

/** For whom a text is parsed, and where it stands. */
export interface Reader {
  /** The reader's own name, if they have one. */
  readonly self?: string | undefined;
  /** The seq of the message: `#42` is a link only to one before it. */
  readonly seq?: number | undefined;
}

/**
 * A letter or digit of a script that separates words by spaces. Chinese and Japanese do not, and
 * Korean appends endings to a word, so there marks count inside a "word" too.
 */
export const LETTER = "(?:(?![\\p{sc=Han}\\p{sc=Hira}\\p{sc=Kana}\\p{sc=Hang}])[\\p{L}\\p{N}])";

// At each position the first of these that matches wins. Emphasis does not begin inside a word, so
// that 2*3*4 is arithmetic. None crosses the end of a line; full-width punctuation also ends an
// address. Each stops at the next mark of its own kind, so the time is linear in the length of the
// text. Only `**` and `~~` may be followed by many marks that do not close them: `Closers` finds
// their end.
const CODE = "`(?<code>[^`\\n]+)`";
const SCHEME = "(?:https?:\\/\\/|mailto:)";
const IN_ADDRESS = '[^\\s<>"`，。、；：！？（）「」『』【】《》“”]';
const NAMED = `\\[(?<label>[^\\[\\]\\n]+)\\]\\((?<target>${SCHEME}` +
  '(?:[^\\s<>"`()]|\\([^\\s<>"`()]*\\))+)\\)';
const LINK = `(?<!${LETTER})(?<link>${SCHEME}${IN_ADDRESS}+)`;
const WWW = `(?<!${LETTER}|[@._/-])(?<www>www\\.${IN_ADDRESS}+)`;
const PAIR = "(?<pair>\\*\\*|~~)(?=\\S)";
const EM = `(?<!${LETTER}|\\*)\\*(?=[^\\s*])(?<em>[^*\\n]+?)(?<=\\S)\\*(?!${LETTER})`;
const MESSAGE = `(?<!${LETTER}|[#&/_])#(?<seq>[1-9]\\d{0,14})(?!${LETTER}|_)`;
/** Of anybody: a word, for who is there is not known here. A dot at its end is of the sentence. */
const WORD = "[\\p{L}\\p{M}\\p{N}_]+";
const MENTION = `(?<!${LETTER}|_)(?<mention>@${WORD}(?:[.-]${WORD})*)`;

const PARTS = [CODE, NAMED, LINK, WWW, PAIR, EM, MESSAGE, MENTION] as const;

/** `@name`, and not as a part of another name. */
export function mentionOf(name: string): string {
  const escaped = name.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return `(?<!${LETTER}|_)@${escaped}(?!-?[\\p{L}\\p{N}_])`;
}

/** Parses what stands on lines: all but blocks of code, quotes and lists. */
export class InlineParser {
  readonly #pattern: RegExp;
  readonly #seq: number;

  constructor({ self, seq = Infinity }: Reader) {
    const own = self ? [`(?<own>${mentionOf(self)})`] : [];
    this.#pattern = new RegExp([...own, ...PARTS].join("|"), "giu");
    this.#seq = seq;
  }

  /** In time linear in the text's length. */
  parse(text: string): Token[] {
    const tokens: Token[] = [];
    const closers = { "**": new Closers(text, "**"), "~~": new Closers(text, "~~") };
    let end = 0;
    const upTo = (index: number) => {
      if (index > end) tokens.push({ type: "text", text: text.slice(end, index) });
    };
    for (let match, at = 0; (match = this.#from(text, at)); at = Math.max(at, end)) {
      const { index, 0: { length }, groups = {} } = match;
      at = index + length;
      const mark = groups["pair"] as keyof typeof closers | undefined;
      const closer = mark && closers[mark].after(at);
      const [token, used = length] = !mark
        ? this.#token(groups)
        : closer === undefined
        ? []
        : [this.#pair(mark, text.slice(at, closer)), closer + mark.length - index];
      if (!token) continue;
      upTo(index);
      tokens.push(token);
      end = index + used;
    }
    upTo(text.length);
    return tokens;
  }

  /**
   * Sets the pattern's position for each match, since a token's children are parsed with it in
   * between.
   */
  #from(text: string, at: number): RegExpExecArray | null {
    this.#pattern.lastIndex = at;
    return this.#pattern.exec(text);
  }

  #pair(mark: "**" | "~~", inside: string): Token {
    return { type: mark === "**" ? "strong" : "strike", children: this.parse(inside) };
  }

  /** What matched, if it is something, and how much of the match where it is not all. */
  #token(groups: Readonly<Record<string, string>>): [token: Token | undefined, used?: number] {
    const { code, label, target, link, www, em, seq, mention, own } = groups;
    if (code) return [{ type: "code", text: code }];
    if (label && target) return [namedLink(label, target)];
    if (link || www) return addressLink(link ?? www!, link ? "" : "https://");
    if (em) return [{ type: "em", children: this.parse(em) }];
    if (seq && Number(seq) < this.#seq) {
      return [{ type: "message", text: `#${seq}`, seq: Number(seq) }];
    }
    const name = own ?? mention;
    return [name ? { type: "mention", text: name, own: own !== undefined } : undefined];
  }
}

/** Finds where a mark is closed in a text. No part of the text is searched twice without success. */
class Closers {
  readonly #text: string;
  readonly #mark: string;
  /** There is none before this index, from the last search on. */
  #noneBefore = 0;

  constructor(text: string, mark: string) {
    this.#text = text;
    this.#mark = mark;
  }

  /** The first mark on the line that closes non-empty content beginning at `start`. */
  after(start: number): number | undefined {
    if (start < this.#noneBefore) return undefined;
    const next = this.#mark === "**" ? /(?<=\S)\*\*|\n/g : /(?<=\S)~~|\n/g;
    next.lastIndex = start + 1;
    const found = next.exec(this.#text);
    if (found?.[0] === this.#mark) return found.index;
    this.#noneBefore = found?.index ?? this.#text.length;
    return undefined;
  }
}

/** `[text](address)`: who reads it sees where it leads, whatever the text pretends. */
function namedLink(label: string, target: string): Token | undefined {
  const host = hostOf(target);
  if (!host || label.trim() === "") return undefined;
  const isPlain = label === host || label === target;
  return { type: "link", text: label, href: target, ...(!isPlain && { host }) };
}

function addressLink(address: string, scheme: string): [token: Token | undefined, used?: number] {
  const text = trimmed(address);
  const href = scheme + text;
  const host = hostOf(href);
  // `www.` needs two parts more to be an address.
  if (!host || (scheme && !/^www\.[^.]+\.[^.]/i.test(host))) return [undefined];
  return [{ type: "link", text, href }, text.length];
}

/** The host of an address as a browser understands it, or whom a mail goes to; empty if it has none. */
function hostOf(address: string): string {
  const parsed = URL.parse(address);
  if (!parsed) return "";
  return parsed.protocol === "mailto:" ? parsed.pathname : parsed.host;
}

/**
 * The address without trailing punctuation that belongs to the sentence, and without closing brackets
 * that were opened before it.
 */
function trimmed(address: string): string {
  let end = address.length;
  const surplus = { ")": count(address, ")", "("), "]": count(address, "]", "[") };
  for (; end > 0; end--) {
    const last = address[end - 1]!;
    if (last === ")" || last === "]") {
      if (surplus[last]-- <= 0) break;
    } else if (!/[.,:;!?'*_~’”»。，、！？：；）】」』]/u.test(last)) break;
  }
  return address.slice(0, end);
}

function count(text: string, closing: string, opening: string): number {
  return text.split(closing).length - text.split(opening).length;
}
