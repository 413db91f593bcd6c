// What operators do, on every transport alike: they ask over HTTP here, and in their own ways below.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { makeOperator, removeOperator } from "../../lib/moderation/mod.ts";
import { TestServer } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import {
  bearer,
  type Client,
  type JoinOptions,
  postAs,
  Refused,
  type Transport,
} from "../transports/clients/client.ts";
import { Raw } from "../transports/clients/raw.ts";
import { openSocket } from "../transports/clients/socket.ts";
import { websocket } from "../transports/clients/websocket.ts";
import { Guarded } from "./guarded.ts";

function contract(
  promise: string,
  test: (transport: Transport, guarded: Guarded) => Promise<void>,
): void {
  for (const transport of TRANSPORTS) {
    Deno.test(`${transport.name}: ${promise}`, async () => {
      await using guarded = await Guarded.open();
      await test(transport, guarded);
    });
  }
}

/** The code and text of an error; the line protocol has only the text. */
async function refusalOf(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise, Refused);
  return error.message;
}

/** Ends where the client's connection has; leaving it then is nothing. */
async function gone(client: Client): Promise<void> {
  await client.inbox.untilEnd();
}

/** As eve comes back: with the token where the transport has one. */
function returning({ token }: Client): JoinOptions {
  return token === undefined ? { name: "eve" } : { token };
}

contract(
  "a ban ends the connection with its reason, and keeps out who comes back",
  async (transport, guarded) => {
    const { server } = guarded;
    await using bob = await websocket.join(server, { name: "bob" });
    await using eve = await transport.join(server, { name: "eve" });
    await eve.say("spam");
    const { status, text } = await guarded.order({
      type: "ban",
      name: "EVE",
      time: "2h",
      reason: "spam",
    });
    assertEquals(status, 200);
    assertMatch(text, /^eve is banned until .* UTC \(by name, session; not by address: others/);
    await gone(eve);
    if (transport.form !== "poll") {
      const error = await eve.inbox.until("error");
      assertMatch(error.message, /^you are banned from this room until [-0-9: ]+ UTC: spam$/);
    }
    const notice = await bob.inbox.until("moderation");
    assertEquals([notice.action, notice.name, notice.by, notice.reason], [
      "ban",
      "eve",
      "ann",
      "spam",
    ]);
    await bob.inbox.until("leave", ({ name }) => name === "eve");
    await assertRejects(() => Promise.resolve(transport.join(server, { name: "eve" })));
    if (eve.token !== undefined) {
      const message = await refusalOf(postAs(server, eve.token, { text: "me again" }));
      assertMatch(message, /^you are banned/);
    }
    assertEquals((await guarded.order({ type: "unban", name: "eve" })).status, 200);
    await using again = await transport.join(server, { name: "eve" });
    await again.say("thank you");
  },
);

contract("a kick ends the connection, and keeps out for a minute", async (transport, guarded) => {
  const { server } = guarded;
  await using eve = await transport.join(server, { name: "eve" });
  assertEquals((await guarded.order({ type: "kick", name: "eve", reason: "calm" })).status, 200);
  await gone(eve);
  if (transport.form !== "poll") {
    const { message } = await eve.inbox.until("error");
    assertEquals(message, "you were removed from the room: calm");
  }
  await assertRejects(() => Promise.resolve(transport.join(server, { name: "eve" })));
  assertEquals((await guarded.order({ type: "undo" })).text, "eve may come back at once");
  await using again = await transport.join(server, returning(eve));
  await again.say("calm");
});

contract(
  "a muted person reads on and cannot write, and is told why and until when",
  async (transport, guarded) => {
    const { server } = guarded;
    await using eve = await transport.join(server, { name: "eve" });
    await guarded.order({ type: "mute", name: "eve", time: "10m", reason: "quiet" });
    assertMatch(await refusalOf(eve.say("spam")), /^you cannot write until [-0-9: ]+ UTC: quiet$/);
    if (transport.form === "json") {
      const { muted } = await eve.inbox.until("you");
      assertEquals(muted?.reason, "quiet");
      assert(muted!.until! > Date.now());
    }
    const { seq } = await postAs(server, undefined, { text: "others go on" });
    await eve.inbox.untilSeq(seq);
    await guarded.order({ type: "unmute", name: "eve" });
    await eve.say("thank you");
  },
);

contract(
  "in slow mode one may say one thing in so many seconds, operators as they like",
  async (transport, guarded) => {
    const { server } = guarded;
    await using eve = await transport.join(server, { name: "eve" });
    await guarded.order({ type: "slow", seconds: 600 });
    await eve.say("one");
    assertMatch(
      await refusalOf(eve.say("two")),
      /^slow mode, one message in 600 s, try again in \d+ s$/,
    );
    await postAs(server, guarded.token, { text: "three" });
    await postAs(server, guarded.token, { text: "four" });
    await guarded.order({ type: "slow", seconds: 0 });
    await eve.say("five");
  },
);

contract(
  "a topic is an entry that everybody sees in its place, and who comes back too",
  async (transport, guarded) => {
    const { server } = guarded;
    await using eve = await transport.join(server, { name: "eve" });
    await eve.say("one");
    const { status, seq } = await guarded.order({ type: "topic", text: "tea\nand cake" });
    assertEquals([status, seq], [200, 2]);
    await eve.say("three");
    await eve.inbox.untilSeq(3);
    if (transport.form === "lines") {
      const line = await eve.inbox.until("message", (message) => message.seq === 2);
      assertEquals(line.text, "tea and cake");
      return;
    }
    const { text, from } = await eve.inbox.until("topic");
    assertEquals([text, from], ["tea and cake", "ann"]);
    const since = `${server.running.room.log.epoch}-1`;
    await using back = await transport.join(server, { name: "eve", token: eve.token!, since });
    await back.inbox.untilSeq(3);
    const seen = back.inbox.events.filter((event) => "seq" in event && event.type !== "live");
    assertEquals(seen.map(({ type }) => type), ["topic", "message"]);
    if (transport.form === "json") {
      const { topic } = await back.inbox.until("welcome");
      assertEquals([topic?.seq, topic?.text, topic?.from], [2, "tea and cake", "ann"]);
    }
  },
);

Deno.test("only operators can do any of it, and they are told so who are none", async () => {
  await using guarded = await Guarded.open();
  await using eve = await websocket.join(guarded.server, { name: "eve" });
  for (const type of ["kick", "ban", "unban", "mute", "unmute", "slow", "topic", "bans", "undo"]) {
    const { status, error } = await guarded.order({ type, name: "bob", text: "x", seconds: 1 }, {
      token: eve.token!,
    });
    assertEquals([status, error.code], [403, "forbidden"], type);
  }
  const response = await fetch(`${guarded.server.url}/api/moderation`);
  assertEquals([response.status, (await response.json()).error.code], [403, "forbidden"]);
  assertEquals((await guarded.order({ type: "dance" })).error.code, "bad_request");
  assertEquals((await guarded.order({ type: "ban" })).error.code, "bad_request");
  assertEquals((await guarded.order({ type: "ban", name: "eve", time: "soon" })).status, 400);
  assertEquals((await guarded.order({ type: "kick", name: "nobody" })).status, 404);
  assertEquals(guarded.audit.map(({ what }) => what), ["operator"], "nothing has been done");
});

Deno.test("/ws: a frame orders, is answered under its id, and again does nothing twice", async () => {
  await using guarded = await Guarded.open();
  await using eve = await websocket.join(guarded.server, { name: "eve" });
  const heard = new Map<string, PromiseWithResolvers<Record<string, unknown>>>();
  const { socket, ended } = await openSocket(guarded.server, "/ws", {
    headers: bearer(guarded.token),
    onFrame: (text) =>
      text.split("\n").map((line) => JSON.parse(line)).forEach((event) => {
        if (event.type !== "topic") heard.get(event.id)?.resolve(event);
      }),
  });
  const ask = (id: string, frame: Record<string, unknown>) => {
    const answer = Promise.withResolvers<Record<string, unknown>>();
    heard.set(id, answer);
    socket.send(JSON.stringify({ ...frame, id }));
    return answer.promise;
  };
  const ban = { type: "ban", name: "eve", reason: "spam" };
  const first = await ask("c-1", ban);
  assertEquals(first.type, "done");
  await gone(eve);
  assertEquals(await ask("c-1", ban), first);
  const topic = await ask("c-2", { type: "topic", text: "tea" });
  assertEquals(topic, { type: "ack", id: "c-2", seq: 1, duplicate: false });
  assertEquals(await ask("c-2", { type: "topic", text: "tea" }), { ...topic, duplicate: true });
  const bans = await ask("c-3", { type: "bans" });
  assertEquals((bans.bans as unknown[]).length, 1);
  assertEquals((await ask("c-4", { type: "slow", seconds: -1 })).code, "bad_request");
  assertEquals(guarded.audit.map(({ what }) => what), ["operator", "ban", "topic"]);
  socket.close(1000);
  await ended;
});

Deno.test("/ws closes with 4003 after a ban and 4002 after a kick", async () => {
  await using guarded = await Guarded.open();
  for (const [type, code] of [["kick", 4002], ["ban", 4003]] as const) {
    const socket = new WebSocket(`${guarded.server.url.replace("http", "ws")}/ws?name=${type}ed`);
    await new Promise((resolve) => socket.onmessage = resolve);
    const closed = new Promise<CloseEvent>((resolve) => socket.onclose = resolve);
    await guarded.order({ type, name: `${type}ed` });
    assertEquals((await closed).code, code);
  }
});

Deno.test("TCP: /operator TOKEN makes an operator of a connection, and its commands are obeyed", async () => {
  await using guarded = await Guarded.open();
  await using eve = await websocket.join(guarded.server, { name: "eve" });
  using raw = await Raw.connect(guarded.server.tcpPort);
  await raw.send("carl\n/ban eve\n");
  await raw.takeUntil("! only operators can do that; an operator's token proves it\r\n");
  await raw.send("/operator abc.def\n");
  await raw.takeUntil("! the token is not good here");
  await raw.send(`/operator ${eve.token}\n`);
  await raw.takeUntil("! that token is good, but it is not an operator's\r\n");
  await raw.send(`/operator ${guarded.token}\n`);
  await raw.takeUntil("* you go on as ann; /help tells what you can do\r\n");
  await raw.send("/help\n");
  await raw.takeUntil("* /ban NAME [TIME] [REASON]");
  await raw.send("/topic tea\n");
  await raw.takeUntil("#1 * ann set the topic: tea\r\n");
  await raw.send("/slow 5\n");
  await raw.takeUntil("* slow mode: one message in 5 s\r\n");
  await raw.send('/ban "eve" 1d spam\n');
  await raw.takeUntil("* ann banned eve until");
  await gone(eve);
  await raw.send("/bans\n");
  const listed = await raw.takeUntil("by ann: spam\r\n");
  assertMatch(listed, /\* 1 {2}eve {2}banned until .* by ann: spam\r\n$/);
  await raw.send("/undo\n");
  await raw.takeUntil("* eve may come again\r\n");
  await raw.send("/undo\n");
  await raw.takeUntil("* the slow mode is over\r\n");
  await raw.send("/undo\n");
  await raw.takeUntil("* ann removed the topic\r\n");
  await raw.send("/undo\n");
  await raw.takeUntil("! there is nothing of yours to undo\r\n");
  const { entries } = await guarded.server.running.room.log.search({ query: "ope", limit: 9 });
  assertEquals(entries, [], "a token is never stored");
});

Deno.test("an operator who is made or removed is one at once, for everybody", async () => {
  await using guarded = await Guarded.open();
  await using bob = await websocket.join(guarded.server, { name: "bob" });
  const { token } = await makeOperator(guarded.data, "admin");
  await using admin = await websocket.join(guarded.server, { token });
  const welcome = await admin.inbox.until("welcome");
  assertEquals([welcome.name, welcome.operator, welcome.operators], ["admin", true, ["admin"]]);
  const join = await bob.inbox.until("join", ({ name }) => name === "admin");
  assertEquals(join.operator, true);
  removeOperator(guarded.data, "admin");
  const presence = await bob.inbox.until(
    "presence",
    ({ names, operators }) => operators === undefined && names?.length === 2,
  );
  assertEquals(presence.names?.toSorted(), ["admin", "bob"]);
  assertEquals(await admin.inbox.until("you"), { type: "you" });
  assertEquals((await guarded.order({ type: "bans" }, { token })).status, 403);
});

Deno.test("an operator's name is the operator's, here or not, and reserved ones stay refused", async () => {
  await using guarded = await Guarded.open();
  await makeOperator(guarded.data, "admin");
  for (
    const [name, otherwise] of [["ann", /^ann2$/], ["ANN", /^ANN2$/], ["admin", /^guest-/]] as const
  ) {
    await using other = await websocket.join(guarded.server, { name });
    assertMatch((await other.inbox.until("welcome")).name, otherwise);
  }
  await using ann = await websocket.join(guarded.server, { token: guarded.token });
  assertEquals((await ann.inbox.until("welcome")).name, "ann");
});

Deno.test("operators cannot be kicked, banned or muted, not even by each other", async () => {
  await using guarded = await Guarded.open();
  const { token } = await makeOperator(guarded.data, "olga");
  await using olga = await websocket.join(guarded.server, { token });
  for (const type of ["kick", "ban", "mute"]) {
    const { status, error } = await guarded.order({ type, name: "olga" });
    assertEquals([status, error.code], [403, "forbidden"]);
    assertMatch(error.message, /^olga is an operator; only whoever runs the machine can do that/);
  }
  await olga.say("still here");
});

Deno.test("two operators: what one did the other can end, and nothing is undone that has changed since", async () => {
  await using guarded = await Guarded.open();
  const { token } = await makeOperator(guarded.data, "olga");
  await guarded.order({ type: "ban", name: "eve" });
  assertEquals((await guarded.order({ type: "unban", name: 1 }, { token })).status, 200);
  const late = await guarded.order({ type: "undo" });
  assertEquals([late.status, late.error.message], [
    404,
    "that cannot be undone: it has ended already",
  ]);
  const restored = await guarded.order({ type: "undo" }, { token });
  assertEquals(restored.text, "the measure against eve is in force again");
  assertEquals((await guarded.order({ type: "bans" })).bans.length, 1);

  await guarded.order({ type: "slow", seconds: 5 });
  await guarded.order({ type: "slow", seconds: 9 }, { token });
  assertEquals((await guarded.order({ type: "undo" })).status, 404);
  assertEquals(
    (await guarded.order({ type: "undo" }, { token })).text,
    "slow mode: one message in 5 s",
  );
  await Promise.all([
    guarded.order({ type: "topic", text: "tea" }),
    guarded.order({ type: "topic", text: "cake" }, { token }),
  ]);
  const { topic } = guarded.server.running.room.log;
  const [winner, loser] = topic?.from === "ann" ? [guarded.token, token] : [token, guarded.token];
  assertEquals((await guarded.order({ type: "undo" }, { token: loser })).status, 404);
  assertEquals((await guarded.order({ type: "undo" }, { token: winner })).status, 200);
});

Deno.test("bans, mutes, the slow mode and the topic are there after a restart", async () => {
  await using guarded = await Guarded.open();
  const { data } = guarded;
  let eveToken, mallory;
  {
    await using eve = await websocket.join(guarded.server, { name: "eve" });
    eveToken = eve.token!;
    await using other = await websocket.join(guarded.server, { name: "mallory" });
    mallory = other.token!;
    await guarded.order({ type: "mute", name: "mallory", time: "forever", reason: "quiet" });
    await guarded.order({ type: "ban", name: "eve", time: "forever" });
    await guarded.order({ type: "slow", seconds: 7 });
    await guarded.order({ type: "topic", text: "tea" });
    await gone(eve);
  }
  await guarded.server[Symbol.asyncDispose]();
  await using again = await TestServer.open({ data });
  await assertRejects(() => websocket.join(again, { token: eveToken }));
  await using muted = await websocket.join(again, { token: mallory });
  const welcome = await muted.inbox.until("welcome");
  assertEquals([welcome.muted, welcome.slow, welcome.topic?.text], [
    { reason: "quiet" },
    7,
    "tea",
  ]);
  assertMatch(await refusalOf(muted.say("hi")), /^you cannot write for ever: quiet$/);
  const undo = await fetch(`${again.url}/api/moderation`, {
    method: "POST",
    headers: bearer(guarded.token),
    body: '{"type":"undo"}',
  });
  assertEquals((await undo.json()).seq, 2, "what was done before the restart can be undone");
});

Deno.test("a ban by address keeps out who comes from there, but for operators, and never a proxy", async () => {
  await using guarded = await Guarded.open({ network: { proxies: ["127.0.0.1"] } });
  const { server } = guarded;
  const from = (address: string) => ({ "x-forwarded-for": address });
  const post = async (address: string, name: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`${server.url}/api/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", ...from(address), ...headers },
      body: JSON.stringify({ text: "hi", name }),
    });
    return response.status + await response.text();
  };
  assertMatch(await post("203.0.113.7", "eve"), /^201/);
  const { text } = await guarded.order({ type: "ban", name: "eve" }, {
    headers: from("198.51.100.1"),
  });
  assertMatch(text, /\(by name, address\)$/);
  assertMatch(await post("203.0.113.7", "somebody else"), /^403.*"type":"ban"/);
  assertMatch(await post("203.0.113.7", "", bearer(guarded.token)), /^201/);
  assertMatch(await post("203.0.113.8", "somebody else"), /^201/);
  assertMatch(await post("203.0.113.8", "EVE"), /^403/);
  const stream = await fetch(`${server.url}/events`, { headers: from("203.0.113.7") });
  assertEquals(stream.status, 403);
  assertEquals((await stream.json()).error.code, "forbidden");
});

Deno.test("a ban by address ends the other connections from there", async () => {
  await using guarded = await Guarded.open({ network: { proxies: ["127.0.0.1"] } });
  const headers = { "x-forwarded-for": "203.0.113.7" };
  const streams = await Promise.all(
    ["eve", "mallory"].map((name) =>
      fetch(`${guarded.server.url}/stream?name=${name}`, { headers })
    ),
  );
  const { text } = await guarded.order({ type: "ban", name: "eve", reason: "spam" });
  assertMatch(text, /\(by name, session, address\)$/);
  for (const response of streams) {
    assertMatch((await response.text()).trimEnd().split("\n").at(-1)!, /"measure":\{"type":"ban"/);
  }
});

Deno.test("the audit lists who did what to whom and why, for its owner alone, and no text or token", async () => {
  await using guarded = await Guarded.open();
  await using eve = await websocket.join(guarded.server, { name: "eve" });
  await guarded.order({ type: "topic", text: "a secret" });
  await guarded.order({ type: "mute", name: "eve", time: "10m", reason: "loud" });
  await guarded.order({ type: "slow", seconds: 3 });
  await guarded.order({ type: "kick", name: "eve" });
  await guarded.order({ type: "ban", name: "eve", time: "forever", reason: "spam" });
  await guarded.order({ type: "undo" });
  await gone(eve);
  const { audit } = guarded;
  assert(audit.every(({ at }) => Math.abs(Date.parse(String(at)) - Date.now()) < 60_000));
  assertEquals(
    audit.map(({ by, what, whom, reason, seconds }) => [by, what, whom, reason ?? seconds]),
    [
      ["(machine)", "operator", "ann", undefined],
      ["ann", "topic", undefined, undefined],
      ["ann", "mute", "eve", "loud"],
      ["ann", "slow", undefined, 3],
      ["ann", "kick", "eve", undefined],
      ["ann", "ban", "eve", "spam"],
      ["ann", "undo ban", "eve", undefined],
    ],
  );
  assertEquals(audit[5]!.until, null);
  const text = Deno.readTextFileSync(`${guarded.data}/audit.jsonl`);
  assert(!text.includes("a secret") && !text.includes(guarded.token));
  assertEquals(Deno.statSync(`${guarded.data}/audit.jsonl`).mode! & 0o777, 0o600);
});

Deno.test("what cannot be written into the audit is not done", async () => {
  const reports: string[] = [];
  await using guarded = await Guarded.open({ report: (what) => reports.push(what) });
  await using eve = await websocket.join(guarded.server, { name: "eve" });
  Deno.removeSync(`${guarded.data}/audit.jsonl`);
  Deno.mkdirSync(`${guarded.data}/audit.jsonl`);
  const { status, error } = await guarded.order({ type: "ban", name: "eve" });
  assertEquals([status, error.code], [503, "unavailable"]);
  await eve.say("still here");
  assertEquals(reports, ["cannot write the audit of what operators do"]);
});

Deno.test("somebody who has just left can be banned too", async () => {
  await using guarded = await Guarded.open();
  const eve = await websocket.join(guarded.server, { name: "eve" });
  await eve.leave();
  const { text } = await guarded.order({ type: "ban", name: "eve" });
  assertMatch(text, /\(by name, session;/);
  await assertRejects(() => websocket.join(guarded.server, { token: eve.token!, name: "other" }));
});

Deno.test("somebody who only posts, and is never here, can be muted", async () => {
  await using guarded = await Guarded.open();
  const { server } = guarded;
  const answer = await fetch(`${server.url}/api/session`, { method: "POST", body: "eve" });
  const { token } = await answer.json();
  const post = async () => {
    const headers = bearer(token);
    const response = await fetch(`${server.url}/api/messages`, {
      method: "POST",
      headers,
      body: "hi",
    });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await post(), 201);
  await guarded.order({ type: "mute", name: "eve" });
  assertEquals(await post(), 403);
  await guarded.order({ type: "unmute", name: "eve" });
  assertEquals(await post(), 201);
});

Deno.test("in a room with a password an operator's token is enough, for as long as it is one", async () => {
  await using guarded = await Guarded.open({ access: { password: "correct horse" } });
  const { server, data, token } = guarded;
  const read = async (token: string | undefined) => {
    const response = await fetch(`${server.url}/api/messages`, { headers: bearer(token) });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals([await read(undefined), await read(token)], [401, 200]);
  let renewed;
  {
    await using ann = await websocket.join(server, { token });
    await ann.say("hello");
    renewed = ann.token!;
  }
  removeOperator(data, "ann");
  assertEquals([await read(token), await read(renewed)], [401, 401]);
});
