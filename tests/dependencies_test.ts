// A start fetches what it needs, and what it fetches is what was locked.
import { assert, assertEquals } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { modulesIn } from "./architecture/tree.ts";

/** Of a scope of the import map, the packages with their versions, as a lock file names them. */
function packages(scope: keyof typeof config.scopes): string[] {
  const targets = Object.values(config.scopes[scope]);
  return [...new Set(targets.map((target) => /^npm:(@[^/]+\/)?[^/]+/.exec(target)![0]))].toSorted();
}

Deno.test("no package stands at the top of the import map, whence every task would fetch it", () => {
  const imports = "imports" in config ? Object.values(config.imports as object) : [];
  assertEquals(imports.filter((target) => !String(target).startsWith("./")), []);
  assertEquals(config.lock, false); // each task names its own
});

/** The packages that a lock file beside this one holds, or in the folder above. */
async function locked(file: string): Promise<string[]> {
  const { specifiers } = JSON.parse(await Deno.readTextFile(new URL(file, import.meta.url)));
  return Object.keys(specifiers).toSorted();
}

Deno.test("deno.lock holds the packages of lib/ and static/ and no others, each in one version", async () => {
  const started = [...packages("./lib/"), ...packages("./static/")].toSorted();
  assertEquals(await locked("../deno.lock"), started);
  const all = [...new Set([...started, ...packages("./tests/")])].toSorted();
  assertEquals(await locked("deno.lock"), all);
});

Deno.test("each package that is imported is in the scope of its folder, and none besides", async () => {
  for (const folder of ["lib/", "static/", "tests/"] as const) {
    const names = (await modulesIn(folder)).flatMap(({ imports }) =>
      imports.filter(({ own, to }) => !own && /^[@a-z]/.test(to) && !to.startsWith("node:"))
    ).map(({ to }) => to);
    assertEquals(
      [...new Set(names)].toSorted(),
      Object.keys(config.scopes[`./${folder}`]).toSorted(),
    );
  }
});

Deno.test("each task that runs the program is held to deno.lock, the tests to theirs", () => {
  for (const [name, { command }] of Object.entries(config.tasks)) {
    if (command.includes(" main.ts ")) assert(command.includes(" --lock=deno.lock "), name);
  }
  assert(config.tasks.test.command.includes(" --lock=tests/deno.lock "));
  assert(config.tasks.ok.command.includes("deno check --lock=tests/deno.lock"));
});
