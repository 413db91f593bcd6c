import { dirname } from "node:path";
import { StartupError } from "../base/startup_error.ts";

/** The entry points in a page's folder: each becomes one file, with all that it imports. */
const ENTRIES = ["app.ts", "early.ts", "sw.ts", "page.css"];

/** A file made by the bundler: its name without a folder, and its bytes. */
export type BundledFile = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

/** What makes one file of many modules: `Deno.bundle`, or a test's stand-in. */
export type Bundle = (options: Deno.bundle.Options) => Promise<Deno.bundle.Result>;

/**
 * Bundles the page's modules and style sheets: each entry point into one file with a source map
 * (`app.js`, `app.js.map`, …), so that a browser makes one request and its tools still show each
 * module, by its path in the project. The output is the same wherever the project lies. The
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
  let result: Deno.bundle.Result;
  try {
    result = await bundle({
      entrypoints: ENTRIES.map((name) => new URL(name, folder).href),
      outputDir: project,
      platform: "browser",
      format: "esm",
      minify: true,
      sourcemap: "linked",
      write: false,
    });
  } catch (cause) {
    throw new StartupError(
      `cannot bundle the page: ${firstLine((cause as Error).message)}; ` +
        "the bundler comes from the npm registry, which the first start must be able to reach",
      { cause },
    );
  }
  if (!result.success) {
    const [error] = result.errors;
    throw new StartupError(
      `cannot bundle the page: ${
        error ? describe(error, new URL("..", folder)) : "no reason given"
      }`,
    );
  }
  return result.outputFiles!.map(({ path, contents }) =>
    [path.replace(/^.*[/\\]/, ""), contents!] as const
  );
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
