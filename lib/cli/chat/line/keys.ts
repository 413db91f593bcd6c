/** What was pressed, or pasted. */
export type Key =
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "key"; readonly name: KeyName };

export type KeyName =
  | "backspace"
  | "complete"
  | "delete"
  | "end"
  | "end of input"
  | "enter"
  | "home"
  | "interrupt"
  | "left"
  | "next"
  | "previous"
  | "redraw"
  | "right"
  | "rub after"
  | "rub before"
  | "rub word"
  | "swap"
  | "word left"
  | "word right";

/** As in readline, and so in every shell. */
const CONTROLS: Readonly<Record<string, KeyName>> = {
  "\x01": "home", // Ctrl-A
  "\x02": "left", // Ctrl-B
  "\x03": "interrupt", // Ctrl-C
  "\x04": "end of input", // Ctrl-D
  "\x05": "end", // Ctrl-E
  "\x06": "right", // Ctrl-F
  "\x08": "backspace", // Ctrl-H
  "\t": "complete",
  "\n": "enter",
  "\x0b": "rub after", // Ctrl-K
  "\x0c": "redraw", // Ctrl-L
  "\r": "enter",
  "\x0e": "next", // Ctrl-N
  "\x10": "previous", // Ctrl-P
  "\x14": "swap", // Ctrl-T
  "\x15": "rub before", // Ctrl-U
  "\x17": "rub word", // Ctrl-W
  "\x7f": "backspace",
};

/** What follows ESC; `1;5` and `1;3` are Ctrl and Alt as xterm says them. */
const SEQUENCES: Readonly<Record<string, KeyName>> = {
  "[A": "previous",
  "OA": "previous",
  "[B": "next",
  "OB": "next",
  "[C": "right",
  "OC": "right",
  "[D": "left",
  "OD": "left",
  "[H": "home",
  "OH": "home",
  "[1~": "home",
  "[7~": "home",
  "[F": "end",
  "OF": "end",
  "[4~": "end",
  "[8~": "end",
  "[3~": "delete",
  "[1;5C": "word right",
  "[1;3C": "word right",
  "f": "word right",
  "[1;5D": "word left",
  "[1;3D": "word left",
  "b": "word left",
  "\x7f": "rub word",
};

const PASTE_BEGIN = "\x1b[200~";
const PASTE_END = "\x1b[201~";
/** One escape sequence, or what is a key and one after ESC. */
// deno-lint-ignore no-control-regex
const ESCAPE = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[^[O])/s;
/** What may still become one. */
// deno-lint-ignore no-control-regex
const ESCAPE_BEGUN = /^\x1b(?:\[[0-?]*[ -/]*|O)?$/;

/** Bytes of a terminal in raw mode to keys, wherever the bytes were cut. A lone Escape does nothing. */
export class KeyDecoder {
  readonly #utf8 = new TextDecoder();
  #rest = "";

  push(bytes: Uint8Array): Key[] {
    this.#rest += this.#utf8.decode(bytes, { stream: true });
    const keys: Key[] = [];
    while (this.#rest !== "") {
      const length = this.#take(keys);
      if (length === 0) break; // the rest has yet to come
      this.#rest = this.#rest.slice(length);
    }
    return keys;
  }

  /** Reads one key, or what stands for none, off the front, and returns how much that was. */
  #take(keys: Key[]): number {
    const rest = this.#rest;
    if (rest.startsWith(PASTE_BEGIN)) {
      const end = rest.indexOf(PASTE_END);
      if (end === -1) return 0;
      const text = rest.slice(PASTE_BEGIN.length, end).replace(/\r\n?/g, "\n");
      keys.push({ type: "text", text });
      return end + PASTE_END.length;
    }
    if (rest.startsWith("\x1b")) {
      if (ESCAPE_BEGUN.test(rest)) return 0;
      const sequence = ESCAPE.exec(rest)?.[0] ?? "\x1b";
      const name = SEQUENCES[sequence.slice(1)];
      if (name) keys.push({ type: "key", name });
      return sequence.length;
    }
    const name = CONTROLS[rest[0]!];
    if (name) {
      keys.push({ type: "key", name });
      return 1;
    }
    // deno-lint-ignore no-control-regex
    const text = /^[^\x00-\x1f\x7f]+/.exec(rest)?.[0];
    if (text === undefined) return 1; // a control character without a meaning
    keys.push({ type: "text", text });
    return text.length;
  }
}
