// The rules on small trees that were made up, so that each is seen to fail.
import { assertEquals } from "@std/assert";
import type { Room } from "./rooms.ts";
import { circles, crowded, insides, oneSided, shadows, wrongWay } from "./rules.ts";
import { parseSource, type Source } from "./source.ts";

/** Modules by path. */
function tree(modules: Record<string, string>): Source[] {
  return Object.entries(modules).map(([path, text]) => parseSource(path, text));
}

const ROOMS: Room[] = [
  { name: "base", paths: ["lib/base/"], mayImport: [] },
  { name: "model", paths: ["lib/model/"], mayImport: ["base"], bothSides: true },
  { name: "server", paths: ["lib/server.ts"], mayImport: ["model"], files: ["lib/base/one.ts"] },
  { name: "static", paths: ["static/"], mayImport: ["model", "base"] },
];

Deno.test("a module's imports are found in every form, and its names with their lines", () => {
  const source = parseSource(
    "lib/model/a.ts",
    `import type { A } from "./a1.ts";
     import one, { two as three } from "../base/a2.ts";
     export * from "./a3.ts";
     export { four } from "./a4.ts";
     const { five, six: [seven] } = await import("./a5.ts");
     type Eight = import("./a6.ts").T | typeof import("./a7.ts");
     import "npm:a8"; import "node:a9";
     await import(one + ".ts");
     export class Nine { status = five.name; static [three]() { return { ten, eleven: twelve }; } }
     declare global { interface Window {} }
     export default function thirteen(print: A, { close: stop = find }: Eight) { print; stop; }
     export const local = 1; export { local as fourteen };`,
  );
  assertEquals(source.imports, [
    { to: "lib/model/a1.ts", line: 1, own: true, dynamic: false },
    { to: "lib/base/a2.ts", line: 2, own: true, dynamic: false },
    { to: "lib/model/a3.ts", line: 3, own: true, dynamic: false },
    { to: "lib/model/a4.ts", line: 4, own: true, dynamic: false },
    { to: "lib/model/a5.ts", line: 5, own: true, dynamic: true },
    { to: "lib/model/a6.ts", line: 6, own: true, dynamic: false },
    { to: "lib/model/a7.ts", line: 6, own: true, dynamic: false },
    { to: "npm:a8", line: 7, own: false, dynamic: false },
    { to: "node:a9", line: 7, own: false, dynamic: false },
    { to: "(computed)", line: 8, own: false, dynamic: true },
  ]);
  assertEquals(source.declared.map(({ name, line }) => `${line} ${name}`), [
    "2 one",
    "2 three",
    "5 five",
    "5 seven",
    "6 Eight",
    "9 Nine",
    "11 thirteen",
    "12 local",
  ]);
  assertEquals([...new Set(source.free.map(({ name }) => name))], ["ten", "twelve", "find"]);
});

Deno.test("a circle is found, also one through a type, a re-export or a dynamic import", () => {
  const found = circles(tree({
    "lib/model/a.ts": `import { b } from "./b.ts"; import "./d.ts";`,
    "lib/model/b.ts": `export * from "./c.ts";`,
    "lib/model/c.ts": `type A = import("./a.ts").A;`,
    "lib/model/d.ts": `await import("./e.ts");`,
    "lib/model/e.ts": `import type { D } from "./d.ts";`,
    "lib/model/f.ts": `import "./f.ts";`,
    "lib/model/g.ts": `import "./a.ts"; import "./missing.ts";`,
  }));
  assertEquals(found, [
    "a circle: lib/model/a.ts → lib/model/b.ts → lib/model/c.ts → lib/model/a.ts",
    "a circle: lib/model/d.ts → lib/model/e.ts → lib/model/d.ts",
    "a circle: lib/model/f.ts → lib/model/f.ts",
  ]);
  assertEquals(
    circles(tree({ "a.ts": `import "./b.ts"; import "./c.ts";`, "b.ts": `import "./c.ts";` })),
    [],
  );
});

Deno.test("an import against the direction is found, and what is in no room", () => {
  const found = wrongWay(
    tree({
      "lib/base/one.ts": `import type { M } from "../model/m.ts";`,
      "lib/base/two.ts": `await import("../../static/app.ts");`,
      "lib/model/m.ts": `import "../base/one.ts";\nawait import("../ba" + "se/one.ts");`,
      "lib/server.ts": `import "./model/m.ts"; import "./base/one.ts"; import "./base/two.ts";`,
      "lib/other/x.ts": ``,
      "static/app.ts": `import "../lib/model/m.ts"; import "./b.ts"; import "../lib/server.ts";`,
      "static/b.ts":
        `import config from "../deno.json" with { type: "json" }; import "../main.ts";`,
    }),
    ROOMS,
  );
  assertEquals(found, [
    "lib/base/one.ts:1: imports lib/model/m.ts; base may import nothing",
    "lib/base/two.ts:1: lib/ imports static/app.ts of static/",
    "lib/model/m.ts:2: imports what cannot be known",
    "lib/server.ts:1: imports lib/base/two.ts; server may import model",
    "lib/other/x.ts: is in no room",
    "static/app.ts:1: imports lib/server.ts; static may import model, base",
    "static/b.ts:1: imports main.ts; static may import model, base",
  ]);
});

Deno.test("a reach into a folder that has a face is found", () => {
  const found = insides(tree({
    "lib/client/mod.ts": `export * from "./client.ts";`,
    "lib/client/client.ts": `import "./carriers/tcp.ts";`,
    "lib/client/carriers/tcp.ts": `import "../client.ts";`,
    "lib/clients.ts": ``,
    "lib/cli/chat.ts":
      `import "../client/mod.ts";\nimport type { T } from "../client/carriers/tcp.ts";`,
    "lib/cli/flags/mod.ts": ``,
    "lib/cli/flags/flag.ts": ``,
    "static/app.ts": `import "../lib/clients.ts"; import "../lib/cli/flags/flag.ts";`,
  }));
  assertEquals(found, [
    "lib/cli/chat.ts:2: imports lib/client/carriers/tcp.ts; take lib/client/mod.ts",
    "static/app.ts:1: imports lib/cli/flags/flag.ts; take lib/cli/flags/mod.ts",
  ]);
});

Deno.test("a folder with more than a dozen files is found, whatever lies in folders below", () => {
  const files = (folder: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${folder}${i}.css`);
  assertEquals(crowded([...files("lib/", 12), ...files("lib/a/", 12), ...files("tests/", 13)]), [
    "tests/: has 13 files",
  ]);
});

Deno.test("what only one side has is found in all that runs on both", () => {
  const found = oneSided(
    tree({
      "lib/base/used.ts": `export const now = () => Deno.pid;`,
      "lib/base/types.ts": `export type T = Deno.Conn;`,
      "lib/base/other.ts": `Deno.exit();`,
      "lib/model/m.ts":
        `import "../base/used.ts"; import "node:os";\nfetch(location.href, { body: window });`,
      "lib/model/n.ts":
        `type E = HTMLElement; function f(document: string) { return document.length; }`,
      "lib/model/o.ts": `const of = (x: { Deno: number; window(): void }) => x.Deno; of.process;`,
      "lib/server.ts": `import "./base/other.ts"; Deno.exit();`,
      "static/app.ts": `import type { T } from "../lib/base/types.ts"; document.title;`,
    }),
    ROOMS,
    {
      browser: ["document", "window", "fetch", "HTMLElement", "location"],
      server: ["fetch", "location"],
    },
  );
  assertEquals(found, [
    "lib/model/m.ts:1: runs on both sides and imports node:os",
    "lib/model/m.ts:2: runs on both sides and uses location",
    "lib/model/m.ts:2: runs on both sides and uses window",
    "lib/base/used.ts:1: runs on both sides and uses Deno",
    "lib/model/n.ts:1: runs on both sides and uses HTMLElement",
    "lib/base/types.ts:1: runs on both sides and uses Deno",
  ]);
});

Deno.test("a declaration that hides a global is found, and an exception that is not needed", () => {
  const sources = tree({
    "lib/model/m.ts":
      `import { find as print, close } from "./n.ts"; interface Range {}\nfunction open() { const name = 1; return { name, status: close }; }`,
    "lib/model/n.ts": `export const find = 1, close = 2; export class Mine { static focus() {} }`,
  });
  const globals = ["find", "print", "close", "Range", "open", "name", "status", "focus"];
  const excepted = { "lib/model/n.ts find": "since it finds", "lib/model/n.ts gone": "long ago" };
  assertEquals(shadows(sources, globals, excepted), [
    "lib/model/m.ts:1: print hides the global",
    "lib/model/m.ts:1: Range hides the global",
    "lib/model/m.ts:2: open hides the global",
    "lib/model/n.ts:1: close hides the global",
    "lib/model/n.ts gone: is excepted and is not there",
  ]);
});
