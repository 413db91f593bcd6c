// The client of lib/client in a room with a password, over every transport.
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type Client,
  join,
  type JoinOptions,
  overTcp,
  Refusal,
  TurnedAway,
} from "../../lib/client/mod.ts";
import { TestServer } from "../support/server.ts";
import { textOf } from "../../lib/model/message.ts";

const PASSWORD = "open sesame";

function open(readOnlyGuests = false, data?: string): Promise<TestServer> {
  const access = { password: PASSWORD, readOnlyGuests };
  return TestServer.open({ access, ...(data !== undefined && { data }) });
}

const TRANSPORTS = ["websocket", "sse", "poll", "tcp"] as const;

function joinOver(via: typeof TRANSPORTS[number], at: TestServer, options: JoinOptions): Client {
  const url = via === "tcp" ? `tcp://127.0.0.1:${at.tcpPort}` : at.url;
  return join(url, {
    transports: [via],
    tcp: overTcp((address) => Deno.connect(address)),
    ...options,
  });
}

async function hears(client: Client, text: string): Promise<void> {
  for await (const event of client) {
    if (event.type === "message" && event.text === text) return;
  }
  throw new Error(`it ended without ${text}`);
}

async function turnedAway(client: Client): Promise<TurnedAway> {
  return await assertRejects(() => Array.fromAsync(client), TurnedAway);
}

for (const via of TRANSPORTS) {
  Deno.test(`${via}: with the password it comes in, and the token alone is enough from then on`, async () => {
    await using server = await open();
    await using ann = joinOver(via, server, { name: "ann", password: PASSWORD });
    await ann.say("found it");
    await hears(ann, "found it");
    const { token } = ann;
    assert(token);
    await ann.leave();
    await using again = joinOver(via, server, { token });
    await again.say("again");
    const stored = await server.running.room.log.read({ after: 0, limit: 10 });
    assertEquals(stored.map((entry) => `${entry.from}: ${textOf(entry)}`), [
      "ann: found it",
      "ann: again",
    ]);
  });

  Deno.test(`${via}: a token from before the password is as good as the password makes it`, async () => {
    const data = await Deno.makeTempDir({ prefix: "partyline-" });
    try {
      let token: string | undefined;
      {
        await using server = await TestServer.open({ data });
        await using ann = joinOver(via, server, { name: "ann" });
        await ann.say("before");
        token = ann.token;
      }
      await using server = await open(false, data);
      await using without = joinOver(via, server, { token });
      assertEquals((await turnedAway(without)).code, "unauthorized");
      await using ann = joinOver(via, server, { token, password: PASSWORD });
      await ann.say("after");
      assertEquals(ann.name, "ann");
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  Deno.test(`${via}: a wrong password ends the stay, with the code that says so`, async () => {
    await using server = await open();
    await using wrong = joinOver(via, server, { name: "ann", password: "close sesame" });
    const { code, message } = await turnedAway(wrong);
    assertEquals([code, message], ["unauthorized", "that is not the password"]);
    await using without = joinOver(via, server, { name: "ann" });
    assertEquals((await turnedAway(without)).code, "unauthorized");
    assertEquals(server.running.room.people.count, 0);
  });

  Deno.test(`${via}: a read-only guest reads, and what it says is refused at once`, async () => {
    await using server = await open(true);
    await using owner = joinOver(via, server, { name: "ann", password: PASSWORD });
    await owner.say("hello");
    await using guest = joinOver(via, server, { name: "bob" });
    await hears(guest, "hello");
    assertEquals((await assertRejects(() => guest.say("me too"), Refusal)).code, "forbidden");
  });
}

Deno.test("somebody who lurks with the password reads, and is nobody until they enter", async () => {
  await using server = await open();
  await using reader = join(server.url, { lurk: true, password: PASSWORD });
  await using ann = join(server.url, { name: "ann", password: PASSWORD });
  await ann.say("is anybody there?");
  await hears(reader, "is anybody there?");
  assertEquals(server.running.room.presence().names, ["ann"]);
  await reader.enter("bob");
  await reader.say("yes");
  await hears(ann, "yes");
});
