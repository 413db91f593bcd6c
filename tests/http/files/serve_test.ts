import { assert, assertEquals } from "@std/assert";
import { settle } from "../../support/manual_clock.ts";
import { TestServer } from "../../support/server.ts";

const BYTES = new Uint8Array(200_000).map((_, i) => (i * 7 + (i >> 8)) % 251);

/** A server with one file of which nothing is known, and how to ask for it. */
async function open() {
  const server = await TestServer.open();
  const uploaded = await fetch(`${server.url}/api/files?name=film.bin`, {
    method: "POST",
    body: BYTES,
  });
  const { file } = await uploaded.json();
  const path = `/files/${file.id}/film.bin`;
  return {
    server,
    file,
    path,
    async get(headers: Record<string, string> = {}, init: { path?: string; method?: string } = {}) {
      const { path: asked = path, ...rest } = init;
      const response = await fetch(server.url + asked, { headers, ...rest });
      const bytes = new Uint8Array(await response.arrayBuffer());
      return {
        status: response.status,
        bytes,
        header: (name: string) => response.headers.get(name),
      };
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

Deno.test("a file is served as it was uploaded, to be kept by the browser of whoever may read it", async () => {
  await using all = await open();
  const { status, bytes, header } = await all.get();
  assertEquals(status, 200);
  assertEquals(bytes, BYTES);
  assertEquals(header("content-length"), "200000");
  assertEquals(header("content-type"), "application/octet-stream");
  assertEquals(header("cache-control"), "private, max-age=31536000, immutable");
  assertEquals(header("etag"), `"${all.file.id}"`);
  assertEquals(header("accept-ranges"), "bytes");
  assertEquals(header("cross-origin-resource-policy"), "same-origin");
  const head = await all.get({}, { method: "HEAD" });
  assertEquals([head.status, head.bytes.length, head.header("content-length")], [200, 0, "200000"]);
});

Deno.test("the id alone says which file it is; the name is that to save it under", async () => {
  await using all = await open();
  const named = await all.get({}, {
    path: `/files/${all.file.id}/${encodeURIComponent("../größe")}`,
  });
  assertEquals(named.bytes, BYTES);
  assertEquals(
    named.header("content-disposition"),
    `attachment; filename="gr__e"; filename*=UTF-8''gr%C3%B6%C3%9Fe`,
  );
  for (
    const id of [all.file.id.slice(1), all.file.id.toUpperCase(), "index.db", "incoming", "..%2f"]
  ) {
    const { status, bytes } = await all.get({}, { path: `/files/${id}/film.bin` });
    assertEquals([status, JSON.parse(new TextDecoder().decode(bytes)).error.code], [
      404,
      "not_found",
    ]);
  }
  const { status, header } = await all.get({}, { method: "DELETE" });
  assertEquals([status, header("allow")], [405, "GET, HEAD"]);
});

Deno.test("nothing under /files/ runs, whatever is answered", async () => {
  await using all = await open();
  const none = `/files/${"0".repeat(64)}/page.html`;
  const answers = [
    await all.get(),
    await all.get({ range: "bytes=200000-" }),
    await all.get({}, { path: none }),
    await all.get({}, { path: "/files/page.html" }),
    await all.get({}, { method: "DELETE" }),
    await all.get({ authorization: "Bearer none" }),
  ];
  assertEquals(answers.map(({ status }) => status), [200, 416, 404, 404, 405, 401]);
  for (const { header } of answers) {
    assertEquals(header("x-content-type-options"), "nosniff");
    assertEquals(header("content-security-policy"), "default-src 'none'; sandbox");
  }
});

Deno.test("players get the parts that they ask for", async () => {
  await using all = await open();
  const part = async (range: string, headers: Record<string, string> = {}) => {
    const { status, bytes, header } = await all.get({ range, ...headers });
    return { status, bytes, range: header("content-range"), length: header("content-length") };
  };
  for (
    const [range, start, end] of [
      ["bytes=0-0", 0, 1],
      ["bytes=65530-65545", 65_530, 65_546],
      ["bytes=199990-", 199_990, 200_000],
      ["bytes=-5", 199_995, 200_000],
      ["bytes=0-", 0, 200_000],
    ] as const
  ) {
    assertEquals(await part(range), {
      status: 206,
      bytes: BYTES.slice(start, end),
      range: `bytes ${start}-${end - 1}/200000`,
      length: String(end - start),
    });
  }
  const beyond = await part("bytes=200000-");
  assertEquals([beyond.status, beyond.range], [416, "bytes */200000"]);
  const several = await part("bytes=0-1,5-6");
  assertEquals([several.status, several.bytes.length], [200, 200_000]);
  // A whole film, as a player reads it that seeks.
  const parts: Uint8Array[] = [];
  for (let at = 0; at < BYTES.length; at += 30_000) {
    parts.push((await part(`bytes=${at}-${at + 29_999}`)).bytes);
  }
  assertEquals(
    new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer()),
    BYTES,
  );
});

Deno.test("what a client has already is not sent again, and a part only of what it has", async () => {
  await using all = await open();
  const etag = `"${all.file.id}"`;
  const modified = (await all.get()).header("last-modified")!;
  const before = new Date(Date.parse(modified) - 60_000).toUTCString();
  const cases: [Record<string, string>, number][] = [
    [{ "if-none-match": etag }, 304],
    [{ "if-none-match": `W/${etag}` }, 304],
    [{ "if-none-match": `"other", ${etag}` }, 304],
    [{ "if-none-match": "*" }, 304],
    [{ "if-none-match": '"other"' }, 200],
    [{ "if-modified-since": modified }, 304],
    [{ "if-modified-since": before }, 200],
    [{ "if-modified-since": "yesterday" }, 200],
    [{ "if-none-match": '"other"', "if-modified-since": modified }, 200],
    [{ "if-none-match": etag, range: "bytes=0-1" }, 304],
    [{ "if-range": etag, range: "bytes=0-1" }, 206],
    [{ "if-range": modified, range: "bytes=0-1" }, 206],
    [{ "if-range": `W/${etag}`, range: "bytes=0-1" }, 200],
    [{ "if-range": '"other"', range: "bytes=0-1" }, 200],
    [{ "if-range": before, range: "bytes=0-1" }, 200],
    [{ "if-range": '"other"', range: "bytes=999999-" }, 200],
  ];
  for (const [headers, status] of cases) {
    const answer = await all.get(headers);
    assertEquals(answer.status, status, JSON.stringify(headers));
    if (status === 304) {
      assertEquals([answer.bytes.length, answer.header("etag")], [0, etag]);
      assert(answer.header("cache-control")!.includes("immutable"));
    }
  }
});

Deno.test("a reader that goes away in the middle leaves no file open", async () => {
  await using all = await open();
  const { limits } = all.server.running;
  for (let i = 0; i < 20; i++) {
    const response = await fetch(all.server.url + all.path);
    await response.body!.cancel();
  }
  while (limits.counts.held.file > 0) await settle();
  assertEquals((await all.get()).bytes, BYTES);
});
