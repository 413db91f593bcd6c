import { assert, assertEquals, assertMatch } from "@std/assert";
import { TestServer } from "../support/server.ts";
import { sse } from "../transports/clients/streams.ts";
import { bearer } from "../transports/clients/client.ts";
import { Raw } from "../transports/clients/raw.ts";
import { websocket } from "../transports/clients/websocket.ts";
import { textOf } from "../../lib/model/message.ts";

/** POST /api/messages; what is no string is sent as JSON. */
async function post(
  { url }: TestServer,
  body: unknown,
  headers: Record<string, string> = { "content-type": "application/json" },
  query = "",
) {
  const response = await fetch(`${url}/api/messages${query}`, {
    method: "POST",
    headers,
    body: typeof body === "string" ? body : JSON.stringify(body),
    redirect: "manual",
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text && JSON.parse(text) };
}

async function get({ url }: TestServer, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, { headers });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

function refused(code: string, message: string) {
  return { error: { code, message } };
}

async function openSession({ url }: TestServer, name?: string, headers = {}) {
  const response = await fetch(`${url}/api/session`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ name }),
  });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/** The messages of the log as `name: text`. */
async function stored({ running }: TestServer): Promise<string[]> {
  const entries = await running.room.log.read({ after: 0, limit: 1000 });
  return entries.map((entry) => `${entry.from}: ${textOf(entry)}`);
}

Deno.test("a message is 201 with its seq and cursor; its id again is 200 with the first ones", async () => {
  await using server = await TestServer.open();
  const { epoch } = server.running.room.log;
  const first = await post(server, { text: "hi", id: "c-7f" });
  assertEquals([first.status, first.body], [201, { seq: 1, cursor: `${epoch}-1` }]);
  assertEquals(first.headers.get("content-type"), "application/json; charset=utf-8");
  const again = await post(server, { text: "hi", id: "c-7f" });
  const known = { seq: 1, cursor: `${epoch}-1`, duplicate: true };
  assertEquals([again.status, again.body], [200, known]);
  assertEquals(await stored(server), ["guest: hi"]);
});

Deno.test("Idempotency-Key does as id, and wins over it", async () => {
  await using server = await TestServer.open();
  const json = { "content-type": "application/json", "idempotency-key": "key" };
  assertEquals((await post(server, { text: "1", id: "own" }, json)).status, 201);
  assertEquals((await post(server, { text: "1" }, json)).status, 200);
  assertEquals((await post(server, { text: "1", id: "key" })).status, 200);
  assertEquals((await post(server, { text: "1", id: "own" })).status, 201);
  assertEquals(await stored(server), ["guest: 1", "guest: 1"]);
  assertEquals((await post(server, { text: "2" }, json)).status, 400, "the key of something else");
});

Deno.test("a text comes as JSON, as a form field, as plain text, or as curl -d sends it", async () => {
  await using server = await TestServer.open();
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const bodies: [string, Record<string, string>][] = [
    ['{"text":"as JSON","unknown":1}', { "content-type": "Application/JSON; charset=utf-8" }],
    ["text=as+a+form%21&name=ann", form],
    ["as curl sends it", form],
    ["a=b, as plain text", { "content-type": "text/plain" }],
  ];
  for (const [body, headers] of bodies) {
    assertEquals((await post(server, body, headers)).status, 201);
  }
  assertEquals(await stored(server), [
    "guest: as JSON",
    "ann: as a form!",
    "guest: as curl sends it",
    "guest: a=b, as plain text",
  ]);
  const html = { ...form, accept: "text/html,*/*" };
  const { status, headers } = await post(server, "text=from+a+browser+without+scripts", html);
  assertEquals([status, headers.get("location")], [303, "../"], "the page, under whatever path");
});

Deno.test("a body that cannot be read is refused by what is wrong with it, and nothing is stored", async () => {
  await using server = await TestServer.open();
  const json = { "content-type": "application/json" };
  const plain = { "content-type": "text/plain" };
  const long = "the body is too long; at most 16384 bytes";
  const cases: [unknown, Record<string, string>, number, string, string][] = [
    ["{", json, 400, "bad_request", "this is not valid JSON; wanted one object"],
    ["[]", json, 400, "bad_request", "this is not a JSON object; wanted {…}"],
    ["{}", json, 400, "bad_request", '"text" must be a string'],
    [{ text: 5 }, json, 400, "bad_request", '"text" must be a string'],
    [{ text: " \n" }, json, 400, "bad_request", "the text is empty"],
    ["", plain, 400, "bad_request", "the text is empty"],
    [
      "x".repeat(4001),
      plain,
      413,
      "too_long",
      "the text has 4001 characters; at most 4000 are accepted",
    ],
    [
      "😀".repeat(4001),
      plain,
      413,
      "too_long",
      "the text has 4001 characters; at most 4000 are accepted",
    ],
    ["x".repeat(16 * 1024 + 1), plain, 413, "too_long", long],
    [
      "<x/>",
      { "content-type": "text/xml" },
      400,
      "bad_request",
      'cannot read text/xml; wanted application/json, a form with the field "text", or text/plain',
    ],
  ];
  const idRule = '"id" must be 1 to 64 printable ASCII characters';
  for (const id of ["", "x".repeat(65), "é", "a\nb", 5, {}]) {
    cases.push([{ text: "x", id }, json, 400, "bad_request", idRule]);
  }
  const nameRule = "wanted 1 to 32 visible characters";
  cases.push([
    { text: "x", name: "n".repeat(33) },
    json,
    400,
    "bad_request",
    `the name has 33 characters; ${nameRule}`,
  ]);
  cases.push([
    { text: "x", name: "a\u200bb" },
    json,
    400,
    "bad_request",
    `the name has a control or invisible character; ${nameRule}`,
  ]);
  for (const [body, headers, status, code, message] of cases) {
    const answer = await post(server, body, headers);
    assertEquals([answer.status, answer.body], [status, refused(code, message)]);
  }
  const invalid = await fetch(`${server.url}/api/messages`, {
    method: "POST",
    headers: plain,
    body: new Uint8Array([0x68, 0xff]),
  });
  assertEquals([invalid.status, await invalid.json()], [
    400,
    refused("bad_request", "the body is not UTF-8"),
  ]);
  assertEquals(await stored(server), []);
  assertEquals((await post(server, "x".repeat(4000), plain)).status, 201);
  assertEquals((await post(server, "😀".repeat(4000), plain)).status, 201);
  assertEquals((await post(server, { text: "x", id: " ~".repeat(32) })).status, 201);
});

Deno.test("without a session the same id from another name or address is another message", async () => {
  await using server = await TestServer.open();
  const say = async (name: string, text: string) => {
    const { status, body } = await post(server, { text, name, id: "x" });
    return [status, body.seq];
  };
  assertEquals(await say("ann", "ann's"), [201, 1]);
  assertEquals(await say("bob", "bob's"), [201, 2]);
  assertEquals(await say("ann", "ann's"), [200, 1]);
  // Somebody comes in under that name: what is said is now from `guest`, and still the same message.
  await using _ann = await websocket.join(server, { name: "ann" });
  assertEquals(await say("ann", "ann's"), [200, 1]);

  const client = Deno.createHttpClient({ localAddress: "127.0.0.2" });
  const init: RequestInit & { client: Deno.HttpClient } = {
    client,
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text: "bob's, elsewhere", name: "bob", id: "x" }),
  };
  const elsewhere = await fetch(`${server.url}/api/messages`, init);
  assertEquals([elsewhere.status, (await elsewhere.json()).seq], [201, 3]);
  client.close();
  assertEquals(await stored(server), ["ann: ann's", "bob: bob's", "bob: bob's, elsewhere"]);
});

Deno.test("without a session a message is from the name it says, unless somebody has that name", async () => {
  await using server = await TestServer.open();
  await using _ann = await websocket.join(server, { name: "Ann" });
  const names = [undefined, "", "bob", "ann", "ＡＮＮ", "admin", "  cy  "];
  for (const name of names) {
    assertEquals((await post(server, { text: "x", name })).status, 201);
  }
  await post(server, "in the query", { "content-type": "text/plain" }, "?name=dora");
  assertEquals((await stored(server)).map((line) => line.split(":")[0]), [
    "guest",
    "guest",
    "bob",
    "guest",
    "guest",
    "guest",
    "cy",
    "dora",
  ]);
});

Deno.test("a session is who it is by its cookie and by its token, also after a restart", async () => {
  const data = await Deno.makeTempDir();
  let token = "";
  let cookie = "";
  {
    await using server = await TestServer.open({ data });
    const opened = await openSession(server, "ann");
    assertEquals([opened.status, Object.keys(opened.body)], [200, ["name", "token"]]);
    assertEquals(opened.body.name, "ann");
    token = opened.body.token;
    const setCookie = opened.headers.get("set-cookie")!;
    assertMatch(setCookie, /^partyline=[\w.-]+; Path=\/; HttpOnly; SameSite=Strict; Max-Age=\d+$/);
    cookie = setCookie.split(";")[0]!;
    assertEquals(cookie, `partyline=${token}`);
    assertEquals((await post(server, { text: "1", id: "x" }, json(bearer(token)))).status, 201);
  }
  assertEquals((await Deno.stat(`${data}/session.key`)).mode! & 0o777, 0o600);
  await using server = await TestServer.open({ data });
  assertEquals((await post(server, { text: "1", id: "x" }, json({ cookie }))).status, 200);
  assertEquals((await post(server, { text: "2" }, json(bearer(token)))).status, 201);
  await using ann = await websocket.join(server, { token });
  assertEquals((await ann.inbox.until("welcome")).name, "ann");
  assertEquals(await stored(server), ["ann: 1", "ann: 2"]);
  await server[Symbol.asyncDispose]();
  await Deno.remove(data, { recursive: true });

  function json(headers: Record<string, string>) {
    return { ...headers, "content-type": "application/json" };
  }
});

Deno.test("a token that is not ours is refused in a header, and as none in a cookie", async () => {
  await using server = await TestServer.open();
  const { body: { token } } = await openSession(server, "ann");
  const [payload, mac] = token.split(".");
  const forged = btoa(JSON.stringify(["me", "root"])).replaceAll("=", "");
  for (const bad of [`${forged}.${mac}`, payload, `${payload}.`, "..", "null", `${payload}.AAAA`]) {
    const answer = await post(server, { text: "x" }, {
      "content-type": "application/json",
      ...bearer(bad),
    });
    assertEquals([answer.status, answer.body.error.code], [401, "unauthorized"], bad);
    const cookie = { "content-type": "application/json", "cookie": `partyline=${bad}` };
    assertEquals((await post(server, { text: bad }, cookie)).status, 201, bad);
  }
  assertEquals(
    new Set((await stored(server)).map((line) => line.split(":")[0])),
    new Set(["guest"]),
  );
});

Deno.test("nobody gets the name of somebody who is here: 409 over the API, the next free one at connection", async () => {
  await using server = await TestServer.open();
  await using ann = await websocket.join(server, { name: "ann" });
  for (const name of ["ann", "ANN", "ａｎｎ", "server", "Guest"]) {
    const { status, body } = await openSession(server, name);
    assertEquals([status, body.error.code], [409, "name_taken"], name);
  }
  await using second = await websocket.join(server, { name: "ANN" });
  assertEquals((await second.inbox.until("welcome")).name, "ANN2");
  await using third = await websocket.join(server, { name: "ann" });
  assertEquals((await third.inbox.until("welcome")).name, "ann3");

  // The name of its own session is no obstacle, and a new one is told to the others.
  const renamed = await openSession(server, "anna", bearer(ann.token!));
  assertEquals([renamed.status, renamed.body.name], [200, "anna"]);
  assertEquals(await second.inbox.until("rename"), { type: "rename", from: "ann", name: "anna" });
});

Deno.test("a name wished for and not given is no way to speak under it later", async () => {
  await using server = await TestServer.open();
  await using _ann = await websocket.join(server, { name: "ann" });
  const names: string[] = [];
  for (const wished of ["ann", "admin"]) {
    const impostor = await websocket.join(server, { name: wished });
    const { name } = await impostor.inbox.until("welcome");
    names.push(name);
    await impostor.leave();
    await _ann.inbox.until("leave", (leave) => leave.name === name);
    await post(server, { text: "trust me" }, {
      "content-type": "application/json",
      ...bearer(impostor.token),
    });
  }
  assertEquals(await stored(server), names.map((name) => `${name}: trust me`));
  assertEquals(names[0], "ann2");
  assertMatch(names[1]!, /^guest-/);
});

Deno.test("a session keeps the name it was given when somebody else has come by that name", async () => {
  await using server = await TestServer.open();
  const { body: { token } } = await openSession(server, "ann");
  await using _other = await websocket.join(server, { name: "ann" });
  await post(server, { text: "which one?" }, {
    "content-type": "application/json",
    ...bearer(token),
  });
  assertEquals(await stored(server), ["ann2: which one?"]);
});

Deno.test("above its rate a sender gets 429 with Retry-After, and another does not", async () => {
  await using server = await TestServer.open({ rate: { perSecond: 0.1, burst: 2 } });
  const { body: { token } } = await openSession(server, "ann");
  assertEquals((await post(server, { text: "1" })).status, 201);
  assertEquals((await post(server, { text: "2", name: "another" })).status, 201);
  const limited = await post(server, { text: "3", name: "a third" });
  assertEquals(limited.status, 429);
  assertEquals(limited.headers.get("retry-after"), "10");
  assertEquals(limited.body, refused("rate_limited", "rate limited, try again in 10 s"));
  const other = await post(server, { text: "4" }, {
    "content-type": "application/json",
    ...bearer(token),
  });
  assertEquals(other.status, 201);
});

Deno.test("the history is read in pages, before, after and around a position", async () => {
  await using server = await TestServer.open();
  const { log } = server.running.room;
  await log.append(
    Array.from({ length: 120 }, (_, i) => ({ sender: "x", from: "x", text: `${i + 1}` })),
  );
  const cases: [string, number, number, boolean][] = [
    ["", 71, 120, true],
    ["?limit=200", 1, 120, false],
    ["?before=71", 21, 70, true],
    ["?before=21", 1, 20, false],
    ["?before=3&limit=2", 1, 2, false],
    ["?after=0&limit=3", 1, 3, true],
    ["?after=118", 119, 120, false],
    [`?after=${log.epoch}-118`, 119, 120, false],
    ["?around=60&limit=4", 58, 61, true],
    ["?around=1&limit=4", 1, 4, true],
    ["?around=60&limit=200", 1, 120, false],
  ];
  for (const [query, from, to, more] of cases) {
    const { status, body } = await get(server, `/api/messages${query}`);
    const seqs = body.events.map(({ seq }: { seq: number }) => seq);
    const expected = Array.from({ length: to - from + 1 }, (_, i) => from + i);
    assertEquals([status, seqs, body.more], [200, expected, more], query);
  }
  const { body: none } = await get(server, "/api/messages?after=120");
  assertEquals(none, { events: [], more: false });
  const { body: [first] } = { body: (await get(server, "/api/messages?limit=1")).body.events };
  assertEquals(Object.keys(first), ["type", "seq", "at", "from", "text"]);

  const bad: [string, string][] = [
    ["limit=0", "limit=0: wanted a whole number from 1 to 200"],
    ["limit=201", "limit=201: wanted a whole number from 1 to 200"],
    ["limit=1e1", "limit=1e1: wanted a whole number from 1 to 200"],
    ["before=x", "before=x: wanted <epoch>-<seq> or <seq>"],
    ["after=kother-1", `after=kother-1: wanted a position in the history ${log.epoch}`],
    ["after=1&before=2", "wanted only one of before, after, around and at"],
  ];
  for (const [query, message] of bad) {
    const { status, body } = await get(server, `/api/messages?${query}`);
    assertEquals([status, body], [400, refused("bad_request", message)], query);
  }
});

Deno.test("a search finds words and parts of words, in any script, newest first, in pages", async () => {
  await using server = await TestServer.open();
  const texts = [
    "Hello world",
    "hello again",
    "今天天气很好",
    "안녕하세요 여러분",
    "100% sure",
    "hello_x",
  ];
  for (const text of texts) await post(server, { text });
  const search = async (query: Record<string, string>) => {
    const { status, body } = await get(server, `/api/search?${new URLSearchParams(query)}`);
    assertEquals(status, 200);
    return [body.events.map(({ text }: { text: string }) => text), body.more];
  };
  assertEquals(await search({ q: "hello" }), [["hello_x", "hello again", "Hello world"], false]);
  assertEquals(await search({ q: "hello", limit: "2" }), [["hello_x", "hello again"], true]);
  assertEquals(await search({ q: "hello", before: "6" }), [["hello again", "Hello world"], false]);
  assertEquals(await search({ q: "WORLD hel" }), [["Hello world"], false]);
  assertEquals(await search({ q: "天气" }), [["今天天气很好"], false]);
  assertEquals(await search({ q: "하세" }), [["안녕하세요 여러분"], false]);
  assertEquals(await search({ q: "0%" }), [["100% sure"], false]);
  assertEquals(await search({ q: "o_x" }), [["hello_x"], false]);
  for (const nasty of ['"', "'", "a OR b", "NEAR(", "text:hello", "*", "-x", "\\"]) {
    assertEquals((await search({ q: nasty }))[0], [], nasty);
  }
  for (const q of ["", "%20", "x".repeat(201)]) {
    const { status, body } = await get(server, `/api/search?q=${q}`);
    const message = "q: wanted the words to search for, up to 200 characters";
    assertEquals([status, body], [400, refused("bad_request", message)]);
  }
});

Deno.test("a search is narrowed to somebody and to days, and says what it cannot read", async () => {
  await using server = await TestServer.open();
  for (const [name, text] of [["ann", "Café noir"], ["Björn", "cafe au lait"], ["ann", "tea"]]) {
    await post(server, { name, text });
  }
  const search = async (q: string) => {
    const { status, body } = await get(server, `/api/search?${new URLSearchParams({ q })}`);
    return status === 200
      ? body.events.map(({ text }: { text: string }) => text)
      : [status, body.error.message];
  };
  assertEquals(await search("café"), ["cafe au lait", "Café noir"]);
  assertEquals(await search("cafe from:ANN"), ["Café noir"]);
  assertEquals(await search("from:bjorn"), ["cafe au lait"]);
  assertEquals(await search("from:an"), []);
  const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  assertEquals(await search(`from:ann before:${day(1)}`), ["tea", "Café noir"]);
  assertEquals(await search(`before:${day(-1)}`), []);
  assertEquals(await search(`after:${day(-1)} before:${day(1)} cafe`), [
    "cafe au lait",
    "Café noir",
  ]);
  assertEquals(await search(`after:${day(1)}`), []);
  assertEquals(await search("tea before:tomorrow"), [
    400,
    "before:tomorrow: wanted a day or a time, as in 2026-11-01 or 2026-11-01T12:00Z",
  ]);
  assertEquals(await search("from:"), [
    400,
    "q: wanted the words to search for, up to 200 characters",
  ]);
});

Deno.test("messages around a time: the first of then or later has older ones before it", async () => {
  await using server = await TestServer.open();
  for (let i = 0; i < 5; i++) await post(server, { name: "ann", text: `text ${i}` });
  const { body: { events } } = await get(server, "/api/messages");
  const around = async (at: string) => {
    const { status, body } = await get(
      server,
      `/api/messages?${new URLSearchParams({ at, limit: "2" })}`,
    );
    return status === 200 ? body.events.map(({ seq }: { seq: number }) => seq) : body.error.message;
  };
  assert((await around(new Date(events[2].at).toISOString())).includes(
    events.find(({ at }: { at: number }) => at === events[2].at).seq,
  ));
  assertEquals(await around("2020-01-01"), [1, 2]);
  assertEquals(await around("2100-01-01"), [5]);
  assertEquals(
    await around("noon"),
    "at=noon: wanted a day or a time, as in 2026-11-01 or 2026-11-01T12:00Z",
  );
  const { body } = await get(server, "/api/messages?at=2026-11-01&before=3");
  assertEquals(body, refused("bad_request", "wanted only one of before, after, around and at"));
});

Deno.test("presence, ping, livez and readyz say how things are", async () => {
  await using server = await TestServer.open();
  await using _ann = await websocket.join(server, { name: "ann" });
  assertEquals((await get(server, "/api/presence")).body, { count: 1, names: ["ann"] });
  const people = { count: 1, names: ["ann"], more: false };
  assertEquals((await get(server, "/api/people?q=AN")).body, people);
  assertEquals((await get(server, "/api/people?limit=1")).body, people);
  assertEquals((await get(server, "/api/people?q=x")).body, { count: 1, names: [], more: false });
  assertEquals(
    (await get(server, `/api/people?q=${"x".repeat(65)}`)).body,
    refused("bad_request", "q: wanted a part of a name, up to 64 characters"),
  );
  for (const [path, body] of [["/livez", "ok\n"], ["/readyz", "ready\n"]] as const) {
    const response = await fetch(server.url + path);
    assertEquals([response.status, await response.text()], [200, body]);
  }
  using raw = await Raw.connect(server.httpPort);
  await raw.send(`GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const [head, pong] = (await raw.takeRest()).split("\r\n\r\n");
  assertMatch(head!, /^HTTP\/1\.1 200 OK/);
  assertEquals(pong, `pong 127.0.0.1:${raw.localPort}\n`);
});

Deno.test("what is not there is 404, a method that is not possible 405 with those that are", async () => {
  await using server = await TestServer.open();
  const { status, body } = await get(server, "/api/nothing");
  assertEquals([status, body.error.code], [404, "not_found"]);
  const cases = [
    ["DELETE", "/api/messages", "GET, POST"],
    ["PUT", "/ws", "GET"],
    ["POST", "/events", "GET"],
    ["GET", "/api/session", "POST"],
    ["POST", "/livez", "GET"],
    ["DELETE", "/", "GET, HEAD"],
    ["HEAD", "/stream", "GET"],
    ["HEAD", "/poll", "GET"],
    ["HEAD", "/ws", "GET"],
    ["toString", "/api/messages", "GET, POST"],
    ["constructor", "/events", "GET"],
  ] as const;
  for (const [method, path, allow] of cases) {
    using raw = await Raw.connect(server.httpPort);
    await raw.send(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    const [head] = (await raw.takeRest()).split("\r\n\r\n");
    assertMatch(head!, /^HTTP\/1\.1 405 /, `${method} ${path}`);
    assertEquals(/^allow: (.*)$/im.exec(head!)?.[1], allow, `${method} ${path}`);
  }
  assertEquals(server.running.room.presence().count, 0);
});

Deno.test("a bad cursor is 400 where a status can be read, and 200 with a reset where it cannot", async () => {
  await using server = await TestServer.open();
  await post(server, { text: "hi" });
  for (const since of ["x", "-1", "1.5", "k-", "9".repeat(16)]) {
    for (const path of ["/stream", "/poll"]) {
      const { status, body } = await get(server, `${path}?since=${since}`);
      const message = `since=${since}: wanted <epoch>-<seq> or <seq>`;
      assertEquals([status, body], [400, refused("bad_request", message)]);
    }
    for (const transport of [sse, websocket]) {
      await using client = await transport.join(server, { since });
      assertEquals((await client.inbox.until("reset")).reason, "epoch");
      await client.inbox.untilSeq(1);
    }
  }
});

Deno.test("Last-Event-ID wins over since, and retry comes first", async () => {
  await using server = await TestServer.open();
  for (let i = 1; i <= 5; i++) await post(server, { text: `${i}` });
  const { epoch } = server.running.room.log;
  const response = await fetch(`${server.url}/events?since=1`, {
    headers: { "last-event-id": `${epoch}-3` },
  });
  assertEquals(response.headers.get("content-type"), "text/event-stream");
  assertEquals(response.headers.get("cache-control"), "no-store");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("event: live")) text += (await reader.read()).value ?? "";
  await reader.cancel();
  assertMatch(text, /^retry: \d+\n\nevent: welcome\ndata: /);
  const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id);
  assertEquals(ids, [`${epoch}-4`, `${epoch}-5`]);
});

Deno.test("a poll answers at once if there is something, in pages, and empty when its time is over", async () => {
  await using server = await TestServer.open();
  const { epoch } = server.running.room.log;
  const empty = await get(server, "/poll?since=0&wait=0");
  assertEquals([empty.status, empty.body], [200, { events: [], cursor: `${epoch}-0` }]);
  const waiting = get(server, "/poll?since=0&wait=20");
  await server.running.room.log.append(
    Array.from({ length: 450 }, (_, i) => ({ sender: "x", from: "x", text: `${i + 1}` })),
  );
  await waiting;
  const sizes: [number, unknown][] = [];
  const seqs: number[] = [];
  let cursor = `${epoch}-0`;
  do {
    const { body } = await get(server, `/poll?since=${cursor}&wait=0`);
    cursor = body.cursor;
    sizes.push([body.events.length, body.more]);
    seqs.push(...body.events.map(({ seq }: { seq: number }) => seq));
  } while (sizes.at(-1)?.[1] === true);
  assertEquals(sizes, [[200, true], [200, true], [50, undefined]]);
  assertEquals(seqs, Array.from({ length: 450 }, (_, i) => i + 1));
  assertEquals(cursor, `${epoch}-450`);
  const late = await get(server, "/poll?since=450&wait=1");
  assertEquals(late.body, { events: [], cursor: `${epoch}-450` });
  const { status, body } = await get(server, "/poll?wait=61");
  const message = "wait=61: wanted a whole number from 0 to 60";
  assertEquals([status, body], [400, refused("bad_request", message)]);
});

Deno.test("a page of another origin may not post, and a name that is not ours is not served", async () => {
  await using server = await TestServer.open({ allowHosts: ["chat.example"] });
  const request = async (head: string) => {
    using raw = await Raw.connect(server.httpPort);
    await raw.send(`${head}\r\nConnection: close\r\n\r\n`);
    return (await raw.takeRest()).split("\r\n", 1)[0];
  };
  const posting = "POST /api/messages HTTP/1.1\r\nContent-Length: 0\r\nHost: localhost:80";
  assertEquals(
    await request(`${posting}\r\nOrigin: http://evil.example`),
    "HTTP/1.1 403 Forbidden",
  );
  assertEquals(await request(`${posting}\r\nOrigin: null`), "HTTP/1.1 403 Forbidden");
  assertEquals(
    await request(`${posting}\r\nOrigin: http://localhost:81`),
    "HTTP/1.1 403 Forbidden",
  );
  const served = {
    "localhost": 200,
    "LOCALHOST:1": 200,
    "127.0.0.1": 200,
    "[::1]:8080": 200,
    "chat.example:443": 200,
    "Chat.Example": 200,
    "evil.example": 421,
    "127.0.0.1.evil.example": 421,
    "localhost.evil.example": 421,
    "": 421,
  };
  for (const [host, status] of Object.entries(served)) {
    const line = await request(`GET /livez HTTP/1.1\r\nHost: ${host}`);
    assertEquals(Number(line?.split(" ")[1]), status, host);
  }
  // The runtime does not tell it from HTTP/2, which has no such header; no browser leaves it out.
  assert((await request("GET /livez HTTP/1.1"))?.startsWith("HTTP/1.1 200"), "no Host at all");
});

Deno.test("HTTP/2 without TLS names its host otherwise, and is answered alike", async () => {
  await using server = await TestServer.open();
  const client = Deno.createHttpClient({ http1: false });
  try {
    for (const host of ["localhost", "127.0.0.1"]) {
      const response = await fetch(`http://${host}:${server.httpPort}/livez`, { client } as never);
      assertEquals([response.status, await response.text()], [200, "ok\n"]);
    }
  } finally {
    client.close();
  }
});
