import { StartupError } from "../base/startup_error.ts";

/** What a page's folder holds for the bundler: each becomes one file, with all that it imports. */
const ENTRIES = ["app.ts", "early.ts", "sw.ts", "page.css"];

/** A file made by the bundler: its name without a folder, and its bytes. */
export type BundledFile = readonly [name: string, bytes: Uint8Array<ArrayBuffer>];

/**
 * The page's modules and style sheets, each entry bundled into one file with a source map beside it
 * (`app.js`, `app.js.map`, …), so that a browser asks once and its tools still show every module by
 * its name. The runtime's own bundler makes them (`Deno.bundle`, which is esbuild): read permission is
 * enough, but it is fetched from the npm registry when it is used for the first time.
 *
 * Throws a StartupError in one line where the bundler cannot be had or does not accept a module.
 */
export async function bundlePage(folder: URL): Promise<BundledFile[]> {
  let result: Deno.bundle.Result;
  try {
    result = await Deno.bundle({
      entrypoints: ENTRIES.map((name) => new URL(name, folder).href),
      outputDir: "/",
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
    throw new StartupError(
      `cannot bundle the page: ${result.errors[0]?.text ?? "no reason given"}`,
    );
  }
  return result.outputFiles!.map(({ path, contents }) =>
    [path.replace(/^.*\//, ""), new Uint8Array(contents!)] as const
  );
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0]!;
}
