import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  guestName,
  isReserved,
  nameKey,
  nextFree,
  parseName,
  printable,
} from "../../lib/model/names.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { countCharacters } from "../../lib/model/text.ts";

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

Deno.test("no letter makes two names of one by its case or its form", () => {
  for (let code = 0; code < 0x20000; code++) {
    const letter = String.fromCodePoint(code);
    if (!/\p{L}/u.test(letter)) continue;
    const key = nameKey(letter);
    const forms = [letter.toUpperCase(), letter.toLowerCase(), letter.normalize("NFD"), key];
    assert(forms.every((form) => nameKey(form) === key), `U+${code.toString(16)} ${letter}`);
  }
  assertEquals(nameKey("Straße"), nameKey("STRASSE"));
  assertEquals(nameKey("ΟΔΟΣ"), nameKey("οδος"));
  assert(nameKey("ann") !== nameKey("anne"));
});

Deno.test("nobody can pass for the server, whatever the capitals", () => {
  for (const name of ["server", "Server", "SYSTEM", "ｏｐｅｒａｔｏｒ", "Admin", "root", "guest"]) {
    assert(isReserved(name), name);
  }
  for (const name of ["ann", "servers", "guest-a2b3"]) assert(!isReserved(name), name);
});

Deno.test("a name that is taken gets the first number that is free, and stays a name", () => {
  assertEquals(nextFree("ann", () => false), "ann");
  const taken = new Set(["ann", "ann2", "ann3", "x".repeat(32), "👋".repeat(32)]);
  const isTaken = (name: string) => taken.has(name);
  assertEquals(nextFree("ann", isTaken), "ann4");
  assertEquals(nextFree("x".repeat(32), isTaken), "x".repeat(31) + "2");
  assertEquals(nextFree("👋".repeat(32), isTaken), "👋".repeat(31) + "2");
  const crowd = new Set<string>();
  for (let n = 0; n < 120; n++) crowd.add(nextFree(`${"y".repeat(29)} zz`, (n) => crowd.has(n)));
  assertEquals(crowd.size, 120);
  for (const name of crowd) assertEquals(parseName(name), name);
});

Deno.test("a guest's name is one, and cannot be misread", () => {
  const names = Array.from({ length: 200 }, guestName);
  for (const name of names) {
    assertMatch(name, /^guest-[a-hjkmnp-z2-9]{4}$/);
    assertEquals(parseName(name), name);
  }
  assert(new Set(names).size > 190);
});

Deno.test("a name from elsewhere is one line on a terminal", () => {
  assertEquals(printable("a\nb\tc\x1b[31md\r"), "a b cd");
});
