import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { Assets, SECURITY_HEADERS } from "../../lib/page/assets.ts";
import { renderPage } from "../../lib/page/render.ts";

/** The least that a page is made of, and these. */
async function load(files: Readonly<Record<string, string>> = {}): Promise<Assets> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries({ ...FILES, ...files })) {
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    return await Assets.load(new URL(`file://${folder}/`));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function request(path: string, headers: HeadersInit = {}, method = "GET"): Request {
  return new Request(new URL(path, "http://127.0.0.1/"), { method, headers });
}

const FILES = { "index.html": "<p>hi</p>", "app.ts": "const n: number = 1;\nn;\n", "a.css": "p{}" };

Deno.test("types are erased, and every line stays where it is", async () => {
  const assets = await load();
  const response = assets.respond(request("/app.ts"))!;
  assertEquals(response.headers.get("content-type"), "text/javascript; charset=utf-8");
  assertEquals(await response.text(), "const n         = 1;\nn;\n");
});

Deno.test("/ is index.html, and what is not there is left to others", async () => {
  const assets = await load();
  assertEquals(await assets.respond(request("/"))?.text(), "<p>hi</p>");
  for (
    const path of ["/nothing.ts", "/../assets.ts", "/%2e%2e/deno.json", "/sub/app.ts"]
  ) {
    assertEquals(assets.respond(request(path)), undefined, path);
  }
});

Deno.test("each encoding is sent to who accepts it, under a tag of its own", async () => {
  const text = "body { color: red }\n".repeat(100);
  const assets = await load({ "a.css": text });
  const get = (accept?: string) =>
    assets.respond(request("/a.css", accept === undefined ? {} : { "accept-encoding": accept }))!;
  for (const none of ["", "identity", "br;q=0, gzip;q=0", "zstd"]) {
    assertEquals(get(none).headers.get("content-encoding"), null, none);
  }
  const [plain, br, gzip] = [get(), get("gzip, deflate, br"), get("gzip")];
  assertEquals(plain.headers.get("content-encoding"), null);
  assertEquals(br.headers.get("content-encoding"), "br");
  assertEquals(gzip.headers.get("content-encoding"), "gzip");
  assertEquals(await plain.text(), text);
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(brotliDecompressSync(await br.bytes())), text);
  assertEquals(decoder.decode(gunzipSync(await gzip.bytes())), text);
  const tags = [plain, br, gzip].map((response) => response.headers.get("etag"));
  assertEquals(new Set(tags).size, 3);
  for (const response of [plain, br, gzip]) {
    assertEquals(response.headers.get("vary"), "accept-encoding");
    assertMatch(response.headers.get("etag")!, /^"[^"]+"$/);
  }
});

Deno.test("who has it already gets 304 without a body", async () => {
  const assets = await load();
  const etag = assets.respond(request("/app.ts"))!.headers.get("etag")!;
  for (const value of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const response = assets.respond(request("/app.ts", { "if-none-match": value }))!;
    assertEquals([response.status, response.body], [304, null], value);
    assertEquals(response.headers.get("etag"), etag);
  }
  assertEquals(assets.respond(request("/app.ts", { "if-none-match": '"other"' }))!.status, 200);
});

Deno.test("HEAD has the headers of GET and no body", async () => {
  const assets = await load();
  const head = assets.respond(request("/a.css", {}, "HEAD"))!;
  assertEquals([head.status, head.body, head.headers.get("content-length")], [200, null, "3"]);
});

Deno.test("an address with the version is kept for ever, and every edit makes another", async () => {
  const assets = await load();
  const kept = assets.respond(request(`${assets.base}app.ts`))!;
  assertMatch(kept.headers.get("cache-control")!, /immutable/);
  assertEquals(assets.respond(request("/app.ts"))!.headers.get("cache-control"), "no-cache");
  const edited = await load({ "a.css": "p{}\n" });
  assertNotEquals(edited.base, assets.base);
  // A page from before the edit gets today's file, but does not keep it.
  const late = edited.respond(request(`${assets.base}app.ts`))!;
  assertEquals(late.headers.get("cache-control"), "no-cache");
});

Deno.test("every answer forbids what is foreign or inline, and tells nobody where one comes from", async () => {
  const assets = await load();
  const made = await assets.html(request("/"), "<p>made</p>", { vary: "accept-language" });
  for (
    const response of [assets.respond(request("/"))!, assets.respond(request("/app.ts"))!, made]
  ) {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      assertEquals(response.headers.get(name), value);
    }
  }
  const csp = SECURITY_HEADERS["content-security-policy"]!;
  assertMatch(csp, /default-src 'none'/);
  assertMatch(csp, /require-trusted-types-for 'script'/);
  assert(!csp.includes("unsafe"));
  assertEquals(made.headers.get("vary"), "accept-encoding, accept-language");
});

Deno.test("the page has its style sheets as one file, and its modules as another", async () => {
  const assets = await load({
    "app.ts": `import { b } from "./b.ts";\nb;\n`,
    "b.ts": "export const b = 1;\n",
    "b.css": "q{}",
    "alone.ts": "alone;\n",
  });
  assertEquals(assets.text("page.css"), "p{}\nq{}");
  const script = assets.respond(request("/page.js"))!;
  assertEquals(script.headers.get("content-type"), "text/javascript; charset=utf-8");
  const text = await script.text();
  assertMatch(text, /const b = 1[^]*const { b }[^]*\n\/\/# sourceMappingURL=page\.js\.map\n$/);
  assert(!text.includes("alone"), "nobody imports it");
  const map = await assets.respond(request("/page.js.map"))!.json();
  for (const source of map.sources) assert(assets.respond(request(`/${source}`)), source);
  assertEquals(map.sources, ["b.ts", "app.ts"]);
});

Deno.test("a page without its first module does not start", async () => {
  await assertRejects(() => load({ "app.ts": `import { c } from "./c.ts";` }), TypeError, "c.ts");
});

Deno.test("the project's own page is there after a few requests and 60 KB, with either encoding", async () => {
  const assets = await Assets.load(new URL("../../static/", import.meta.url));
  const entries = Array.from({ length: 50 }, (_, i) => ({
    type: "message" as const,
    seq: i + 1,
    at: 1000 * i * i,
    from: ["ann", "bob", "林小雨"][i % 3]!,
    text: `message ${i ** 5} has some words, and https://example.org/${i ** 7}`,
  }));
  const limits = { text: 4000, name: 32 };
  const screen = { room: "lobby", epoch: "k", first: 1, last: 50, entries, limits };
  const options = { base: assets.base, languages: "en", now: 0 };
  const html = renderPage(assets.text("index.html"), screen, options);
  const named = Array.from(html.matchAll(/ (?:href|src)="(\/_\/[^"]+)"/g), (match) => match[1]!);
  // Before anything of the page is shown; the rest is of the browser's own making.
  assertEquals(named.map((path) => path.replace(assets.base, "")).filter((n) => !/icon/.test(n)), [
    "app.webmanifest",
    "page.css",
    "early.ts",
    "page.js",
  ]);
  for (const encoding of ["br", "gzip"]) {
    const asked = (path: string) => request(path, { "accept-encoding": encoding });
    const page = await assets.html(asked("/"), html);
    const files = named.map((path) => assets.respond(asked(path))!);
    const lengths = [page, ...files].map(({ headers }) => Number(headers.get("content-length")));
    const total = lengths.reduce((sum, length) => sum + length);
    assert(total < 60_000, `${total} bytes of ${encoding}`);
  }
});
