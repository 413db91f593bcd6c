import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { type Compress, Representation } from "../../lib/page/representation.ts";
import { SECURITY_HEADERS } from "../../lib/page/security_headers.ts";
import { compress, request } from "./folder.ts";

const TEXT = "body { color: red }\n".repeat(100);

function css(): Promise<Representation> {
  return Representation.of("text/css", new TextEncoder().encode(TEXT));
}

function ask(
  of: Representation,
  headers: HeadersInit = {},
  { method = "GET", by = compress as Compress, vary = [] as string[] } = {},
): Promise<Response> {
  const options = { cacheControl: "no-cache", compress: by, vary };
  return of.respond(request("/a.css", headers, method), options);
}

Deno.test("each coding is sent to a client that accepts it, under a tag of its own", async () => {
  const file = await css();
  const get = (accepted?: string) =>
    ask(file, accepted === undefined ? {} : { "accept-encoding": accepted });
  const long = Array(100).fill("gzip").join();
  for (const none of ["", "identity", "br;q=0, gzip;q=0", "zstd", long]) {
    assertEquals((await get(none)).headers.get("content-encoding"), null, none);
  }
  const all = await Promise.all([get(), get("gzip, deflate, br"), get("gzip")]);
  assertEquals(all.map(({ headers }) => headers.get("content-encoding")), [null, "br", "gzip"]);
  const tags = all.map(({ headers }) => headers.get("etag"));
  assertEquals(new Set(tags).size, 3);
  for (const { headers } of all) {
    assertEquals(headers.get("vary"), "accept-encoding");
    assertMatch(headers.get("etag")!, /^"[^"]+"$/);
  }
  const [plain, br, gzip] = await Promise.all(all.map((response) => response.bytes()));
  const decoder = new TextDecoder();
  assertEquals(decoder.decode(plain), TEXT);
  assertEquals(decoder.decode(brotliDecompressSync(br!)), TEXT);
  assertEquals(decoder.decode(gunzipSync(gzip!)), TEXT);
});

Deno.test("a picture is not compressed again", async () => {
  const picture = await Representation.of("image/png", new Uint8Array(100));
  const response = await ask(picture, { "accept-encoding": "br" });
  assertEquals(response.headers.get("content-encoding"), null);
});

Deno.test("it is compressed once for all who ask, and not at all for those who have it", async () => {
  const file = await css();
  let compressed = 0;
  const by: Compress = (bytes, coding) => {
    compressed++;
    return compress(bytes, coding);
  };
  const accepted = { "accept-encoding": "br" };
  const etag = `"${file.tag}-br"`;
  const known = await ask(file, { ...accepted, "if-none-match": etag }, { by });
  assertEquals([known.status, compressed], [304, 0]);
  const responses = await Promise.all([1, 2, 3].map(() => ask(file, accepted, { by })));
  await ask(file, accepted, { by });
  assertEquals([responses.map(({ status }) => status), compressed], [[200, 200, 200], 1]);
});

Deno.test("where compressing fails, the next request tries again", async () => {
  const file = await css();
  const accepted = { "accept-encoding": "br" };
  const failing = () => Promise.reject(new Error("no thread"));
  await assertRejects(() => ask(file, accepted, { by: failing }), Error, "no thread");
  assertEquals((await ask(file, accepted)).status, 200);
});

Deno.test("a client that has it already gets 304 without a body", async () => {
  const file = await css();
  const etag = (await ask(file)).headers.get("etag")!;
  for (const value of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
    const response = await ask(file, { "if-none-match": value });
    assertEquals([response.status, response.body], [304, null], value);
    assertEquals(response.headers.get("etag"), etag);
  }
  assertEquals((await ask(file, { "if-none-match": '"other"' })).status, 200);
});

Deno.test("HEAD has the headers of GET and no body", async () => {
  const file = await css();
  for (const headers of [{}, { "accept-encoding": "br" }]) {
    const [head, get] = [await ask(file, headers, { method: "HEAD" }), await ask(file, headers)];
    assertEquals([head.status, head.body], [200, null]);
    assertEquals([...head.headers], [...get.headers]);
    assertEquals(Number(head.headers.get("content-length")), (await get.bytes()).length);
  }
});

Deno.test("every response forbids what is foreign or inline, and sends no referrer", async () => {
  const { headers } = await ask(await css(), {}, { vary: ["accept-language"] });
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
    assertEquals(headers.get(name), value);
  }
  const csp = SECURITY_HEADERS["content-security-policy"]!;
  assertMatch(csp, /default-src 'none'/);
  assertMatch(csp, /require-trusted-types-for 'script'/);
  assert(!csp.includes("unsafe"));
  assertEquals(headers.get("vary"), "accept-encoding, accept-language");
});
