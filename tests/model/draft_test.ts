import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseId, parseText } from "../../lib/model/draft.ts";
import { LIMITS } from "../../lib/model/message.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { countCharacters } from "../../lib/model/text.ts";

function refusal(action: () => unknown): string {
  const { code, message } = assertThrows(action, Refusal);
  return `${code}: ${message}`;
}

Deno.test("a text is stored cleaned, and otherwise as it was written", () => {
  assertEquals(parseText("hi"), "hi");
  assertEquals(parseText("  two\n\tlines  "), "  two\n\tlines  ");
  assertEquals(parseText("\x1b[31mred\x1b[0m\r\n"), "red\n");
});

Deno.test("a text has 4,000 characters, whatever they weigh, and one more is too long", () => {
  for (const letter of ["x", "é", "漢", "👋"]) {
    assertEquals(parseText(letter.repeat(4000)), letter.repeat(4000));
    assertEquals(
      refusal(() => parseText(letter.repeat(4001))),
      "too_long: the text has 4001 characters; at most 4000 are accepted",
    );
  }
  assertEquals(
    refusal(() => parseText("x".repeat(9000))),
    "too_long: the text has 9000 characters; at most 4000 are accepted",
  );
});

Deno.test("halves of surrogate pairs do not get a text past the limit", () => {
  assertEquals(
    refusal(() => parseText("\ud83da".repeat(2001))),
    "too_long: the text has 4002 characters; at most 4000 are accepted",
  );
});

Deno.test("whatever is accepted is within the limits", () => {
  const unit = fc.constantFrom("\ud83d", "\ude00", "a", "👋", "\x1b", "[", " ");
  fc.assert(
    fc.property(fc.string({ unit, minLength: 3900, maxLength: 8200, size: "max" }), (raw) => {
      let text;
      try {
        text = parseText(raw);
      } catch {
        return;
      }
      assertEquals(
        countCharacters(text) <= LIMITS.text && text.trim() !== "" && text.isWellFormed(),
        true,
      );
    }),
    { numRuns: 50 },
  );
});

Deno.test("what is no text, or nothing to read, is refused", () => {
  for (const raw of [undefined, null, 7, {}, ["hi"]]) {
    assertEquals(refusal(() => parseText(raw)), 'bad_request: "text" must be a string');
  }
  for (const raw of ["", " \n\t", "\x00\x07", "\x1b[31m \x1b[0m"]) {
    assertEquals(refusal(() => parseText(raw)), "bad_request: the text is empty");
  }
});

Deno.test("an id is 1 to 64 printable ASCII characters, or left out", () => {
  for (const id of ["c", "a b", "~".repeat(64)]) assertEquals(parseId(id), id);
  for (const none of [undefined, null]) assertEquals(parseId(none), undefined);
  for (const raw of ["", "~".repeat(65), "é", "a\n", "\x7f", 7, {}]) {
    assertEquals(
      refusal(() => parseId(raw)),
      'bad_request: "id" must be 1 to 64 printable ASCII characters',
    );
  }
});
