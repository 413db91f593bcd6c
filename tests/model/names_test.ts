import { assert, assertEquals, assertMatch } from "@std/assert";
import { guestName, nextFree, printable } from "../../lib/model/names.ts";
import { parseName } from "../../lib/names/mod.ts";

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
