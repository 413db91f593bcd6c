import { assertEquals, assertThrows } from "@std/assert";
import { SourceMap, stripTypeScriptTypes } from "node:module";
import { joinModules } from "../lib/join.ts";

function join(modules: Readonly<Record<string, string>>) {
  return joinModules("app.ts", (name) => modules[name]!);
}

/** Runs it as a browser would; the modules push what they have to tell. */
async function run({ text }: { text: string }): Promise<unknown[]> {
  const told = `const told = [];\n${text}\nexport { told };`;
  return (await import(`data:text/javascript,${encodeURIComponent(told)}`)).told;
}

Deno.test("each module runs once, after what it imports, with names of its own", async () => {
  const app = `import { b } from "./b.ts";
import {
  a as other,
  type A,
  TWO,
} from "./a.ts";

export interface Unused {}
const a: A = "app";
told.push(a, other(), new b().name, TWO);
`;
  const joined = join({
    "app.ts": stripTypeScriptTypes(app),
    "a.ts": `import { b } from "./b.ts";
told.push("a", b.name);
export function a() { return "a"; }
export const TWO = 2;
export async function unused() {}
`,
    "b.ts": `told.push("b");\nexport class b {\n  name = "b";\n}\n`,
  });
  assertEquals(await run(joined), ["b", "a", "b", "app", "a", "b", 2]);
});

Deno.test("comments are left out where they have lines of their own, and nowhere else", async () => {
  const joined = join({
    "app.ts": `// one
/* two */ told.push(1); /* three */
/**
 * four */
told.push("// five"); // six
  /* seven
  // eight */
told.push(2);
`,
  });
  assertEquals(await run(joined), [1, "// five", 2]);
  assertEquals(joined.text.match(/one|two|three|four|five|six|seven|eight/g), [
    "two",
    "three",
    "five",
    "six",
  ]);
});

Deno.test("every line is known by the module and the line that it comes from", () => {
  const modules: Readonly<Record<string, string>> = {
    "app.ts": `// A comment.\nimport { a } from "./a.ts";\nimport { b } from "./b.ts";\n\na(b);\n`,
    "a.ts": `import {\n  b,\n} from "./b.ts";\n${"\n".repeat(40)}export const a = (x) => x + b;\n`,
    "b.ts": "export const b = 1;\n",
  };
  const joined = join(modules);
  const map = new SourceMap(JSON.parse(joined.map));
  const shown = joined.text.split("\n").map((line, i) => {
    const { originalSource, originalLine } = map.findEntry(i, 0) as {
      originalSource?: string;
      originalLine?: number;
    };
    return { line, source: originalSource, number: originalLine };
  });
  const expected = ["b.ts", "a.ts", "app.ts"].flatMap((source) =>
    modules[source]!.trimEnd().split("\n").map((_, number) => [source, number])
  );
  const mapped = shown.filter(({ source }) => source !== undefined);
  assertEquals(mapped.map(({ source, number }) => [source, number]), expected);
  const last = (source: string) => mapped.findLast((line) => line.source === source)?.line;
  assertEquals(["b.ts", "a.ts", "app.ts"].map(last), [
    "const b = 1;",
    "const a = (x) => x + b;",
    "a(b);",
  ]);
});

Deno.test("what could not be joined is named, and never sent", () => {
  const refused = [
    `import a from "./a.ts";`,
    `import { a } from "a";`,
    `import "./a.ts";`,
    `import("./a.ts");`,
    `export default 1;`,
    `export let a = 1;`,
    `export { a };`,
    `export * from "./a.ts";`,
  ];
  for (const line of refused) {
    assertThrows(() => join({ "app.ts": `1;\n${line}\n` }), SyntaxError, `app.ts: "${line}"`);
  }
});

Deno.test("modules that import each other in a circle are an error, which shows the circle", () => {
  const circle = {
    "app.ts": `import { a } from "./a.ts";`,
    "a.ts": `import { b } from "./b.ts";\nexport const a = 1;`,
    "b.ts": `import { a } from "./a.ts";\nexport const b = a;`,
  };
  assertThrows(() => join(circle), SyntaxError, "app.ts, a.ts, b.ts, a.ts");
});
