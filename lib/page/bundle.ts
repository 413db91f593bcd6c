import { dirname } from "node:path";
import { StartupError } from "../base/startup_error.ts";

/**
 * The entry points in a page's folder, each with all that it imports; what a module imports only when
 * it is needed (`import()`) is a file of its own, and so is what both share.
 */
const ENTRIES = ["app.ts", "page.css", "later.css"];
/** Entry points that are classic scripts, which import nothing: each becomes one file. */
const CLASSIC = ["early.ts", "sw.ts"];

/** A file made by the bundler: its name without a folder, and its bytes. */
export type BundledFile = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

/** What makes one file of many modules: `Deno.bundle`, or a test's stand-in. */
export type Bundle = (options: Deno.bundle.Options) => Promise<Deno.bundle.Result>;

/**
 * Bundles the page's modules and style sheets: each entry point into one file with a source map
 * (`app.js`, `app.js.map`, …), so that a browser makes one request and its tools still show each
 * module, by its path in the project. What is loaded later has a name with a digest of it in it. The output is the same wherever the project lies. The
 * runtime's own bundler makes it (`Deno.bundle`, which is esbuild): it needs no permission but to
 * read, and is fetched from the npm registry when it is used for the first time.
 *
 * Rejects with a StartupError of one line if the bundler cannot be fetched, or refuses a module.
 */
export async function bundlePage(
  folder: URL,
  bundle: Bundle = Deno.bundle,
): Promise<BundledFile[]> {
  // Paths in a source map are relative to this; without symbolic links, since the bundler resolves
  // them.
  const project = dirname(Deno.realPathSync(folder));
  const bundled = (entries: readonly string[], codeSplitting: boolean) =>
    bundle({
      entrypoints: entries.map((name) => new URL(name, folder).href),
      outputDir: project,
      platform: "browser",
      format: "esm",
      codeSplitting,
      minify: true,
      sourcemap: "linked",
      write: false,
    });
  let results: Deno.bundle.Result[];
  try {
    // One after the other: two that fetch the bundler at once may fail to put it in its place.
    results = [await bundled(CLASSIC, false), await bundled(ENTRIES, true)];
  } catch (cause) {
    throw new StartupError(
      `cannot bundle the page: ${firstLine((cause as Error).message)}; ` +
        "the bundler comes from the npm registry, which the first start must be able to reach",
      { cause },
    );
  }
  const failed = results.find(({ success }) => !success);
  if (failed) {
    const [error] = failed.errors;
    throw new StartupError(
      `cannot bundle the page: ${
        error ? describe(error, new URL("..", folder)) : "no reason given"
      }`,
    );
  }
  return results.flatMap(({ outputFiles }) =>
    outputFiles!.map(({ path, contents }) => [path.replace(/^.*[/\\]/, ""), contents!] as const)
  );
}

/**
 * The files that a bundled module needs before it runs, by what those need in turn: a browser that is
 * told of them early need not read one to learn of the next.
 */
export function importsOf(name: string, files: readonly BundledFile[]): string[] {
  const found = new Set<string>();
  const look = (name: string) => {
    const [, bytes] = files.find(([each]) => each === name) ?? [];
    const text = new TextDecoder().decode(bytes);
    for (const [, next] of text.matchAll(/\b(?:from|import)"\.\/([\w-]+\.js)"/g)) {
      if (!found.has(next!)) look(next!), found.add(next!);
    }
  };
  look(name);
  return [...found];
}

/**
 * For example `static/app.ts:2: Unexpected token`. Some errors have their place in the text, some
 * none.
 */
function describe({ text, location }: Deno.bundle.Message, project: URL): string {
  const here = new URL(`file://${Deno.cwd()}/`);
  const place = /\bat (file:\S+:\d+):\d+/.exec(text)?.[1] ??
    (location && `${new URL(location.file, here)}:${location.line}`);
  const line = place ? `${place}: ${firstLine(text)}` : firstLine(text);
  return line.replaceAll(project.href, "");
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
