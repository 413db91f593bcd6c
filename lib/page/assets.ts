import { eTag, ifNoneMatch } from "@std/http/etag";
import { acceptsEncodings } from "@std/http/negotiation";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { bundlePage } from "./bundle.ts";

/**
 * For every response that a browser might show. `default-src 'none'` and then what the page needs;
 * nothing inline, nothing foreign. `data:` is the favicon with a count, which the page draws.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "manifest-src 'self'",
    "worker-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types partyline",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

const TYPES: Readonly<Record<string, string>> = {
  css: "text/css; charset=utf-8",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  map: "application/json",
  png: "image/png",
  svg: "image/svg+xml",
  webmanifest: "application/manifest+json",
};

/** Ask again each time, by the ETag; or keep it: the content is part of the name. */
const ASK = "no-cache";
const KEEP = "public, max-age=31536000, immutable";

/** Quality 5 takes up to 10 ms a file, 11 thirty times that for a tenth less. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } };

type Bytes = Uint8Array<ArrayBuffer>;
type Encoding = "br" | "gzip" | "identity";

interface Asset {
  readonly type: string;
  readonly bytes: Bytes;
  /** Without its quotes. */
  readonly tag: string;
  /** Filled when somebody first asks. */
  readonly encoded: Map<Encoding, Bytes>;
}

/**
 * The page's files, read once and served from memory: each by its name, and for the page itself all
 * style sheets as page.css and all modules as page.js. `/page.js` is asked for again each time;
 * `/_/<version>/page.js` is the same for ever, since the version is made of all contents.
 */
export class Assets {
  /** Where the files are that never change: `/_/<version>/`, different after every edit. */
  readonly base: string;
  readonly #files: ReadonlyMap<string, Asset>;

  private constructor(files: ReadonlyMap<string, Asset>, version: string) {
    this.#files = files;
    this.base = `/_/${version}/`;
  }

  /** Reads the files of a folder, without its sub-folders, and bundles its modules and style sheets. */
  static async load(folder: URL): Promise<Assets> {
    const names = Array.from(Deno.readDirSync(folder), ({ name }) => name)
      .filter((name) => !/\.(ts|css)$/.test(name) && typeOf(name));
    const read = names.sort().map((name) =>
      [name, Deno.readFileSync(new URL(name, folder))] as const
    );
    const files = new Map<string, Asset>();
    for (const [name, bytes] of [...read, ...await bundlePage(folder)]) {
      files.set(name, await asset(typeOf(name)!, bytes));
    }
    const version = await tagOf(encode([...files.values()].map(({ tag }) => tag).join()));
    return new Assets(files, version.replace(/[^\w]/g, "").slice(-12));
  }

  /** The contents of a file; throws where there is none. */
  text(name: string): string {
    const file = this.#files.get(name);
    if (!file) throw new TypeError(`Cannot read ${name}: no such file in static/`);
    return new TextDecoder().decode(file.bytes);
  }

  /** To a GET or HEAD of a file; undefined where there is no such file. `/` is index.html. */
  respond(request: Request): Response | undefined {
    const { pathname } = new URL(request.url);
    const kept = pathname.startsWith(this.base);
    // A page from before an update may still ask for its modules: it gets those of today.
    const name = pathname.replace(/^\/(_\/\w+\/)?/, "") || "index.html";
    const file = this.#files.get(name);
    return file && respond(request, file, kept ? KEEP : ASK);
  }

  /** To a GET or HEAD that is answered by HTML made for it: compressed and conditional too. */
  async html(request: Request, html: string, headers: HeadersInit = {}): Promise<Response> {
    const response = respond(request, await asset(TYPES.html!, encode(html)), ASK);
    for (const [name, value] of new Headers(headers)) response.headers.append(name, value);
    return response;
  }
}

function typeOf(name: string): string | undefined {
  return TYPES[name.split(".").at(-1)!];
}

function encode(text: string): Bytes {
  return new TextEncoder().encode(text);
}

async function asset(type: string, bytes: Bytes): Promise<Asset> {
  return { type, bytes, tag: await tagOf(bytes), encoded: new Map([["identity", bytes]]) };
}

async function tagOf(bytes: Bytes): Promise<string> {
  return (await eTag(bytes)).slice(1, -1);
}

function respond(request: Request, file: Asset, cacheControl: string): Response {
  const encoding = negotiate(request, file);
  // RFC 9110 8.8.3.3: another encoding is another representation, so its strong tag differs.
  const etag = encoding === "identity" ? `"${file.tag}"` : `"${file.tag}-${encoding}"`;
  const headers = new Headers({
    ...SECURITY_HEADERS,
    "content-type": file.type,
    "cache-control": cacheControl,
    "vary": "accept-encoding",
    etag,
  });
  if (!ifNoneMatch(request.headers.get("if-none-match"), etag)) {
    return new Response(null, { status: 304, headers });
  }
  const body = bytesIn(encoding, file);
  if (encoding !== "identity") headers.set("content-encoding", encoding);
  headers.set("content-length", String(body.length));
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

function negotiate(request: Request, { type }: Asset): Encoding {
  // Without the header anything may be sent, but a client that can undo it says so.
  if (type === TYPES.png || !request.headers.get("accept-encoding")) return "identity";
  // Ours first: browsers accept all alike, and brotli is a tenth smaller.
  const accepted = (["br", "gzip"] as const).find((encoding) =>
    acceptsEncodings(request, encoding) === encoding
  );
  return accepted ?? "identity";
}

function bytesIn(encoding: Encoding, { bytes, encoded }: Asset): Bytes {
  let body = encoded.get(encoding);
  if (!body) {
    const raw = encoding === "br" ? brotliCompressSync(bytes, BROTLI) : gzipSync(bytes);
    encoded.set(encoding, body = new Uint8Array(raw));
  }
  return body;
}
