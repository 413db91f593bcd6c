import { type Bundle, bundlePage, importsOf } from "./bundle.ts";
import { type Language, LANGUAGES } from "../view/strings/language.ts";
import { type Bytes, type Compress, Representation } from "./representation.ts";

/** Content types by file extension. A file of another extension is not served. */
const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  map: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

const LANGUAGE_NAMES = Object.keys(LANGUAGES) as Language[];

/** Sources, which reach a browser only bundled or rendered. */
const SOURCES = /\.(ts|css|html)$/;

/** The names of the bundled files, for a service worker that keeps them all. */
const LIST = "files.json";

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
  readonly #templates: ReadonlyMap<Language, string>;
  readonly #files: ReadonlyMap<string, Representation>;

  private constructor(
    files: ReadonlyMap<string, Representation>,
    templates: ReadonlyMap<Language, string>,
    version: string,
  ) {
    this.#files = files;
    this.#templates = templates;
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
    const loaded = made.map(([name]) => name).filter((name) => /\.(js|css)$/.test(name));
    const list = new TextEncoder().encode(JSON.stringify(loaded));
    files.set(LIST, await Representation.of(typeOf(LIST)!, list));
    const template = Deno.readTextFileSync(new URL("index.html", folder));
    const imports = importsOf("app.js", made);
    const templates = LANGUAGE_NAMES.map((language) => {
      const texts = loaded.filter((name) => name.startsWith(`${moduleOf(language)}-`));
      const preload = [...imports, ...texts]
        .map((name) => `<link rel="modulepreload" href="{{ base }}${name}">`);
      return [language, template.replace("{{ preload }}", preload.join(""))] as const;
    });
    const version = await versionOf(new TextEncoder().encode(tags));
    return new Assets(files, new Map(templates), version);
  }

  /** index.html for readers of a language, which is only served rendered. */
  template(language: Language): string {
    return this.#templates.get(language)!;
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

/** The module that has the texts of a language, as `loadStrings` imports it. */
function moduleOf(language: Language): string {
  return language.toLowerCase().replace("-", "_");
}

/** Letters and digits, fit for a path. */
async function versionOf(bytes: Bytes): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return digest.toHex().slice(0, 12);
}
