import { type Bundle, bundlePage, importsOf } from "./bundle.ts";
import { type Bytes, type Compress, Representation } from "./representation.ts";

/** Content types by file extension. A file of another extension is not served. */
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  map: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

/** Sources, which reach a browser only bundled or rendered. */
const SOURCES = /\.(ts|css|html)$/;

/**
 * Revalidate each time, by the ETag; or keep for ever, since the address changes with the content.
 */
const ASK = "no-cache";
const KEEP = "public, max-age=31536000, immutable";

/**
 * The page's files, served from memory: its scripts and style sheet, bundled, each with a source
 * map, and the icons and the manifest as they are. A browser revalidates `/app.js` each time and
 * keeps `/_/<version>/app.js` for ever, since the version is a digest of all files.
 */
export class Assets {
  /**
   * The path of the files that never change: `_/<version>/`, different after every edit. Relative to
   * the page, which may lie under a path that we are not told.
   */
  readonly base: string;
  /** index.html, which is only served rendered. */
  readonly template: string;
  readonly #files: ReadonlyMap<string, Representation>;

  private constructor(
    files: ReadonlyMap<string, Representation>,
    template: string,
    version: string,
  ) {
    this.#files = files;
    this.template = template;
    this.base = `_/${version}/`;
  }

  /**
   * Reads the files of a folder, not of its sub-folders, and bundles its modules and style sheets
   * with all that they import. Rejects with a StartupError if they cannot be bundled.
   */
  static async load(folder: URL, bundle?: Bundle): Promise<Assets> {
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
      .filter((name) => !SOURCES.test(name) && typeOf(name) !== undefined);
    const read = names.map((name) => [name, Deno.readFileSync(new URL(name, folder))] as const);
    const made = await bundlePage(folder, bundle);
    const files = new Map<string, Representation>();
    for (const [name, bytes] of [...read, ...made].sort(([a], [b]) => a < b ? -1 : 1)) {
      files.set(name, await Representation.of(typeOf(name)!, bytes));
    }
    const tags = [...files].map(([name, { tag }]) => `${name} ${tag}`).join("\n");
    const preload = importsOf("app.js", made)
      .map((name) => `<link rel="modulepreload" href="{{ base }}${name}">`);
    const template = Deno.readTextFileSync(new URL("index.html", folder))
      .replace("{{ preload }}", preload.join(""));
    return new Assets(files, template, await versionOf(new TextEncoder().encode(tags)));
  }

  /** The response to a GET or HEAD of a file by its path; undefined if there is no such file. */
  async respond(
    request: Request,
    path: string,
    compress: Compress,
  ): Promise<Response | undefined> {
    const cacheControl = path.startsWith(`/${this.base}`) ? KEEP : ASK;
    return await this.#files.get(nameOf(path))?.respond(request, { cacheControl, compress });
  }
}

/** The version is not looked at: a page loaded before an update gets the files of today. */
function nameOf(path: string): string {
  return path.replace(/^\/(_\/\w+\/)?/, "");
}

function typeOf(name: string): string | undefined {
  return TYPES[name.split(".").at(-1)!];
}

/** Letters and digits, fit for a path. */
async function versionOf(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, 12);
}
