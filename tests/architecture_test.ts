// The rooms of the project, and which may import from which. A line of a failure is one fault.
import { assert, assertEquals } from "@std/assert";
import { ROOMS, SHADOWS } from "./architecture/rooms.ts";
import { circles, crowded, insides, oneSided, shadows, wrongWay } from "./architecture/rules.ts";
import { browserGlobals, filesIn, program } from "./architecture/tree.ts";

const sources = await program();
const browser = await browserGlobals();
const server = Object.getOwnPropertyNames(globalThis);

Deno.test("the whole program is looked at", () => {
  const paths = sources.map(({ path }) => path);
  for (const { name, paths: own } of ROOMS) {
    assert(own.some((start) => paths.some((path) => path.startsWith(start))), name);
  }
  const imported = sources.flatMap(({ imports }) => imports.filter(({ own }) => own));
  const missing = imported.filter(({ to }) => to.endsWith(".ts") && !paths.includes(to));
  assertEquals(missing, []);
  assert(imported.length > paths.length);
});

Deno.test("no module imports itself by way of others", () => {
  assertEquals(circles(sources), []);
});

Deno.test("imports point one way, from the doors to the model, and never from lib/ to static/", () => {
  assertEquals(wrongWay(sources, ROOMS), []);
});

Deno.test("a folder with a face is reached through it", () => {
  assertEquals(insides(sources), []);
});

Deno.test("a folder has a dozen files at most", async () => {
  assertEquals(crowded(await filesIn("lib/", "static/", "tests/")), []);
});

Deno.test("what runs on both sides uses what both sides have", () => {
  assertEquals(oneSided(sources, ROOMS, { browser, server }), []);
});

Deno.test("no declaration hides a global", () => {
  assertEquals(shadows(sources, [...browser, ...server], SHADOWS), []);
});

Deno.test("main.ts loads only the check of the runtime before it has passed", () => {
  const main = sources.find(({ path }) => path === "main.ts")!;
  const checked = "lib/base/runtime.ts";
  assertEquals(main.imports.filter(({ dynamic }) => !dynamic).map(({ to }) => to), [checked]);
  assertEquals(sources.find(({ path }) => path === checked)!.imports, []);
});
