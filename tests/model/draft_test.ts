import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type DraftContext,
  type DraftFields,
  fileIds,
  parseDraft,
  parseId,
  parseText,
} from "../../lib/model/draft.ts";
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

const AUTHOR = { sender: "s", from: "ann" };
const PHOTO = { id: "f1", name: "photo.png", type: "image/png", size: 12 };

/** The draft without its author. */
function draftOf(fields: unknown, context: Partial<DraftContext> = {}) {
  const { sender, from, ...draft } = parseDraft({ ...fields as DraftFields, ...AUTHOR }, {
    notBefore: 7,
    resolveFiles: (ids) => ids.map((id) => ({ ...PHOTO, id })),
    ...context,
  });
  assertEquals({ sender, from }, AUTHOR);
  return draft;
}

Deno.test("what changes a message is a draft of its kind", () => {
  assertEquals(draftOf({ text: "hi", id: "c-1" }), { text: "hi", id: "c-1" });
  assertEquals(draftOf({ type: "message", text: "hi", re: null, files: [] }), { text: "hi" });
  assertEquals(draftOf({ text: "ok", re: 42 }), { text: "ok", re: 42 });
  assertEquals(draftOf({ type: "edit", ref: 42, text: "hi\x07!", id: "c-2" }), {
    type: "edit",
    ref: 42,
    text: "hi!",
    id: "c-2",
    notBefore: 7,
  });
  assertEquals(draftOf({ type: "delete", ref: 1 }), { type: "delete", ref: 1 });
  assertEquals(draftOf({ type: "reaction", ref: 1, emoji: "👍", on: false }), {
    type: "reaction",
    ref: 1,
    emoji: "👍",
    on: false,
  });
});

Deno.test("missing files are refused at once where the message cannot have been stored before", () => {
  const why = new Refusal("not_found", "there is no file");
  const context = {
    resolveFiles() {
      throw why;
    },
  };
  const fields = { text: "", files: ["f1"] };
  assertThrows(() => draftOf(fields, context), Refusal, why.message);
  assertEquals(draftOf({ ...fields, id: "c-1" }, context), {
    text: "",
    id: "c-1",
    files: { ids: ["f1"], why },
  });
});

Deno.test("nobody gets a right by saying that they have it", () => {
  assertEquals(draftOf({ type: "delete", ref: 1, operator: true }), { type: "delete", ref: 1 });
  const edit = draftOf({ type: "edit", ref: 1, text: "x", notBefore: -1 });
  assertEquals("notBefore" in edit && edit.notBefore, 7);
});

Deno.test("a message with files needs no text, and has each file once, up to ten", () => {
  for (const text of [undefined, null, "", "  \n"]) {
    assertEquals(draftOf({ text, files: ["f1", "f1"] }), { text: "", files: [PHOTO] });
  }
  const ids = Array.from({ length: 10 }, (_, i) => `f${i}`);
  const draft = draftOf({ text: " two\n", files: ids });
  assertEquals("files" in draft && fileIds(draft.files), ids);
  assertEquals("text" in draft && draft.text, " two\n");
  const wanted =
    'bad_request: "files" must be a list of up to 10 ids, as POST /api/files gives them';
  for (
    const files of ["f1", {}, [7], [""], ["a b"], ["../x"], ["x".repeat(129)], [...ids, "f10"]]
  ) {
    assertEquals(refusal(() => draftOf({ text: "x", files })), wanted);
  }
  assertEquals(refusal(() => draftOf({ files: [] })), 'bad_request: "text" must be a string');
  assertEquals(
    refusal(() => draftOf({ text: 7, files: ["f1"] })),
    'bad_request: "text" must be a string',
  );
});

Deno.test("a message is told by a whole number from 1, and nothing else", () => {
  for (const raw of [undefined, null, 0, -1, 1.5, NaN, Infinity, 2 ** 53, "42", [42], {}]) {
    for (
      const fields of [
        { type: "edit", ref: raw, text: "x" },
        { type: "delete", ref: raw },
        { type: "reaction", ref: raw, emoji: "👍", on: true },
      ]
    ) {
      assertEquals(
        refusal(() => draftOf(fields)),
        'bad_request: "ref" must be the number of a message, a whole number from 1',
      );
    }
    if (raw === undefined || raw === null) continue;
    assertEquals(
      refusal(() => draftOf({ text: "x", re: raw })),
      'bad_request: "re" must be the number of a message, a whole number from 1',
    );
  }
});

Deno.test("an emoji is one of those that Unicode recommends for interchange, as it is spelled there", () => {
  const react = (emoji: unknown) => draftOf({ type: "reaction", ref: 1, emoji, on: true });
  for (const emoji of ["👍", "👍🏽", "❤️", "🇨🇭", "1️⃣", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]) {
    const draft = react(emoji);
    assertEquals("emoji" in draft && draft.emoji, emoji);
  }
  const family = "👨‍👩‍👧‍👦".repeat(10_000);
  for (
    const emoji of [
      undefined,
      "",
      "a",
      "1",
      "©",
      "❤",
      "👍 ",
      "👍👍",
      "👍\n",
      "🇨",
      ":+1:",
      "\ud83d",
      family,
      ["👍"],
    ]
  ) {
    assertEquals(refusal(() => react(emoji)), 'bad_request: "emoji" must be one emoji, as 👍');
  }
});

Deno.test("a reaction is on or off", () => {
  for (const on of [undefined, null, 1, "true"]) {
    assertEquals(
      refusal(() => draftOf({ type: "reaction", ref: 1, emoji: "👍", on })),
      'bad_request: "on" must be true, or false to take the emoji back',
    );
  }
});
