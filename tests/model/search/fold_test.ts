import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { fold } from "../../../lib/model/search/fold.ts";

Deno.test("all forms of a letter are one: case, accents, and how it is composed", () => {
  const same = [
    ["café", "CAFE", "cafe\u0301", "Cafè"],
    ["Straße", "strasse", "STRAẞE"],
    ["İstanbul", "istanbul", "ıstanbul"],
    ["ΆΝΘΡΩΠΟΣ", "άνθρωπος", "ανθρωπος"],
    ["ёлка", "елка", "ЁЛКА"],
    ["Øyvind", "oyvind"],
    ["Łódź", "lodz"],
    ["Tiếng Việt", "tieng viet"],
    ["שָׁלוֹם", "שלום"],
    ["مَرْحَبًا", "مرحبا"],
    ["ﬁn", "fin"],
    ["Ærø", "aero"],
    ["ǼǾ", "ÆØ", "aeo"],
  ];
  for (const forms of same) assertEquals(new Set(forms.map(fold)).size, 1, forms.join());
});

Deno.test("marks that make another letter stay", () => {
  for (const text of ["がか", "안녕", "ไทย", "हिन्दी", "日本", "🎉👍🏽", "100%"]) {
    assertEquals(fold(text), text);
  }
  assertEquals(fold("が") === fold("か"), false);
});

Deno.test("folding twice is folding once, whatever the character", () => {
  for (let code = 0; code <= 0x10ffff; code++) {
    const folded = fold(String.fromCodePoint(code));
    if (fold(folded) !== folded) throw new Error(`U+${code.toString(16)}: ${folded}`);
  }
});

Deno.test("law: folding twice is folding once, and a part of a text is a part of the folded text", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(fc.property(text, (text) => assertEquals(fold(fold(text)), fold(text))));
  fc.assert(fc.property(text, text, text, (a, b, c) => {
    // Grapheme by grapheme: half of one is nothing that somebody would search for.
    if (fold(a) + fold(b) + fold(c) === fold(a + b + c)) {
      assertEquals(fold(a + b + c).includes(fold(b)), true);
    }
  }));
});
