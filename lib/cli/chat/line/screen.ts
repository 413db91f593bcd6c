import type { Editor } from "./editor.ts";
import { paint } from "../lines.ts";
import { width } from "./width.ts";

/** What a screen is drawn on. */
export interface Tty {
  /** In one piece: nothing comes between. */
  write(text: string): void;
  columns(): number;
}

/** To the first column, and everything from there on is blank. */
const CLEAR = "\r\x1b[J";

/**
 * The last row of a terminal is the line being edited; everything else is printed above it. Each
 * change is one write, so the two never mix.
 */
export class LineScreen implements Disposable {
  readonly #terminal: Tty;
  readonly #editor: Editor;
  readonly #colour: boolean;
  #prompt = "> ";
  #closed = false;

  constructor(terminal: Tty, editor: Editor, options: { readonly colour: boolean }) {
    this.#terminal = terminal;
    this.#editor = editor;
    this.#colour = options.colour;
  }

  /** Prints lines above the line being edited. */
  print(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#terminal.write(CLEAR + lines.map((line) => line + "\r\n").join("") + this.#row());
  }

  /** Draws the line being edited anew, with this before it. */
  draw(prompt = this.#prompt): void {
    this.#prompt = prompt;
    this.#terminal.write(CLEAR + this.#row());
  }

  /** Takes the line being edited away, for good; what is printed then is only printed. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#terminal.write(CLEAR);
  }

  #row(): string {
    if (this.#closed) return "";
    // The last column stays free: what is written there makes some terminals go to the next row.
    const columns = this.#terminal.columns() - 1;
    const prompt = width(this.#prompt) * 2 > columns ? "> " : this.#prompt;
    const before = width(prompt);
    const { text, cursor } = this.#editor.view(Math.max(2, columns - before));
    const shown = this.#colour ? paint("2", prompt) : prompt;
    const column = before + cursor;
    return `${shown}${text}\r${column > 0 ? `\x1b[${column}C` : ""}`;
  }
}
