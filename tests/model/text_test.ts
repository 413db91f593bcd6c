import { assertEquals, assertLess } from "@std/assert";
import fc from "fast-check";
import { clean, countCharacters } from "../../lib/model/text.ts";

/** Text made mostly of what clean() is about, so that sequences come about by chance. */
const nasty = fc.string({
  unit: fc.constantFrom(
    ..."\x1b\x9b\x9d\x90\x9c\x07[]()P\\0;m ~ab\t\n\r\x00\x7f\x85\u2028\u202e\u2066",
    "é",
    "漢",
    "👋",
    "\ud83d",
    "\ude00",
  ),
});

Deno.test("what people write is left alone, line feeds, tabs and emoji families included", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), (text) => {
    fc.pre(!/[\u2028\u2029]/.test(text)); // printable for some, but nothing that people write
    assertEquals(clean(text), text);
  }));
  for (const text of ["", "a\tb\nc", "👨‍👩‍👧‍👦 ❤️", "שלום עולם", "می‌خواهم", "'; --"]) {
    assertEquals(clean(text), text);
  }
});

Deno.test("escape sequences go as a whole, so that nothing of them is left to read", () => {
  const cases = {
    "\x1b[31mred\x1b[0m": "red",
    "\x1b[38;2;1;2;3mred\x1b[2J\x1b[1;1H": "red",
    "\x9b31mred": "red",
    "\x1b]0;title\x07text": "text",
    "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\": "link",
    "\x9d0;title\x9ctext": "text",
    "\x1bP+q544e\x1b\\text": "text",
    "\x1b_apc\x1b\\\x1b^pm\x1b\\\x1bXsos\x1b\\text": "text",
    "a\x1b]0;never closed": "a",
    "a\x1b]0;cut\x1b[31mred": "ared",
    "\x1b(0charset\x1b(B\x1bc\x1b#8": "charset",
    "end\x1b": "end",
    "end\x1b[": "end",
  };
  for (const [raw, text] of Object.entries(cases)) assertEquals(clean(raw), text);
});

Deno.test("control characters, line separators and bidi overrides go one by one", () => {
  assertEquals(clean("a\x00b\x07c\rd\x0b\x0ce\x7ff\x85g"), "abcdefg");
  assertEquals(clean("a\u2028b\u2029c\u202ad\u202ee\u2066f\u2069g"), "abcdefg");
});

Deno.test("half a surrogate pair becomes U+FFFD, also where cleaning left it alone", () => {
  assertEquals(clean("\ud83d"), "\ufffd");
  assertEquals(clean("a\ude00\x00\ud83d"), "a\ufffd\ufffd");
});

Deno.test("cleaning is idempotent, and leaves nothing that steers a terminal", () => {
  fc.assert(
    fc.property(nasty, (raw) => {
      const text = clean(raw);
      assertEquals(clean(text), text);
      assertEquals(/[^\x20-\x7e\t\n\xa0-\u2027\u2030-\u2065\u206a-\u{10ffff}]/u.test(text), false);
      assertEquals(text.isWellFormed(), true);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a text made to be slow to clean takes no longer than another", () => {
  // Backtracking would take 64,000² / 2 steps, that is seconds; a pass takes a millisecond.
  for (const unit of ["\x9d", "\x1b]", "\x1b[;", "\x1b ", "\x1bPa"]) {
    const start = performance.now();
    clean(unit.repeat(64_000) + "\x1b");
    assertLess(performance.now() - start, 500, JSON.stringify(unit));
  }
});

Deno.test("length counts code points, also of text that is not well-formed", () => {
  const unit = fc.constantFrom("\ud83d", "\ude00", "a", "é", "漢", "👋");
  fc.assert(fc.property(fc.string({ unit }), (text) => {
    assertEquals(countCharacters(text), [...text].length);
  }));
});
