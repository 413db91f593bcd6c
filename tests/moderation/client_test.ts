import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { join, overTcp, type Transport, TurnedAway } from "../../lib/client/mod.ts";
import { makeOperator } from "../../lib/moderation/mod.ts";
import { TestServer } from "../support/server.ts";

const tcp = overTcp((address) => Deno.connect(address));

/** A server with an operator, and who joins it over each transport. */
async function open() {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  const server = await TestServer.open({ data });
  const { token } = await makeOperator(data, "ann");
  return {
    server,
    token,
    enter(via: Transport, options: { name?: string; token?: string }) {
      const url = via === "tcp" ? `tcp://127.0.0.1:${server.tcpPort}` : server.url;
      return join(url, { ...options, transports: [via], tcp });
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(data, { recursive: true });
    },
  };
}

for (const via of ["websocket", "sse", "poll", "tcp"] as const) {
  Deno.test(`${via}: somebody who is banned is turned away with the reason, and does not come back`, async () => {
    await using room = await open();
    await using ann = room.enter(via, { token: room.token });
    await using eve = room.enter(via, { name: "eve" });
    await eve.say("spam");
    let states = 0;
    const reading = (async () => {
      for await (const event of eve) {
        if (event.type === "connection" && event.state.type === "connecting") states++;
      }
    })();
    reading.catch(() => {}); // it is looked at below
    const text = await ann.order({ type: "ban", name: "eve", time: "1h", reason: "spam" });
    assertMatch(text, /^eve is banned until/);
    const error = await assertRejects(() => reading, TurnedAway);
    assertMatch(error.message, /^you are banned from this room until .* UTC: spam$/);
    assertEquals([error.measure?.type, error.measure?.reason], ["ban", "spam"]);
    assertEquals(states, 1, "one connection, and no other attempt");

    await using again = room.enter(via, { token: eve.token! });
    const refused = await assertRejects(async () => {
      for await (const _ of again);
    }, TurnedAway);
    assertMatch(refused.message, /^you are banned from this room until .* UTC: spam$/);
  });

  Deno.test(`${via}: somebody who was kicked waits for as long as the server says`, async () => {
    await using room = await open();
    await using ann = room.enter(via, { token: room.token });
    await using eve = room.enter(via, { name: "eve" });
    await eve.say("spam");
    await ann.order({ type: "kick", name: "eve", reason: "calm" });
    for await (const event of eve) {
      if (event.type !== "connection" || event.state.type !== "waiting") continue;
      assertEquals(event.state.reason, "you were removed from the room: calm");
      const seconds = (event.state.until - Date.now()) / 1000;
      assertEquals(seconds > 50 && seconds <= 61, true, `${seconds} s`);
      break;
    }
  });
}

Deno.test("who is an operator is told with the names", async () => {
  await using room = await open();
  await using bob = room.enter("websocket", { name: "bob" });
  for await (const event of bob) if (event.type === "live") break;
  await using ann = room.enter("websocket", { token: room.token });
  for await (const event of bob) if (event.type === "join" && event.name === "ann") break;
  assertEquals([...bob.people.operators], ["ann"]);
  await assertRejects(() => bob.order({ type: "slow", seconds: 3 }), Error, "only operators");
  assertEquals(await ann.order({ type: "slow", seconds: 3 }), "slow mode: one message in 3 s");
  for await (const event of bob) {
    if (event.type !== "moderation") continue;
    assertEquals(event, { type: "moderation", action: "slow", by: "ann", seconds: 3 });
    break;
  }
});
