// The standard library comes without types (lib/base/std.d.ts has ours). Whoever can reach JSR changes
// the import map, and nothing else: so the code is checked against upstream's types here, in a copy.
import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { filesIn } from "./architecture/tree.ts";

const UPSTREAM: Readonly<Record<string, string>> = {
  "@std/assert": "./tests/standard_library/assert.d.ts",
  "@std/cli/parse-args": "./tests/standard_library/parse_args.d.ts",
  "@std/http/etag": "./tests/standard_library/etag.d.ts",
  "@std/http/negotiation": "./tests/standard_library/negotiation.d.ts",
};

/** What upstream's types refuse: each line that does not import has an error. */
const REFUSED = `
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { parseArgs } from "@std/cli/parse-args";
import { eTag, ifNoneMatch } from "@std/http/etag";
import { acceptsEncodings } from "@std/http/negotiation";
await eTag(new Uint8Array(new SharedArrayBuffer(1)));
await eTag(new Uint8Array(1) as Uint8Array);
ifNoneMatch(undefined, "tag");
const encoding: "br" = acceptsEncodings(new Request("http://localhost"), "br", "gzip");
acceptsEncodings({ header: new Headers() }, "br");
assertEquals<number>(1, "1");
const name: string = assertThrows(() => {}).name;
assertRejects(() => 1);
assertThrows(() => {}, RangeError).cause.cause;
parseArgs([], { boolean: ["help"] }).help === "yes";
parseArgs([] as string[], { boolean: ["help"] as string[], string: ["_"] as string[], negatable: ["help"] as string[] }).help === true;
parseArgs([1]);
`.trim().split("\n");

Deno.test("our types of the standard library refuse what upstream's refuse, and the code checks with both", async () => {
  await using tree = await copy();
  await tree.write("refused.ts", REFUSED.join("\n"));
  const wrong = REFUSED.flatMap((line, i) => line.startsWith("import") ? [] : [i + 1]);

  const imports: Record<string, string> = Object.assign({}, ...Object.values(config.scopes));
  await tree.write("deno.json", JSON.stringify({ ...config, imports }));
  assertEquals(linesOf(await tree.check(["refused.ts"])), wrong, "ours");

  const scopes = Object.fromEntries(
    Object.entries(config.scopes).map(([path, names]) => [path, upstreams(names)]),
  );
  const compilerOptions = { ...config.compilerOptions, types: [] };
  const strict = { ...config, imports: upstreams(imports), scopes, compilerOptions };
  await tree.write("deno.json", JSON.stringify(strict));
  await tree.remove("lib/base/std.d.ts");
  assertEquals(linesOf(await tree.check(["refused.ts"])), wrong, "upstream's");

  const users = await tree.using(/from "@std\//);
  assert(users.includes("lib/cli/flags/parse.ts") && users.length > 50, users.join("\n"));
  assertEquals(await tree.check(users), "");
});

/** The same names, those of the standard library with upstream's types. */
function upstreams(names: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(names);
  return Object.fromEntries(entries.map(([name, target]) => [name, UPSTREAM[name] ?? target]));
}

/** A copy of the modules, until disposed. */
async function copy() {
  const dir = await Deno.makeTempDir();
  const modules = ["main.ts", ...await filesIn("lib/", "static/", "tests/")]
    .filter((path) => /\.(ts|json)$/.test(path));
  for (const path of modules) {
    await Deno.mkdir(`${dir}/${path.replace(/[^/]*$/, "")}`, { recursive: true });
    await Deno.copyFile(new URL(`../${path}`, import.meta.url), `${dir}/${path}`);
  }
  return {
    write: (path: string, text: string) => Deno.writeTextFile(`${dir}/${path}`, text),
    remove: (path: string) => Deno.remove(`${dir}/${path}`),
    /** What `deno check` says against these files; empty where all is well. */
    async check(paths: readonly string[]): Promise<string> {
      const { code, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "--quiet", ...paths],
        cwd: dir,
        env: { NO_COLOR: "1" },
      }).output();
      const text = new TextDecoder().decode(stderr);
      assertEquals(code === 0, text === "", text);
      return text;
    },
    /** The modules that match. */
    async using(pattern: RegExp): Promise<string[]> {
      const found = [];
      for (const path of modules.filter((path) => !path.endsWith(".d.ts"))) {
        const text = await Deno.readTextFile(`${dir}/${path}`);
        if (pattern.test(text)) found.push(path);
      }
      return found;
    },
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }),
  };
}

/** The lines that errors are about. */
function linesOf(errors: string): number[] {
  const lines = [...errors.matchAll(/refused\.ts:(\d+):/g)].map((match) => Number(match[1]));
  return [...new Set(lines)].toSorted((a, b) => a - b);
}
