import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { Editor } from "../../lib/cli/chat/line/editor.ts";
import { type Key, KeyDecoder, type KeyName } from "../../lib/cli/chat/line/keys.ts";
import { LineScreen } from "../../lib/cli/chat/line/screen.ts";
import { graphemes, width } from "../../lib/cli/chat/line/width.ts";

const utf8 = new TextEncoder();

function key(name: KeyName): Key {
  return { type: "key", name };
}

function typed(text: string): Key {
  return { type: "text", text };
}

/** The bytes of a terminal, all at once. */
function decode(text: string): Key[] {
  return new KeyDecoder().push(utf8.encode(text));
}

/** What is in the line after those bytes, with `|` where the cursor is. */
function edit(...bytes: string[]): string {
  const editor = new Editor();
  for (const key of decode(bytes.join(""))) editor.press(key);
  const { cursor } = editor.view(1000);
  let column = 0;
  const before = graphemes(editor.text).filter((char) => (column += width(char)) <= cursor);
  return `${before.join("")}|${editor.text.slice(before.join("").length)}`;
}

const [LEFT, RIGHT, UP, DOWN] = ["\x1b[D", "\x1b[C", "\x1b[A", "\x1b[B"] as const;
const [CTRL_A, CTRL_E, CTRL_K, CTRL_T, CTRL_U, CTRL_W] = [
  "\x01",
  "\x05",
  "\x0b",
  "\x14",
  "\x15",
  "\x17",
] as const;
const BACKSPACE = "\x7f";
const DELETE = "\x1b[3~";

Deno.test("keys edit the line as in a shell", () => {
  const table: [string, string][] = [
    ["abc", "abc|"],
    ["abc" + LEFT, "ab|c"],
    ["abc" + LEFT + LEFT + LEFT + LEFT + "x", "x|abc"],
    ["abc" + RIGHT, "abc|"],
    ["abc" + LEFT + BACKSPACE, "a|c"],
    ["abc" + CTRL_A + BACKSPACE, "|abc"],
    ["abc" + CTRL_A + DELETE, "|bc"],
    ["abc" + DELETE, "abc|"],
    ["abc" + CTRL_A + RIGHT + CTRL_K, "a|"],
    ["abc def" + LEFT + CTRL_U, "|f"],
    ["abc def  " + CTRL_W, "abc |"],
    ["abc def" + CTRL_W + CTRL_W + CTRL_W, "|"],
    ["abc" + CTRL_A + CTRL_E + "d", "abcd|"],
    ["ab" + CTRL_T, "ba|"],
    ["abc" + LEFT + LEFT + CTRL_T, "ba|c"],
    ["a" + CTRL_T, "a|"],
    ["one two" + "\x1bb", "one |two"],
    ["one two" + CTRL_A + "\x1bf", "one| two"],
    ["one two" + "\x1b[1;5D" + "\x1b[1;5D", "|one two"],
    ["one two" + "\x1b[H" + "x" + "\x1b[F" + "y", "xone twoy|"],
    ["世界" + LEFT + "x", "世x|界"],
    ["世界" + BACKSPACE, "世|"],
    ["a👩‍👩‍👧b" + LEFT + BACKSPACE, "a|b"],
    ["e\u0301x" + LEFT + BACKSPACE, "|x"],
  ];
  for (const [bytes, expected] of table) assertEquals(edit(bytes), expected, JSON.stringify(bytes));
});

Deno.test("the history is recalled, and the line being written comes back", () => {
  const editor = new Editor();
  const lines = decode("one\rtwo\rtwo\r \r").map((key) => editor.press(key));
  assertEquals(lines.filter((line) => line !== undefined), ["one", "two", "two", " "]);
  const press = (bytes: string) => {
    for (const key of decode(bytes)) editor.press(key);
    return editor.text;
  };
  assertEquals(press("new" + UP), "two");
  assertEquals(press(UP), "one", "the same line twice is once in the history, a blank one never");
  assertEquals(press(UP), "one");
  assertEquals(press(DOWN + DOWN), "new");
  assertEquals(press(DOWN), "new");
});

Deno.test("a paste is text, line feeds and all, without control characters", () => {
  assertEquals(decode("\x1b[200~a\r\nb\rc\x1b[31m\x03\x1b[201~d"), [
    typed("a\nb\nc\x1b[31m\x03"),
    typed("d"),
  ]);
  const editor = new Editor();
  editor.press(typed("a\nb\x1b[31m\x03c"));
  assertEquals(editor.text, "a\nbc");
  assertEquals(editor.view(20).text, "a⏎bc");
});

Deno.test("keys nobody knows do nothing, and hide nothing", () => {
  assertEquals(decode("a\x1b[5~\x1b[24~\x1bOP\x00\x1bxb"), [typed("a"), typed("b")]);
});

Deno.test("any split of the bytes gives the same keys", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      LEFT,
      UP,
      DELETE,
      BACKSPACE,
      "\r",
      "\x03",
      "\x1b[1;5C",
      "\x1b[200~p\rq\x1b[201~",
    ),
    fc.string({ unit: "grapheme", minLength: 1 }).map((text) => text.replace(/\p{Cc}/gu, "x")),
  );
  /** Texts next to each other are one text: where the bytes are cut, a text may be too. */
  const joined = (keys: Key[]) =>
    keys.reduce<Key[]>((all, key) => {
      const last = all.at(-1);
      if (key.type !== "text" || last?.type !== "text") return [...all, key];
      return [...all.slice(0, -1), typed(last.text + key.text)];
    }, []);
  fc.assert(fc.property(fc.array(piece), fc.array(fc.nat(4)), (pieces, cuts) => {
    const bytes = utf8.encode(pieces.join(""));
    const decoder = new KeyDecoder();
    const keys: Key[] = [];
    for (let at = 0; at < bytes.length;) {
      const length = 1 + (cuts.shift() ?? 1000);
      keys.push(...decoder.push(bytes.subarray(at, at + length)));
      at += length;
    }
    assertEquals(joined(keys), joined(decode(pieces.join(""))));
  }));
});

const NAMES: KeyName[] = [
  "backspace",
  "delete",
  "end",
  "home",
  "left",
  "next",
  "previous",
  "right",
  "rub after",
  "rub before",
  "rub word",
  "swap",
  "word left",
  "word right",
  "enter",
];
const anyKey: fc.Arbitrary<Key> = fc.oneof(
  fc.constantFrom(...NAMES).map(key),
  fc.string({ unit: "grapheme", maxLength: 20 }).map(typed),
  fc.constantFrom("世界", "👩‍👩‍👧", "🇩🇪", "e\u0301", "\u0301", "\n", "\t").map(typed),
);

Deno.test("whatever is pressed, the row fits and the cursor is in it", () => {
  const columns = fc.integer({ min: 2, max: 30 });
  fc.assert(fc.property(fc.array(fc.tuple(anyKey, columns)), (presses) => {
    const editor = new Editor();
    for (const [key, columns] of presses) {
      editor.press(key);
      const { text, cursor } = editor.view(columns);
      assertLessOrEqual(width(text), columns);
      assert(cursor >= 0 && cursor <= columns - 1, `column ${cursor} of ${columns}`);
      assert(!/\p{Cc}/u.test(text), "nothing moves the cursor");
    }
  }));
});

Deno.test("the window moves no more than it must", () => {
  const editor = new Editor();
  editor.press(typed("0123456789abcdef"));
  assertEquals(editor.view(10), { text: "789abcdef", cursor: 9 });
  editor.press(key("left"));
  editor.press(key("left"));
  assertEquals(editor.view(10), { text: "789abcdef", cursor: 7 });
  editor.press(key("home"));
  assertEquals(editor.view(10), { text: "0123456789", cursor: 0 });
  editor.press(key("end"));
  editor.press(key("rub word"));
  assertEquals(editor.view(10), { text: "", cursor: 0 });
});

Deno.test("columns are counted as terminals draw them", () => {
  const table: [string, number][] = [
    ["abc", 3],
    ["世界", 4],
    ["ｱ", 1],
    ["Ａ", 2],
    ["e\u0301", 1],
    ["\u0301", 0],
    ["😀", 2],
    ["👩‍👩‍👧", 2],
    ["🇩🇪", 2],
    ["❤️", 2],
    ["❤", 1],
    ["\u200b", 0],
  ];
  for (const [text, columns] of table) assertEquals(width(text), columns, text);
});

/** A terminal that knows what Screen uses: CR, LF, erase to the end, cursor right. */
class FakeTerminal {
  readonly rows = [""];
  column = 0;
  writes = 0;
  width = 20;

  columns(): number {
    return this.width;
  }

  write(text: string): void {
    this.writes++;
    // deno-lint-ignore no-control-regex
    for (const [piece] of text.matchAll(/\x1b\[(\d*)([A-Z])|\r|\n|[^\x1b\r\n]/gu)) {
      const row = this.rows.at(-1)!;
      if (piece === "\r") this.column = 0;
      else if (piece === "\n") this.rows.push("");
      else if (piece === "\x1b[J") this.rows[this.rows.length - 1] = row.slice(0, this.column);
      else if (piece.endsWith("C")) this.column += Number(piece.slice(2, -1));
      else {
        this.rows[this.rows.length - 1] = row.slice(0, this.column) + piece;
        this.column++;
      }
    }
  }
}

Deno.test("messages are printed above the line being edited, each change in one write", () => {
  const terminal = new FakeTerminal();
  const editor = new Editor();
  const screen = new LineScreen(terminal, editor, { colour: false });
  screen.draw("ann> ");
  editor.press(typed("hello"));
  editor.press(key("left"));
  screen.draw();
  assertEquals([terminal.rows, terminal.column], [["ann> hello"], 9]);
  const before = terminal.writes;
  screen.print(["one", "two"]);
  assertEquals(terminal.writes, before + 1);
  assertEquals([terminal.rows, terminal.column], [["one", "two", "ann> hello"], 9]);
  terminal.width = 8;
  screen.draw();
  assertEquals(terminal.rows.at(-1), "> hello", "where the prompt takes too much, it is short");
  screen.print([]);
  assertEquals(terminal.rows.length, 3);
  screen[Symbol.dispose]();
  assertEquals(terminal.rows, ["one", "two", ""], "it leaves nothing behind");
  screen.draw("ann> ");
  screen.print(["three"]);
  assertEquals(terminal.rows, ["one", "two", "three", ""], "and draws nothing any more");
});
