import { clean } from "../../../model/text.ts";
import type { Key, KeyName } from "./keys.ts";
import { graphemes, graphemeWidth } from "./width.ts";

const HISTORY_AT_MOST = 500;

/** What a row of the terminal shows of the line, and the column of the cursor in it. */
export interface View {
  readonly text: string;
  readonly cursor: number;
}

/**
 * One line being edited, as in readline: what is pressed goes in, what is to be shown comes out. Pure:
 * knows no terminal. Its characters are what people see as one, however many code points that takes.
 */
export class Editor {
  #chars: string[] = [];
  /** The cursor stands before the character of this index. */
  #at = 0;
  /** The first character shown, where the line is longer than the row. */
  #start = 0;
  readonly #history: string[] = [];
  /** Where in the history we are; its length: at the line that is being written. */
  #past = 0;
  #written = "";

  get text(): string {
    return this.#chars.join("");
  }

  /** What stands before the cursor. */
  get before(): string {
    return this.#chars.slice(0, this.#at).join("");
  }

  /** Puts a text in the place of so many characters (UTF-16 units) before the cursor. */
  replaceBefore(length: number, text: string): void {
    const { before } = this;
    const after = this.#chars.slice(this.#at).join("");
    const kept = before.slice(0, before.length - length);
    this.#chars = graphemes(kept + after);
    this.#at = graphemes(kept).length;
    this.#insert(text);
  }

  /** Edits. Returns the line when it is entered, and begins a new one. */
  press(key: Key): string | undefined {
    if (key.type === "text") this.#insert(key.text);
    else if (key.name === "enter") return this.#enter();
    else this.#edits[key.name]?.();
    return undefined;
  }

  /** What to show in so many columns, with the cursor in them: a window that moves no more than it must. */
  view(columns: number): View {
    const shown = this.#chars.map(visible);
    const ends = [0]; // where each character ends, from the beginning of the line
    for (const char of shown) ends.push(ends.at(-1)! + graphemeWidth(char));
    const width = (from: number, to: number) => ends[to]! - ends[from]!;

    this.#start = Math.min(this.#start, this.#at);
    // One column stays free for a cursor at the end.
    while (width(this.#start, this.#at) > columns - 1) this.#start++;
    // What was deleted leaves room for what is further left.
    while (this.#start > 0 && width(this.#start - 1, shown.length) <= columns - 1) this.#start--;
    let end = this.#start;
    while (end < shown.length && width(this.#start, end + 1) <= columns) end++;
    return {
      text: shown.slice(this.#start, end).join(""),
      cursor: width(this.#start, this.#at),
    };
  }

  readonly #edits: Partial<Record<KeyName, () => void>> = {
    "left": () => this.#at = Math.max(0, this.#at - 1),
    "right": () => this.#at = Math.min(this.#chars.length, this.#at + 1),
    "home": () => this.#at = 0,
    "end": () => this.#at = this.#chars.length,
    "word left": () => this.#at = this.#wordStart(),
    "word right": () => this.#at = this.#wordEnd(),
    "backspace": () => this.#remove(this.#at - 1, this.#at),
    "delete": () => this.#remove(this.#at, this.#at + 1),
    "rub before": () => this.#remove(0, this.#at),
    "rub after": () => this.#remove(this.#at, this.#chars.length),
    "rub word": () => this.#remove(this.#wordStart(), this.#at),
    "swap": () => this.#swap(),
    "previous": () => this.#recall(this.#past - 1),
    "next": () => this.#recall(this.#past + 1),
  };

  #insert(text: string): void {
    // Segmented anew as a whole: a combining mark joins the character before it.
    const before = this.before + clean(text);
    this.#chars = graphemes(before + this.#chars.slice(this.#at).join(""));
    this.#at = graphemes(before).length;
  }

  #enter(): string {
    const line = this.text;
    if (line.trim() !== "" && line !== this.#history.at(-1)) this.#history.push(line);
    if (this.#history.length > HISTORY_AT_MOST) this.#history.shift();
    this.#past = this.#history.length;
    this.#replace("");
    return line;
  }

  #remove(from: number, to: number): void {
    if (from < 0) return;
    this.#chars = graphemes(this.#chars.toSpliced(from, to - from).join(""));
    this.#at = Math.min(from, this.#chars.length);
  }

  /** The two characters around the cursor, or at the end the last two. */
  #swap(): void {
    const at = Math.min(this.#at, this.#chars.length - 1);
    if (at < 1) return;
    this.#chars = this.#chars.toSpliced(at - 1, 2, this.#chars[at]!, this.#chars[at - 1]!);
    this.#at = at + 1;
  }

  #wordStart(): number {
    let at = this.#at;
    while (at > 0 && isSpace(this.#chars[at - 1])) at--;
    while (at > 0 && !isSpace(this.#chars[at - 1])) at--;
    return at;
  }

  #wordEnd(): number {
    let at = this.#at;
    while (at < this.#chars.length && isSpace(this.#chars[at])) at++;
    while (at < this.#chars.length && !isSpace(this.#chars[at])) at++;
    return at;
  }

  #recall(past: number): void {
    if (past < 0 || past > this.#history.length) return;
    if (this.#past === this.#history.length) this.#written = this.text;
    this.#past = past;
    this.#replace(this.#history[past] ?? this.#written);
  }

  #replace(text: string): void {
    this.#chars = graphemes(text);
    this.#at = this.#chars.length;
    this.#start = 0;
  }
}

function isSpace(char: string | undefined): boolean {
  return char !== undefined && /^\s/u.test(char);
}

/** Line feeds and tabs take a column, and move nothing. */
function visible(char: string): string {
  if (char === "\n" || char === "\r\n") return "⏎";
  return char === "\t" ? " " : char;
}
