import { assert, assertEquals } from "@std/assert";
import { STATUS } from "../../lib/model/refusal.ts";
import { STRINGS } from "../../lib/view/strings/all.ts";
import { commandsOf } from "../../lib/wire/commands.ts";

/** The files below a folder whose name ends so, in no order. */
function* filesBelow(folder: URL, ending: string): Generator<URL> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) yield* filesBelow(url, ending);
    else if (name.endsWith(ending)) yield url;
  }
}

/** Words in quotes, except those that something is compared with, or imported from. */
const QUOTED = /(?<!(?:[!=]==|case|from|type:) )"(\w+)"/g;
/** What stands in the template for the server to fill in. */
const MARKED = /\{\{ ?(\w+) ?\}\}/g;

function shownKeys(): Set<string> {
  const keys = new Set<string>();
  const gather = (url: URL, pattern: RegExp) => {
    for (const [, word] of Deno.readTextFileSync(url).matchAll(pattern)) keys.add(word!);
  };
  for (const room of ["static/", "lib/view/", "lib/page/"]) {
    for (const url of filesBelow(new URL(`../../${room}`, import.meta.url), ".ts")) {
      if (!url.pathname.includes("/strings/")) gather(url, QUOTED);
    }
  }
  gather(new URL("../../static/index.html", import.meta.url), MARKED);
  // Some keys are made of a word of the protocol: see `explain` of the composer and `Locale.reason`.
  for (const { name, args, operator } of commandsOf("page")) {
    const plain = `${name[0]!.toUpperCase()}${name.slice(1)}`;
    const word = operator && name === "topic" ? "SetTopic" : plain;
    keys.add(`cmd${word}`);
    if (args !== "") keys.add(`arg${word}`);
  }
  for (const code of Object.keys(STATUS)) keys.add(`error_${code}`);
  return keys;
}

Deno.test("every string is shown somewhere", () => {
  const shown = shownKeys();
  assertEquals(Object.keys(STRINGS.en).filter((key) => !shown.has(key)), []);
});

Deno.test("what is shown by the view is importable by both sides: no Deno, no node:, no document", () => {
  for (const url of filesBelow(new URL("../../lib/view/", import.meta.url), ".ts")) {
    const code = Deno.readTextFileSync(url).replace(/\/\*[^]*?\*\/|\/\/.*$/gm, "");
    const found = /\bDeno\.|"node:|\bdocument\.|\bwindow\.|\/static\/|HTMLElement/.exec(code);
    assert(!found, `${found?.[0]} in ${url.pathname}`);
  }
});
