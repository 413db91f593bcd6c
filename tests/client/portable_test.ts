import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const MOD = new URL("lib/client/mod.ts", ROOT);

/** What a browser has and Deno has not, and the other way round. */
const FOREIGN =
  /\b(?:document|window|location|navigator|localStorage|sessionStorage|Deno|process)\b/;
/** A statement that Safari does not know yet, and the bundler does not translate. */
const TOO_NEW = /\b(?:await )?using \w+ =/;
const IMPORT = /^(?:import|export)\b[^;]*?\bfrom "([^"]+)";/gms;
const TYPES_ONLY = /^(?:import|export) type\b/;

/** The module and everything it imports, types left out, without comments. */
async function sources(url: URL, all = new Map<string, string>()): Promise<Map<string, string>> {
  if (all.has(url.href)) return all;
  const source = await Deno.readTextFile(url);
  all.set(url.href, source.replace(/\/\*.*?\*\/|\/\/[^\n]*/gs, ""));
  for (const [statement, specifier] of source.matchAll(IMPORT)) {
    if (!TYPES_ONLY.test(statement)) await sources(new URL(specifier!, url), all);
  }
  return all;
}

Deno.test("the client, with all that it imports, names nothing that only a browser or only Deno has", async () => {
  const all = await sources(MOD);
  assert(all.size > 20);
  for (const [href, source] of all) {
    assert(href.startsWith(new URL("lib/", ROOT).href), `${href} is not ours`);
    assertEquals(FOREIGN.exec(source)?.[0], undefined, href);
    assertEquals(TOO_NEW.exec(source)?.[0], undefined, href);
  }
});

/** What static/ uses of it: not the way over TCP, which a browser has not. */
const USED = "isChange, join, Messages, NotConnected, Refusal, TurnedAway";

Deno.test("what a page has to load of it stays small", async () => {
  const entry = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(entry, `export { ${USED} } from "${MOD}";`);
    const { outputFiles } = await Deno.bundle({
      entrypoints: [entry],
      platform: "browser",
      minify: true,
      write: false,
      outputDir: "/",
    });
    const bytes = outputFiles![0]!.contents!.length;
    // A tenth of it is for edits, deletes, reactions, files, and for showing what they change.
    assert(bytes < 38_000, `${bytes} bytes, minified`);
  } finally {
    await Deno.remove(entry);
  }
});
