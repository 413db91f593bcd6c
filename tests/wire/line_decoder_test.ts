import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { type DecodedLine, LineDecoder } from "../../lib/wire/line_decoder.ts";

const LIMIT = 8;

function decode(pieces: Iterable<Uint8Array>): DecodedLine[] {
  const decoder = new LineDecoder(LIMIT);
  const lines = [...pieces].flatMap((piece) => decoder.push(piece));
  const last = decoder.end();
  return last ? [...lines, last] : lines;
}

/** What a decoder makes of the bytes one by one: a text for a line, else why there is none. */
function oneByOne(bytes: Uint8Array): string[] {
  return decode(Array.from(bytes, (byte) => Uint8Array.of(byte)))
    .map((line) => line.type === "line" ? line.text : `<${line.type}>`);
}

const utf8 = (text: string) => new TextEncoder().encode(text);

Deno.test("a line ends with LF or CRLF, and the last one with the input", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["a", ["a"]],
    ["a\n", ["a"]],
    ["a\r\nb\nc", ["a", "b", "c"]],
    ["\n\r\n", ["", ""]],
    ["a\rb\r\r\n", ["a\rb\r"]],
    ["a\r", ["a"]],
    ["\r", [""]],
  ];
  for (const [text, lines] of cases) assertEquals(oneByOne(utf8(text)), lines);
});

Deno.test("a line has as many bytes as the limit, its end not counted; a longer one is skipped", () => {
  const cases: [string, string[]][] = [
    ["12345678\n", ["12345678"]],
    ["12345678\r\n", ["12345678"]],
    ["12345678", ["12345678"]],
    ["12345678\r", ["12345678"]],
    ["123456789\nok\n", ["<too_long>", "ok"]],
    ["123456789\r\nok\n", ["<too_long>", "ok"]],
    ["12345678\r\r\nok", ["<too_long>", "ok"]],
    ["x".repeat(1000) + "\nok\n", ["<too_long>", "ok"]],
    ["x".repeat(1000), ["<too_long>"]],
    ["漢漢é\n", ["漢漢é"]],
    ["漢漢漢\n", ["<too_long>"]],
  ];
  for (const [text, lines] of cases) assertEquals(oneByOne(utf8(text)), lines, text);
});

Deno.test("what is not UTF-8 is said for that line alone", () => {
  const bytes = Uint8Array.of(0xff, 10, 0xc3, 10, 0xa9, 10, ...utf8("é\n"), 0xed, 0xa0, 0x80);
  const refused = "<not_utf8>";
  assertEquals(oneByOne(bytes), [refused, refused, refused, "é", refused]);
});

Deno.test("a byte order mark is text as any other", () => {
  assertEquals(oneByOne(utf8("\ufeffa\n")), ["\ufeffa"]);
});

Deno.test("any split of the bytes gives the same lines", () => {
  const byte = fc.oneof(
    fc.constantFrom(...utf8("a漢é\r\n\n\n")),
    fc.constantFrom(0xff, 0x00),
  );
  const pieces = fc.array(fc.array(byte, { maxLength: 12 }), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, (pieces) => {
      const whole = Uint8Array.from(pieces.flat());
      assertEquals(decode(pieces.map((piece) => Uint8Array.from(piece))), decode([whole]));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("lines that were written are the lines that are read", () => {
  const line = fc.string({ unit: "grapheme", maxLength: 8 })
    .filter((text) => utf8(text).length <= LIMIT && !/[\r\n]/.test(text));
  fc.assert(fc.property(fc.array(line), fc.constantFrom("\n", "\r\n"), (lines, end) => {
    const read = oneByOne(utf8(lines.map((text) => text + end).join("")));
    assertEquals(read, lines);
  }));
});

Deno.test("the end of the input is told once, and the decoder goes on from there", () => {
  const decoder = new LineDecoder(LIMIT);
  assertEquals(decoder.push(utf8("too long by far")), []);
  assertEquals(decoder.end(), { type: "too_long" });
  assertEquals(decoder.end(), undefined);
  assertEquals(decoder.push(utf8("a\n")), [{ type: "line", text: "a" }]);
});
