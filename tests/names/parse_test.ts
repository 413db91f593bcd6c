import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import { parseStoredName, printable } from "../../lib/model/names.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { countCharacters } from "../../lib/model/text.ts";
import { nameOrNone, parseName } from "../../lib/names/mod.ts";

Deno.test("a name is trimmed, its spaces single, its characters NFKC-normalised", () => {
  assertEquals(parseName("ann"), "ann");
  assertEquals(parseName(" ann \t of\u3000york "), "ann of york");
  assertEquals(parseName("ａｎｎ①"), "ann1");
  assertEquals(parseName("A\u030angstro\u0308m"), "Ångström");
  assertEquals(parseName("👋".repeat(32)), "👋".repeat(32));
});

Deno.test("what is no name is refused with what was wrong and what is accepted", () => {
  const wanted = "; wanted 1 to 32 visible characters";
  const cases: [unknown, string][] = [
    [undefined, "must be text"],
    [7, "must be text"],
    ["", "is empty"],
    [" \n", "is empty"],
    ["x".repeat(33), "has 33 characters"],
    ["ﷺ".repeat(2), "has 36 characters"],
    ["a\x00b", "has a control or invisible character"],
    ["a\x1b[31mb", "has a control or invisible character"],
    ["a\u200bb", "has a control or invisible character"],
    ["a\u202eb", "has a control or invisible character"],
    ["\u3164", "has a control or invisible character"],
    ["a\u2800", "has a control or invisible character"],
    ["a\ufe0f", "has a control or invisible character"],
    ["a\ue000", "has a control or invisible character"],
    ["a\ud83d", "has a control or invisible character"],
  ];
  for (const [raw, what] of cases) {
    const { code, message } = assertThrows(() => parseName(raw), Refusal);
    assertEquals([code, message], ["bad_request", `the name ${what}${wanted}`]);
  }
});

Deno.test("a name that was accepted is accepted again, unchanged", () => {
  const unit = fc.nat(0x10ffff).map((code) => String.fromCodePoint(code % 0x3000, code));
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 5 }), (units) => {
      const raw = units.join("");
      let name;
      try {
        name = parseName(raw);
      } catch (error) {
        assert(error instanceof Refusal);
        return;
      }
      assertEquals(parseName(name), name);
      assert(countCharacters(name) >= 1 && countCharacters(name) <= 32);
      assertEquals(printable(name), name);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("names of all scripts, with the marks and joiners that they need, are names", () => {
  const names = [
    ...["Смирнов", "अनुराधा", "क्षत्रिय", "क्\u200dष", "สมชาย", "น้ำฝน", "محمد", "مُحَمَّد", "علی\u200cرضا"],
    ...["שָׁלוֹם", "Nguyễn Thị", "Yorùbá ẹ̀", "മലയാളം", "မြန်မာ", "ខ្មែរ", "བོད་ཡིག", "ක්\u200dරිස්", "Ελένη"],
    ...[
      "李小龙",
      "한국어",
      "ノリコ",
      "O'Brien",
      "Jean-Luc",
      "C# dev",
      "Ann (she)",
      "[bot]",
      "-ann-",
      "<b>",
    ],
    ...["👩\u200d💻 ann", "❤\ufe0f", "👨\u200d👩\u200d👧\u200d👦", "🇩🇪", "👋🏽", "1\ufe0f⃣ one"],
  ];
  for (const name of names) assertEquals(parseName(name), name.normalize("NFKC"));
});

Deno.test("marks that hide or deface a name are refused", () => {
  const cases: [string, string][] = [
    ["a\u034fnn", "has a control or invisible character"],
    ["a\u200dnn", "has a control or invisible character"],
    ["a\u200cnn", "has a control or invisible character"],
    ["ann\u200d", "has a control or invisible character"],
    ["👩\u200d", "has a control or invisible character"],
    ["ann\u{e0061}", "has a control or invisible character"],
    ["ann\u00ad", "has a control or invisible character"],
    ["ann\u{1d159}", "has a control or invisible character"],
    ["a\u0300\u0316\u0327\u0330nn", "has too many marks on one letter"],
    ["an\u0301\u0301", "has too many marks on one letter"],
    ["ก็็็็", "has too many marks on one letter"],
    ["\u0301ann", "has a mark that does not belong to its letter"],
    ["ann \u0301", "has a mark that does not belong to its letter"],
    ["anna\u0489", "has a mark that does not belong to its letter"],
    ["ann\u0903 yes", "has a mark that does not belong to its letter"],
  ];
  for (const [raw, what] of cases) {
    const { message } = assertThrows(() => parseName(raw), Refusal);
    assert(message.startsWith(`the name ${what}; wanted `), `${JSON.stringify(raw)}: ${message}`);
  }
});

Deno.test("a name that reads like a line of the protocol is refused, and was one once", () => {
  const cases: [string, string][] = [
    ["ann: yes, I agree", "has a colon"],
    ["ann\ua789 yes", "has a colon"],
    ["ann\u02d0 yes", "has a colon"],
    ["ann：yes", "has a colon"],
    ["[12:01] #46 bob: hi", "has a colon"],
    ["[12.01] bob", "begins with"],
    ["* the server", "begins with"],
    ["\u2217 the server", "begins with"],
    ["! rate limited", "begins with"],
    ["# messages", "begins with"],
    ["#42", "begins with"],
    ["-- restarted", "begins with"],
    ["\u2014 restarted", "begins with"],
    ["/me", "begins with"],
    ["\u2044me", "begins with"],
    ["| more", "begins with"],
    ["ann edited #42", "has the number of a message"],
    ["ann ＃ 42", "has the number of a message"],
  ];
  for (const [raw, what] of cases) {
    const { code, message } = assertThrows(() => parseName(raw), Refusal);
    assertEquals(code, "bad_request");
    assert(message.startsWith(`the name ${what}`), `${raw}: ${message}`);
    assertMatch(message, /; wanted a /);
    assertEquals(parseStoredName(raw), raw.normalize("NFKC"));
  }
});

Deno.test("a name of old that is one no more is none", () => {
  assertEquals(nameOrNone(" Ann "), "Ann");
  for (const raw of [undefined, null, "", "ann: yes", "Adm1n"]) {
    assertEquals(nameOrNone(raw), undefined);
  }
});
