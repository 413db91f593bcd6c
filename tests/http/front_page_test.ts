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

Deno.test("older pages can be reached by links, from the newest to the beginning", async () => {
  await using server = await TestServer.open({ recent: 50 });
  await server.running.room.log.append(
    Array.from({ length: 230 }, (_, i) => ({ sender: "s", from: "ann", text: `line ${i + 1}.` })),
  );
  const seen: number[] = [];
  let next = "/";
  for (let pages = 1; next !== ""; pages++) {
    const { status, text } = await get(server, next);
    assertEquals([status, pages <= 3], [200, true]);
    const seqs = text.matchAll(/<chat-message id="(\d+)"/g).map((match) => Number(match[1]));
    seen.unshift(...seqs);
    assertEquals(text.includes('<a href="./">'), pages > 1);
    const link = /<noscript><nav><a href="\.(\/\?before=\d+)">/.exec(text);
    next = link?.[1] ?? "";
  }
  assertEquals(seen, Array.from({ length: 230 }, (_, i) => i + 1));
  assertEquals((await get(server, "/?before=0")).status, 400);
  assertEquals((await get(server, "/?before=x")).status, 400);
  assertEquals((await get(server, "/?before=999999")).status, 200);
});

Deno.test("the name that a browser without scripts has given is filled in, and is its own alone", async () => {
  await using server = await TestServer.open();
  const post = async (fields: Record<string, string>) => {
    const response = await fetch(`${server.url}/api/messages`, {
      method: "POST",
      headers: { accept: "text/html", origin: server.url },
      body: new URLSearchParams(fields),
      redirect: "manual",
    });
    await response.body?.cancel();
    return response.headers.get("set-cookie");
  };
  const cookie = await post({ name: 'Zoë "Z" <b>', text: "hi" });
  assertMatch(
    cookie!,
    /^partyline-name=[^;]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=34560000$/,
  );
  const [pair] = cookie!.split(";");
  const { text, headers } = await get(server, "/", { cookie: `a=b; ${pair}` });
  assertMatch(text, / value="Zoë &#34;Z&#34; &#60;b&#62;"/);
  assertMatch(headers.get("cache-control")!, /^private/);
  assertMatch((await get(server, "/")).text, / value=""/);
  assertEquals(await post({ text: "without a name" }), null);
  for (const broken of ["partyline-name=%ff", `partyline-name=${"x".repeat(400)}`]) {
    assertMatch((await get(server, "/", { cookie: broken })).text, / value=""/);
  }
});
