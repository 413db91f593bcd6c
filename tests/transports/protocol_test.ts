// What lib/PROTOCOL.md says of tokens, names, parameters and endings, seen from outside. What all
// transports have in common is in contract/contract_test.ts.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { TestServer } from "../support/server.ts";
import { bearer } from "./clients/client.ts";
import { Inbox } from "./clients/inbox.ts";
import { tcp, tcpJson } from "./clients/lines.ts";
import { openSocket } from "./clients/socket.ts";
import { sse, stream } from "./clients/streams.ts";
import { websocket } from "./clients/websocket.ts";

const JSON_BODY = { "content-type": "application/json" };

async function get(server: TestServer, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(server.url + path, { headers });
  return { status: response.status, body: await response.json() };
}

async function post(
  server: TestServer,
  path: string,
  body: string,
  headers: Record<string, string> = {},
) {
  const response = await fetch(server.url + path, { method: "POST", body, headers });
  return { status: response.status, body: await response.json() };
}

const openSession = (server: TestServer, name: string, token?: string) =>
  post(server, "/api/session", JSON.stringify({ name }), { ...JSON_BODY, ...bearer(token) });

async function newest(server: TestServer) {
  const { body } = await get(server, "/api/messages?limit=1");
  return body.events[0];
}

Deno.test("a taken name: connections give the next free one, whatever they ride on", async () => {
  await using server = await TestServer.open();
  await using _ann = await websocket.join(server, { name: "ann" });
  for (const transport of [websocket, sse, stream, tcpJson]) {
    // Two names are the same if they differ only in case or in compatibility forms.
    const client = await transport.join(server, { name: "ＡＮＮ" });
    assertEquals((await client.inbox.until("welcome")).name, "ANN2", transport.name);
    await client.leave();
    await presence(server, 1);
  }
  await using lines = await tcp.join(server, { name: "ann" });
  const { text } = await lines.inbox.until("info", ({ text }) => text.startsWith("hello "));
  assertMatch(text, /^hello ann2;/);
});

Deno.test("a taken name: rename and POST /api/session refuse it, and nothing changes", async () => {
  await using server = await TestServer.open();
  await using _ann = await websocket.join(server, { name: "ann" });
  const inbox = new Inbox();
  const { socket, ended } = await openSocket(server, "/ws?name=bob", {
    onFrame: (text) => text.split("\n").forEach((line) => inbox.push(JSON.parse(line))),
  });
  const { token } = await inbox.until("welcome");
  for (const name of ["ann", "ANN", "server", "root"]) {
    const before = inbox.events.length;
    socket.send(JSON.stringify({ type: "rename", name }));
    const refused = await inbox.until("error", (_, index) => index >= before);
    assertEquals([refused.code, refused.id], ["name_taken", undefined]);
    const answer = await openSession(server, name, token);
    assertEquals([answer.status, answer.body.error.code], [409, "name_taken"]);
  }
  assertEquals((await get(server, "/api/presence")).body.names, ["ann", "bob"]);
  socket.close();
  await ended;
});

Deno.test("a taken name: a post with a session uses the next free one, without it is from guest", async () => {
  await using server = await TestServer.open();
  const { token } = (await openSession(server, "ann")).body;
  await using _ann = await websocket.join(server, { name: "ann" });
  await post(server, "/api/messages?name=zoe", "hi", bearer(token));
  assertEquals((await newest(server)).from, "ann2");
  await post(server, "/api/messages?name=ann", "hi");
  assertEquals((await newest(server)).from, "guest");
  await post(server, "/api/messages?name=zoe", "hi");
  assertEquals((await newest(server)).from, "zoe");
});

Deno.test("a token wishes for the name that was last wished for, and all of a session stay good", async () => {
  await using server = await TestServer.open({ graceMs: 0 });
  const nameOf = async (token: string, name?: string) => {
    const client = await websocket.join(server, name === undefined ? { token } : { token, name });
    const welcome = await client.inbox.until("welcome");
    await client.leave();
    await presence(server, 0);
    return { name: welcome.name, token: welcome.token };
  };
  const first = (await openSession(server, "ann")).body.token;
  assertEquals(await nameOf(first), { name: "ann", token: first });
  const wished = await nameOf(first, "zoe");
  assertEquals(wished.name, "zoe");
  assertEquals((await nameOf(wished.token)).name, "zoe");
  assertEquals((await nameOf(first)).name, "ann");
  // One session all the same: the id is known, whichever of its tokens comes.
  const message = JSON.stringify({ text: "hi", id: "c-1" });
  const [before, after] = [first, wished.token].map((token) => ({
    ...JSON_BODY,
    ...bearer(token),
  }));
  assertEquals((await post(server, "/api/messages", message, before)).status, 201);
  assertEquals((await post(server, "/api/messages", message, after)).status, 200);
});

Deno.test("a connection of somebody who is here has the present name, whatever it brings", async () => {
  await using server = await TestServer.open();
  await using ann = await websocket.join(server, { name: "ann" });
  await using again = await stream.join(server, { token: ann.token!, name: "zoe" });
  assertEquals((await again.inbox.until("welcome")).name, "ann");
});

Deno.test("parameters: out of range is a 400 that names it, empty is the default", async () => {
  await using server = await TestServer.open();
  for (let n = 1; n <= 60; n++) await post(server, "/api/messages", `Text number ${n}`);
  const { epoch } = server.running.room.log;
  const good = [
    ["/poll?since=0&wait=0", 60],
    [`/poll?since=${epoch}-58&wait=60`, 2],
    ["/poll?since=&wait=&recent=", 50],
    ["/poll?wait=0&recent=0", 0],
    ["/poll?recent=500", 60],
    ["/api/messages", 50],
    ["/api/messages?limit=1", 1],
    ["/api/messages?limit=200", 60],
    ["/api/messages?before=3", 2],
    [`/api/messages?after=${epoch}-58`, 2],
    ["/api/messages?before=&after=58", 2],
    ["/api/search?q=NUMB%205", 15],
    ["/api/search?q=numb%205&before=6", 1],
    [`/api/search?q=${"x".repeat(200)}`, 0],
  ] as const;
  for (const [path, count] of good) {
    const { status, body } = await get(server, path);
    assertEquals([status, body.events?.length], [200, count], path);
  }
  const bad = [
    ["/poll?since=-1", "since"],
    ["/poll?wait=61", "wait"],
    ["/poll?wait=0.5", "wait"],
    ["/poll?recent=501", "recent"],
    ["/stream?since=x", "since"],
    ["/events?recent=-1", "recent"],
    ["/events?name=" + "x".repeat(33), "name"],
    ["/api/messages?limit=0", "limit"],
    ["/api/messages?limit=201", "limit"],
    ["/api/messages?before=other-3", "before"],
    ["/api/messages?before=3&after=3", "before"],
    ["/api/search?q=", "q"],
    ["/api/search?q=" + "x".repeat(201), "q"],
    ["/api/search?q=x&around=3", undefined], // ignored, as all that it does not know
  ] as const;
  for (const [path, named] of bad) {
    const { status, body } = await get(server, path);
    assertEquals(status, named === undefined ? 200 : 400, path);
    if (named !== undefined) assertStringIncludes(body.error.message, named, path);
  }
  const { body } = await get(server, "/api/messages?around=30&limit=10");
  assertEquals(body.events.map(({ seq }: { seq: number }) => seq), range(25, 34));
  assertEquals(body.more, true);
});

Deno.test("Idempotency-Key wins over the id in the body", async () => {
  await using server = await TestServer.open();
  const body = JSON.stringify({ text: "hi", id: "in-the-body" });
  await post(server, "/api/messages", body, { ...JSON_BODY, "idempotency-key": "in-the-header" });
  assertEquals((await newest(server)).id, "in-the-header");
});

Deno.test("the end of the server: a bye, as retry on /events too; a poll is answered without one", async () => {
  await using server = await TestServer.open();
  const reading = Promise.all(["/events", "/stream"].map(async (path) => {
    const response = await fetch(server.url + path);
    return await response.text(); // resolves, since the response ends
  }));
  const { token } = (await openSession(server, "ann")).body;
  const polling = get(server, "/poll?wait=60", bearer(token));
  await presence(server, 3);
  await server[Symbol.asyncDispose]();
  const [events, lines] = await reading;
  const [, retry, data] = /retry: (\d+)\nevent: bye\ndata: (.+)\n\n$/.exec(events!) ?? [];
  assertEquals(JSON.parse(data!), { type: "bye", reconnect_ms: Number(retry) });
  assertEquals(JSON.parse(lines!.trimEnd().split("\n").at(-1)!).type, "bye");
  const { status, body } = await polling;
  assertEquals([status, body.events], [200, []]);
});

Deno.test("a program over TCP skips the question for its name, and then gets JSON alone", async () => {
  await using server = await TestServer.open();
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.tcpPort });
  const said = '{"type":"hello","name":"ann"}\n{"type":"message","id":"c","text":"hi"}\n/quit\n';
  await conn.write(new TextEncoder().encode(said));
  let text = "";
  for await (const part of conn.readable.pipeThrough(new TextDecoderStream())) text += part;
  const [question, ...rest] = text.trimEnd().split(/\r?\n/);
  assert(!question!.startsWith("{"));
  const types: string[] = rest.map((line) => JSON.parse(line).type);
  assertEquals(types[0], "welcome");
  assertEquals(types.filter((type) => type === "ack").length, 1);
});

Deno.test("a bot that follows the recipe answers once, though it falls before it keeps its cursor", async () => {
  await using server = await TestServer.open({ graceMs: 0 });
  const { token } = (await openSession(server, "bot")).body;
  await using ann = await websocket.join(server, { name: "ann" });
  const kept = `${server.running.room.log.epoch}-0`;
  const { seq } = await ann.say("what?");
  for (const run of ["falls", "comes back"]) {
    const bot = await websocket.join(server, { token, since: kept });
    for (const { id, seq } of (await bot.inbox.until("live"), bot.inbox.messages)) {
      if (!id?.startsWith("re-")) await bot.say("that!", `re-${seq}`);
    }
    await bot.leave(); // with the answer acked and the cursor where it was
    assertEquals((await newest(server)).id, `re-${seq}`, run);
  }
  assertEquals(server.running.room.log.last, 2);
});

/** Until so many are here: a server learns of the end of a connection a little later. */
async function presence(server: TestServer, count: number): Promise<void> {
  for (;;) {
    const { body } = await get(server, "/api/presence");
    if (body.count === count) return;
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}
