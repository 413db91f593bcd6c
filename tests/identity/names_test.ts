// Names over real transports: whose they are, for how long, and which are nobody's.

import { assertEquals, assertMatch } from "@std/assert";
import { IDENTITY, TestServer } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { websocket } from "../transports/clients/websocket.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const HOLD = { identity: { ...IDENTITY, holdNamesMs: DAY_MS } };

async function ask(url: string, name: string, token?: string) {
  const answer = await fetch(`${url}/api/session`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ name }),
  });
  return { status: answer.status, body: await answer.json() };
}

async function lastFrom({ url }: TestServer): Promise<string> {
  const answer = await fetch(`${url}/api/messages?limit=1`);
  return (await answer.json()).events[0].from;
}

async function withData(test: (data: string) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    await test(data);
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("a name is its owner's after a restart: on coming in, by rename, by POST, on every door", async () => {
  await withData(async (data) => {
    let token;
    {
      await using server = await TestServer.open({ ...HOLD, data });
      await using ann = await websocket.join(server, { name: "ann" });
      await ann.say("it is me");
      token = ann.token;
    }
    await using server = await TestServer.open({ ...HOLD, data });
    for (const transport of TRANSPORTS.filter(({ form }) => form === "json")) {
      await using eve = await transport.join(server, { name: "\u0410nn" });
      assertMatch((await eve.inbox.until("welcome")).name, /^\u0410nn\d$/, transport.name);
    }
    const refused = await ask(server.url, "ANN");
    assertEquals([refused.status, refused.body.error.code], [409, "name_taken"]);
    assertMatch(refused.body.error.message, /is taken by somebody who is away, and free in 24 h/);
    const posted = await fetch(`${server.url}/api/messages`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ text: "it is me", name: "\u0430nn" }),
    });
    assertEquals(posted.status, 201);
    await posted.body?.cancel();
    assertEquals(await lastFrom(server), "guest");
    const eve = await ask(server.url, "eve");
    assertEquals((await ask(server.url, "ann", eve.body.token)).status, 409);
    await using ann = await websocket.join(server, { token: token! });
    assertEquals((await ann.inbox.until("welcome")).name, "ann");
  });
});

Deno.test("a bot that only posts holds the name that it posts under", async () => {
  await using server = await TestServer.open(HOLD);
  const { body: { token } } = await ask(server.url, "bot");
  const posted = await fetch(`${server.url}/api/messages`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: "beep",
  });
  await posted.body?.cancel();
  assertEquals(await lastFrom(server), "bot");
  assertEquals((await ask(server.url, "B0T")).status, 409);
  assertEquals((await ask(server.url, "bot", token)).status, 200);
});

Deno.test("where names are not held, they are free as soon as they are left", async () => {
  await using server = await TestServer.open();
  {
    await using ann = await websocket.join(server, { name: "ann" });
    await ann.say("hi");
  }
  while (server.running.room.people.count > 0) await new Promise((next) => setTimeout(next, 5));
  assertEquals((await ask(server.url, "ann")).status, 200);
});

Deno.test("a name that reads like the protocol or an authority is refused with why, on every door", async () => {
  await using server = await TestServer.open();
  const bad = await ask(server.url, "ann: yes, I agree");
  assertEquals([bad.status, bad.body.error.code], [400, "bad_request"]);
  assertEquals(
    bad.body.error.message,
    'the name has a colon, as in "ann: hello"; wanted a name without one',
  );
  const reserved = await ask(server.url, "0perator");
  assertEquals([reserved.status, reserved.body.error.code], [409, "name_taken"]);
  assertMatch(reserved.body.error.message, /reads like the server or one of its keepers/);
  for (const transport of TRANSPORTS.filter(({ form }) => form === "json")) {
    await using client = await transport.join(server, { name: "Adm1n" });
    assertMatch((await client.inbox.until("welcome")).name, /^guest-/, transport.name);
  }
  const posted = await fetch(`${server.url}/api/messages?name=%D0%85ystem`, {
    method: "POST",
    body: "hi",
  });
  await posted.body?.cancel();
  assertEquals(await lastFrom(server), "guest");
});

Deno.test("what was said under a name of old stays readable, exported and imported", async () => {
  await using server = await TestServer.open();
  const { room } = server.running;
  await room.log.append([{ sender: "s", from: "ann: yes, I agree", text: "hi" }]);
  assertEquals(await lastFrom(server), "ann: yes, I agree");
  await using client = await websocket.join(server, { name: "bob" });
  await client.inbox.untilSeq(1);
  assertEquals(client.inbox.lines, ["#1 ann: yes, I agree: hi"]);
});

Deno.test("with a secret, tokens are good on any machine that has it, and on no other", async () => {
  const withSecret = (secret: string) => TestServer.open({ identity: { ...IDENTITY, secret } });
  let token;
  {
    await using server = await withSecret("s".repeat(32));
    token = (await ask(server.url, "ann")).body.token;
  }
  await using same = await withSecret("s".repeat(32));
  assertEquals((await ask(same.url, "ann", token)).status, 200);
  await using other = await withSecret("t".repeat(32));
  assertEquals((await ask(other.url, "ann", token)).status, 401);
});
