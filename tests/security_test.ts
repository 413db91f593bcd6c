// lib/SECURITY.md names a test for each threat: one that was renamed or dropped must be noticed.

import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);

/** A row of one of its tables. */
interface Row {
  readonly threat: string;
  readonly answer: string;
  /** As `path` "name". */
  readonly tests: string;
}

const document = await Deno.readTextFile(new URL("lib/SECURITY.md", ROOT));
const rows: readonly Row[] = [...document.matchAll(/^\| (.+?) +\| (.+?) +\| (`tests\/.+?) +\|$/gm)]
  .map(([, threat, answer, tests]) => ({ threat: threat!, answer: answer!, tests: tests! }));

Deno.test("each threat has an answer and a test, and each of these tests is there", async () => {
  assert(rows.length >= 40, `only ${rows.length} rows were read`);
  const missing: string[] = [];
  for (const { threat, tests } of rows) {
    const named = [...tests.matchAll(/`(tests\/[\w/]+_test\.ts)` "([^"]+)"/g)];
    const rest = tests.replaceAll(/`tests\/[\w/]+_test\.ts` "[^"]+"/g, "");
    assertEquals(rest.replaceAll("; ", ""), "", `${threat}: cannot read its tests`);
    for (const [, path, name] of named) {
      const source = await Deno.readTextFile(new URL(path!, ROOT)).catch(() => "");
      if (!hasTest(source, name!)) missing.push(`${threat}: ${path} "${name}"`);
    }
  }
  assertEquals(missing, []);
});

Deno.test("a test that has another name is noticed", () => {
  const source =
    'Deno.test("one", () => {});\nDeno.test(`${it}: two`, () => {});\n  name: "three",\n' +
    '  "four": async (stage) => {';
  for (const name of ["one", "…: two", "three", "four"]) assert(hasTest(source, name), name);
  for (const name of ["on", "one ", "two", "ne", "it", "…: tw", "five"]) {
    assert(!hasTest(source, name), name);
  }
});

Deno.test("no row of lib/SECURITY.md is without a test", () => {
  const lines = document.split("\n").filter((line) => line.startsWith("| "));
  const others = lines.filter((line) => !/^\| (threat|-+) /.test(line));
  assertEquals(others.length, rows.length);
});

/** Whether a test of this name is declared; `…` stands for what a template puts there. */
function hasTest(source: string, name: string): boolean {
  const pattern = name.split("…").map(RegExp.escape).join("[^`]*");
  const quoted = name.includes("…") ? `\`${pattern}\`` : `"${pattern}"`;
  return new RegExp(`(?:Deno\\.test\\(\\s*|^\\s*name: |^  (?=\\S+.*: async ))${quoted}`, "m")
    .test(source);
}
