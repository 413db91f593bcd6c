import { assert, assertEquals, assertMatch } from "@std/assert";
import { TestServer } from "../support/server.ts";

async function say({ url }: TestServer, text: string): Promise<void> {
  const response = await fetch(`${url}/api/messages`, { method: "POST", body: text });
  await response.body?.cancel();
  assertEquals(response.status, 201);
}

async function get({ url }: TestServer, path: string, headers: HeadersInit = {}) {
  const response = await fetch(url + path, { headers });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

Deno.test("the page has every message that was stored before it was asked for", async () => {
  await using server = await TestServer.open();
  assertMatch((await get(server, "/")).text, /"last":0,"entries":\[\]/);
  for (const text of ["first", "second"]) {
    await say(server, text);
    const page = await get(server, "/");
    assertMatch(page.text, new RegExp(`<div class="text"[^>]*>${text}</div>`));
    assertEquals((await get(server, "/")).headers.get("etag"), page.headers.get("etag"));
  }
  // What the log has forgotten is told, too.
  await server.running.room.log.trim(2, 1);
  assertMatch((await get(server, "/")).text, /"first":2,"last":2,/);
});

Deno.test("the page speaks the language that is asked for", async () => {
  await using server = await TestServer.open();
  for (const language of ["en", "ko", "zh-Hant"]) {
    const { text, headers } = await get(server, "/", { "accept-language": `fr,${language};q=0.5` });
    assertMatch(text, new RegExp(`<html lang="${language}"[ >]`));
    assertEquals(headers.get("vary"), "accept-encoding, accept-language");
  }
});

Deno.test("all that the page names is there, kept for ever, and its sources are not", async () => {
  await using server = await TestServer.open();
  const { text } = await get(server, "/");
  const named = text.matchAll(/ (?:href|src)="(_\/[^"]+)"/g).map((match) => `/${match[1]}`)
    .toArray();
  assert(named.length > 3);
  for (const path of named) {
    const { status, headers } = await get(server, path);
    assertEquals([status, headers.get("cache-control")?.includes("immutable")], [200, true], path);
  }
  for (const path of ["/index.html", "/app.ts", "/base.css", "/messages/notes.ts"]) {
    const { status, text } = await get(server, path);
    assertEquals([status, JSON.parse(text).error.code], [404, "not_found"], path);
  }
});
