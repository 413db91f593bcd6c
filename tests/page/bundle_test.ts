import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { type Bundle, bundlePage, importsOf } from "../../lib/page/bundle.ts";
import { load, withFolder } from "./folder.ts";

/** The texts of what is bundled, by name. */
function bundled(files: Readonly<Record<string, string>> = {}): Promise<Map<string, string>> {
  return withFolder(files, async (folder) => {
    const made = await bundlePage(folder);
    return new Map(made.map(([name, bytes]) => [name, new TextDecoder().decode(bytes)]));
  });
}

function refusal(files: Readonly<Record<string, string>>, bundle?: Bundle): Promise<StartupError> {
  return withFolder(
    files,
    (folder) => assertRejects(() => bundlePage(folder, bundle), StartupError),
  );
}

Deno.test("each entry becomes one file with all that it imports, and a source map beside it", async () => {
  const files = await bundled({
    "app.ts":
      'import { b } from "./b/b.ts";\nimport { c } from "../lib/c.ts";\nconsole.log(b, c);\n',
    "b/b.ts": 'export const b: string = "from b";\n',
    "../lib/c.ts": 'export const c = "from c";\nexport const unused = "not used";\n',
    "page.css": '@import "./b/b.css";\np { color: red }\n',
    "b/b.css": "q { color: blue }\n",
    "alone.ts": 'console.log("alone");\n',
  });
  assertEquals([...files.keys()].sort(), [
    "app.js",
    "app.js.map",
    "early.js",
    "early.js.map",
    "later.css",
    "later.css.map",
    "page.css",
    "page.css.map",
    "sw.js",
    "sw.js.map",
  ]);
  assertMatch(files.get("app.js")!, /from b[^]*from c[^]*\n\/\/# sourceMappingURL=app\.js\.map\n$/);
  assertMatch(files.get("page.css")!, /^q\{[^]*p\{[^]*sourceMappingURL=page\.css\.map \*\/\n$/);
  assert(!files.values().some((text) => /alone|not used/.test(text) && !text.startsWith("{")));
});

Deno.test("what is imported when it is needed is a file of its own, and what it shares is told early", async () => {
  const made = await withFolder({
    "app.ts":
      'import { b } from "./b.ts";\nb();\nonclick = async () => (await import("./late.ts")).late();\n',
    "b.ts": 'export const b = () => console.log("from b");\n',
    "late.ts": 'import { b } from "./b.ts";\nexport const late = () => { b(); alert("late"); };\n',
    "early.ts": 'import { b } from "./b.ts";\nb();\n',
  }, bundlePage);
  const text = (start: RegExp) =>
    made.filter(([name]) => start.test(name) && name.endsWith(".js"))
      .map(([, bytes]) => new TextDecoder().decode(bytes)).join();
  assertMatch(text(/^late-/), /alert/);
  assert(!text(/^app/).includes("alert"));
  assertMatch(text(/^app/), /import\("\.\/late-\w+\.js"\)/);
  // A classic script has all in itself.
  assertMatch(text(/^early/), /from b/);
  assert(!/\bimport\b/.test(text(/^early/)));
  const [shared, ...others] = importsOf("app.js", made);
  assertEquals(others, []);
  assertMatch(text(new RegExp(`^${shared!}`)), /from b/);
  const assets = await load({
    "index.html": "<head>{{ preload }}</head>",
    "app.ts": 'import "./b.ts";\nonclick = () => import("./late.ts");\n',
    "b.ts": "export const b = () => console.log(b);\nb();\n",
    "late.ts": 'export { b } from "./b.ts";\n',
  });
  assertMatch(
    assets.template("en"),
    /^<head>(<link rel="modulepreload" href="\{\{ base \}\}[\w-]+\.js">)+<\/head>$/,
  );
  assertEquals(
    (await load({ "index.html": "<head>{{ preload }}</head>" })).template("en"),
    "<head></head>",
  );
});

Deno.test("a browser's tools show each module by its path in the project, and its source as it was", async () => {
  const app = 'import { c } from "../lib/c.ts";\nconst n: number = c;\nconsole.log(n);\n';
  const files = await bundled({ "app.ts": app, "../lib/c.ts": "export const c = Date.now();\n" });
  const map = JSON.parse(files.get("app.js.map")!);
  assertEquals(map.sources, ["lib/c.ts", "static/app.ts"]);
  assertEquals(map.sourcesContent[1], app);
  assertEquals(JSON.parse(files.get("page.css.map")!).sources, ["static/page.css"]);
});

Deno.test("the same page is the same files, wherever it lies", async () => {
  assertEquals(await bundled(), await bundled());
});

Deno.test("a bundler that cannot be had is one line that says what to do", async () => {
  const cause = new Error("Failed loading https://registry.npmjs.org/x\n    at somewhere");
  const error = await refusal({}, () => Promise.reject(cause));
  assertEquals(
    error.message,
    "cannot bundle the page: Failed loading https://registry.npmjs.org/x; " +
      "the bundler comes from the npm registry, which the first start must be able to reach",
  );
  assertEquals(error.cause, cause);
});

Deno.test("a module that cannot be bundled is told in one line, by its file and place", async () => {
  const cases: [files: Record<string, string>, line: RegExp][] = [
    [{ "app.ts": "\nconst a: = 1;\n" }, /^static\/app\.ts:2: SyntaxError: Unexpected token `=`/],
    [
      { "app.ts": 'import "./b.ts";\n' },
      /^static\/app\.ts:1: Module not found "static\/b\.ts"\.$/,
    ],
    [
      { "app.ts": 'import { b } from "./b.ts";\nb;\n', "b.ts": "export const c = 1;\n" },
      /^static\/app\.ts:1: No matching export in ".*static\/b\.ts" for import "b"$/,
    ],
    [
      { "page.css": '\n@import "./b.css";\n' },
      /^static\/page\.css:2: Import 'static\/b\.css' failed/,
    ],
  ];
  for (const [files, line] of cases) {
    const { message } = await refusal(files);
    const [, told = ""] = /^cannot bundle the page: (.*)$/.exec(message) ?? [];
    assertMatch(told, line, message);
  }
});
