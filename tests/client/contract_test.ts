// The client against the real server, over every transport.
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { systemClock } from "../../lib/base/clock.ts";
import {
  type Client,
  type ClientEvent,
  join,
  type JoinOptions,
  NotConnected,
  overTcp,
  Refusal,
  type Transport,
  TurnedAway,
} from "../../lib/client/mod.ts";
import { underAnotherName } from "../support/another_name.ts";
import { type Addresses, FREE_PORTS, ServerProcess, TestServer } from "../support/server.ts";

const TRANSPORTS = ["websocket", "sse", "poll", "tcp"] as const;

function joinOver(via: Transport, at: Addresses, options: JoinOptions = {}): Client {
  const url = via === "tcp" ? `tcp://127.0.0.1:${at.tcpPort}` : at.url;
  return join(url, {
    transports: [via],
    tcp: overTcp((address) => Deno.connect(address)),
    ...options,
  });
}

/** Reads until an event passes; all that came until then. */
async function until(client: Client, passes: (event: ClientEvent) => boolean) {
  const events: ClientEvent[] = [];
  for await (const event of client) {
    events.push(event);
    if (passes(event)) return events;
  }
  throw new Error(`it ended: ${JSON.stringify(events)}`);
}

const isConnected = (event: ClientEvent) =>
  event.type === "connection" && event.state.type === "connected";
const hasText = (text: string) => (event: ClientEvent) =>
  event.type === "message" && event.text === text;
const seqs = (events: readonly ClientEvent[]) =>
  events.flatMap((event) => event.type === "message" ? [event.seq] : []);

for (const via of TRANSPORTS) {
  Deno.test(`${via}: it comes in, says, hears what it said, and leaves`, async () => {
    await using server = await TestServer.open();
    await using client = joinOver(via, server, { name: "ann" });
    const opening = await until(client, isConnected);
    assertEquals(opening.at(-1), { type: "connection", state: { type: "connected", via } });
    assertEquals(opening.at(-2), { type: "live", seq: 0 });
    assertEquals(client.name, "ann");
    assert(client.token);
    assertEquals(client.cursor?.split("-")[1], "0");
    assertEquals(await client.say("hello"), { seq: 1, duplicate: false });
    const events = await until(client, hasText("hello"));
    const said = events.at(-1)!;
    assert(said.type === "message" && said.from === "ann" && said.seq === 1);
    assertEquals(client.cursor?.split("-")[1], "1");
    assertEquals(client.outgoing, []);
    await client.leave();
    const rest = await Array.fromAsync(client);
    assertEquals(rest.at(-1), { type: "connection", state: { type: "closed" } });
    assertEquals(client.state, { type: "closed" });
  });

  Deno.test(`${via}: another stay goes on as the same person after the cursor, and an id says nothing twice`, async () => {
    await using server = await TestServer.open();
    let before;
    {
      await using client = joinOver(via, server, { name: "ann" });
      await client.say("one", { id: "re-1" });
      await until(client, hasText("one"));
      before = { token: client.token!, since: client.cursor! };
    }
    await using bob = joinOver("websocket", server, { name: "bob" });
    await bob.say("two");
    await using client = joinOver(via, server, before);
    assertEquals(await client.say("one", { id: "re-1" }), { seq: 1, duplicate: true });
    await client.say("three");
    const events = await until(client, hasText("three"));
    assertEquals(seqs(events), [2, 3]);
    const last = events.at(-1)!;
    assert(last.type === "message" && last.from === "ann");
  });

  Deno.test(`${via}: a history of thousands comes once, in order, and in few batches`, async () => {
    await using server = await TestServer.open();
    const drafts = Array.from({ length: 3000 }, (_, i) => ({
      sender: "s",
      from: "bob",
      text: `text ${i + 1}`,
    }));
    await server.running.room.log.append(drafts);
    await using client = joinOver(via, server, { since: "0" });
    const all: number[] = [];
    let batches = 0;
    for await (const events of client.batches()) {
      batches++;
      all.push(...seqs(events));
      if (events.some(isConnected)) break;
    }
    assertEquals(all, drafts.map((_, i) => i + 1));
    assert(batches < 1000, `${batches} batches`);
  });

  Deno.test(`${via}: a cursor that means nothing is a reset, told before what follows`, async () => {
    await using server = await TestServer.open();
    await using bob = joinOver("websocket", server, { name: "bob" });
    await bob.say("one");
    await using client = joinOver(via, server, { since: "other-7" });
    const events = await until(client, isConnected);
    const kinds = events.map(({ type }) => type);
    assert(kinds.indexOf("reset") >= 0 && kinds.indexOf("reset") < kinds.indexOf("message"));
    assertEquals(seqs(events), [1]);
    assert(/^[a-z0-9]+-1$/.test(client.cursor!) && !client.cursor!.startsWith("other"));
  });

  Deno.test(`${via}: it takes another name, and is told where it cannot`, async () => {
    await using server = await TestServer.open();
    await using bob = joinOver("websocket", server, { name: "bob" });
    await until(bob, isConnected);
    await using client = joinOver(via, server, { name: "ann" });
    await assertRejects(() => client.rename("rob"), NotConnected);
    await until(client, isConnected);
    const error = await assertRejects(() => client.rename("bob"), Refusal);
    assertEquals(error.code, "name_taken");
    await client.rename("anna");
    assertEquals(client.name, "anna");
    await client.rename(" anna ");
    await until(bob, (event) => event.type === "rename" && event.name === "anna");
    await client.say("who am I");
    const said = (await until(client, hasText("who am I"))).at(-1)!;
    assert(said.type === "message" && said.from === "anna");
  });

  Deno.test(`${via}: it knows who is here`, async () => {
    await using server = await TestServer.open();
    await using client = joinOver(via, server, { name: "bob" });
    await until(client, isConnected);
    await using ann = joinOver("websocket", server, { name: "ann" });
    await ann.say("hello"); // a poll asks after each turn
    await until(client, () => client.people.names.join() === "ann,bob");
    assertEquals(client.people.count, 2);
  });

  Deno.test(`${via}: what is too long or empty is refused, and holds nobody behind it`, async () => {
    await using server = await TestServer.open({ rate: { perSecond: 50, burst: 2 } });
    await using client = joinOver(via, server, { name: "ann" });
    const said = ["one", "two", "three", "four"].map((text) => client.say(text));
    await assertRejects(() => client.say("x".repeat(4001)), Refusal);
    await assertRejects(() => client.say(" "), Refusal);
    await assertRejects(() => client.say("x", { id: "é" }), Refusal);
    said.push(client.say("five"));
    assertEquals((await Promise.all(said)).map(({ seq }) => seq), [1, 2, 3, 4, 5]);
  });

  Deno.test(`${via}: a taken name becomes the next free one`, async () => {
    await using server = await TestServer.open();
    await using first = joinOver("websocket", server, { name: "ann" });
    await until(first, isConnected);
    await using client = joinOver(via, server, { name: "ann" });
    await until(client, isConnected);
    assertEquals(client.name, "ann2");
  });

  Deno.test(`${via}: over a killed server it loses nothing, doubles nothing, and says what it missed`, async () => {
    const data = await Deno.makeTempDir({ prefix: "partyline-" });
    try {
      const args = ["--data", data, "--rate-limit", "off", "--no-limits"];
      await using first = new ServerProcess([...FREE_PORTS, ...args]);
      const at = await first.addresses();
      await using client = joinOver(via, at, { name: "ann", random: () => 0 });
      const said = Array.from({ length: 20 }, (_, i) => client.say(`text ${i + 1}`));
      const before = await until(client, hasText("text 5"));
      first.kill("SIGKILL");
      said.push(client.say("text 21"));
      const lost = await until(
        client,
        (event) => event.type === "connection" && event.state.type === "waiting",
      );
      const ports = ["--port", String(at.httpPort), "--tcp-port", String(at.tcpPort)];
      await using second = new ServerProcess([...ports, ...args]);
      await second.addresses();
      const receipts = await Promise.all(said);
      assertEquals(receipts.map(({ seq }) => seq), said.map((_, i) => i + 1));
      const after = await until(client, hasText("text 21"));
      const events = [...before, ...lost, ...after];
      assertEquals(seqs(events), said.map((_, i) => i + 1));
      const back = after.find(isConnected);
      assert(back?.type === "connection" && back.state.type === "connected");
      assert(back.state.missed !== undefined);
      await client.leave();
      second.kill("SIGTERM");
      assertEquals(await second.ended(), 0);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });
}

Deno.test("somebody who only reads is nobody, hears everything, and comes in under a name", async () => {
  await using server = await TestServer.open();
  await using bob = joinOver("websocket", server, { name: "bob" });
  await bob.say("one");
  await using client = join(server.url, { lurk: true, name: "ann" });
  const read = await until(client, isConnected);
  assertEquals(read.at(-1), {
    type: "connection",
    state: { type: "connected", via: "poll" },
  });
  assertEquals([seqs(read), client.name], [[1], undefined]);
  await bob.say("two");
  await until(client, hasText("two"));
  await until(client, ({ type }) => type === "presence");
  assertEquals([client.people.names, server.running.room.presence().count], [["bob"], 1]);
  const said = client.say("said before coming in");
  const taken = await assertRejects(() => client.enter("bob"), Refusal);
  assertEquals(taken.code, "name_taken");
  await client.enter("ann");
  const entered = await until(client, isConnected);
  assertEquals(entered.at(-1), {
    type: "connection",
    state: { type: "connected", via: "websocket" },
  });
  assertEquals([client.name, await said], ["ann", { seq: 3, duplicate: false }]);
  await until(client, hasText("said before coming in"));
  await assertRejects(() => client.enter("ann"), NotConnected);
});

Deno.test("a name that a page cannot have is told, and it goes on reading until it has another", async () => {
  await using server = await TestServer.open();
  await using bob = joinOver("websocket", server, { name: "bob" });
  await bob.say("one");
  await using page = join(server.url, { name: "bob", credentials: "cookie" });
  const events = await until(page, isConnected);
  const error = events.find((event) => event.type === "error");
  assertEquals(error?.code, "name_taken");
  assertEquals([page.name, page.state], [undefined, { type: "connected", via: "poll" }]);
  await page.enter("cy");
  await until(page, isConnected);
  assertEquals([page.name, page.state.type], ["cy", "connected"]);
});

Deno.test("where no WebSocket opens it settles for less, and takes the better one when it can be had", async () => {
  await using server = await TestServer.open();
  let open = false;
  // A proxy that does not know how to upgrade.
  await using proxy = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url);
    if (open || pathname !== "/ws") {
      if (pathname === "/ws") return tunnel(request, `${server.url}${pathname}${search}`);
      return fetch(`${server.url}${pathname}${search}`, request);
    }
    return new Response("what?", { status: 400 });
  });
  const clock = {
    ...systemClock,
    after: (ms: number, f: () => void) => systemClock.after(ms / 20, f),
  };
  await using client = join(`http://127.0.0.1:${proxy.addr.port}`, { name: "ann", clock });
  const lesser = await until(client, isConnected);
  assertEquals(lesser.at(-1), { type: "connection", state: { type: "connected", via: "sse" } });
  await client.say("over less");
  open = true;
  const better = await until(client, isConnected);
  assertEquals(better.at(-1), {
    type: "connection",
    state: { type: "connected", via: "websocket", missed: 0 },
  });
  assertEquals(await client.say("over more"), { seq: 2, duplicate: false });
  await client.leave();
});

Deno.test("a server that does not know the host name, or does not want us, is not asked again", async () => {
  await using server = await TestServer.open();
  await using known = underAnotherName(server.httpPort);
  for (
    const transports of [["websocket"], ["sse"], ["poll"], ["websocket", "sse", "poll"]] as const
  ) {
    await using client = join(known.url, { transports });
    const error = await assertRejects(() => Array.fromAsync(client), TurnedAway);
    assertEquals(error.status, 421);
    await assertRejects(() => client.say("too late"), NotConnected);
  }
  await using client = join(server.url, { name: "a\u202eb", transports: ["sse"] });
  await assertRejects(() => Array.fromAsync(client), TurnedAway, "invisible character");
});

Deno.test("an address or an option that makes no sense is told at once", () => {
  const wrong: [string, JoinOptions][] = [
    ["localhost:8080", {}],
    ["ftp://127.0.0.1", {}],
    ["http://127.0.0.1", { since: "x-y" }],
    ["http://127.0.0.1", { transports: [] }],
    ["http://127.0.0.1", { transports: ["tcp"] }],
    ["tcp://127.0.0.1", {}],
    ["tcp://127.0.0.1", { transports: ["sse"], tcp: overTcp((address) => Deno.connect(address)) }],
    ["tcp://127.0.0.1", { lurk: true, tcp: overTcp((address) => Deno.connect(address)) }],
  ];
  for (const [url, options] of wrong) assertThrows(() => join(url, options), TypeError);
});

/** Frames as they come, both ways. */
function tunnel(request: Request, target: string): Response {
  const protocols = request.headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  const { socket, response } = Deno.upgradeWebSocket(request, { protocol: protocols[0]! });
  const far = new WebSocket(target.replace("http", "ws"), protocols);
  far.onmessage = ({ data }) => socket.readyState === 1 && socket.send(data);
  far.onclose = () => socket.close();
  socket.onmessage = ({ data }) => far.send(data);
  socket.onclose = () => far.close();
  return response;
}
