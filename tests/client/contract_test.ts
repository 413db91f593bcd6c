// The client against the real server, over every transport.
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Client,
  type ClientEvent,
  join,
  type JoinOptions,
  NotConnected,
  Refusal,
  type Transport,
} from "../../lib/client/mod.ts";
import { type Addresses, FREE_PORTS, ServerProcess, TestServer } from "../support/server.ts";

const TRANSPORTS = ["websocket", "sse", "poll", "tcp"] as const;

function joinOver(via: Transport, at: Addresses, options: JoinOptions = {}): Client {
  const url = via === "tcp" ? `tcp://127.0.0.1:${at.tcpPort}` : at.url;
  return join(url, { transports: [via], dial: (address) => Deno.connect(address), ...options });
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
      const args = ["--data", data, "--rate-limit", "off"];
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
