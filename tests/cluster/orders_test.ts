import { setTimeout as delay } from "node:timers/promises";
import { assert, assertEquals, assertRejects } from "@std/assert";
import { makeOperator } from "../../lib/moderation/mod.ts";
import { NatsServer, natsTest } from "../support/nats.ts";
import { TestServer } from "../support/server.ts";
import { bearer, Refused } from "../transports/clients/client.ts";
import { websocket } from "../transports/clients/websocket.ts";

/** Two servers of one room, each with a folder of its own, and an operator of the first one's. */
class Pair implements AsyncDisposable {
  readonly a: TestServer;
  readonly b: TestServer;
  readonly operator: string;
  readonly #owned: AsyncDisposableStack;

  private constructor(a: TestServer, b: TestServer, operator: string, owned: AsyncDisposableStack) {
    this.a = a;
    this.b = b;
    this.operator = operator;
    this.#owned = owned;
  }

  static async open(holdNamesMs?: number): Promise<Pair> {
    await using opening = new AsyncDisposableStack();
    const nats = opening.use(await NatsServer.start());
    const cluster = { ...nats.options, stream: "lobby", replicas: 1 };
    const data = await Deno.makeTempDir({ prefix: "partyline-" });
    opening.defer(() => Deno.remove(data, { recursive: true }));
    const identity = {
      secret: undefined,
      tokenLifeMs: 1e9,
      holdNamesMs,
    };
    const a = opening.use(await TestServer.open({ cluster, data, identity }));
    const b = opening.use(await TestServer.open({ cluster, identity }));
    const { token } = await makeOperator(data, "op");
    return new Pair(a, b, token, opening.move());
  }

  async order(at: TestServer, fields: Record<string, unknown>) {
    const response = await fetch(`${at.url}/api/moderation`, {
      method: "POST",
      headers: { "content-type": "application/json", ...bearer(this.operator) },
      body: JSON.stringify(fields),
    });
    const answer = await response.json();
    assertEquals(response.status, 200, JSON.stringify(answer));
    return answer;
  }

  /** Until the operator is one at that node. */
  async operatorAt(at: TestServer): Promise<void> {
    await using someone = await websocket.join(at, { token: this.operator });
    const { operator } = await someone.inbox.until("welcome");
    if (!operator) await someone.inbox.until("you", (event) => event.operator === true);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#owned.disposeAsync();
  }
}

natsTest("a token of one node is good at the others, and is the same person", async () => {
  await using pair = await Pair.open();
  await using here = await websocket.join(pair.a, { name: "ann" });
  await using there = await websocket.join(pair.b, { token: here.token! });
  assertEquals((await there.inbox.until("welcome")).name, "ann");
  assertEquals((await there.inbox.until("welcome")).names, ["ann"]);
  const { seq } = await there.say("once", "id-1");
  await here.inbox.untilSeq(seq);
  assertEquals(await here.say("once", "id-1"), { seq, duplicate: true });
});

natsTest("an operator of one node keeps order at all of them", async () => {
  await using pair = await Pair.open();
  const { a, b } = pair;
  await pair.operatorAt(a);
  await pair.operatorAt(b);
  await using bob = await websocket.join(b, { name: "bob" });
  await using eve = await websocket.join(a, { name: "eve" });

  await pair.order(a, { type: "mute", name: "bob", time: "1h" });
  await bob.inbox.until("you", (event) => event.muted !== undefined);
  await bob.inbox.until("moderation", ({ action, name }) => action === "mute" && name === "bob");
  assertEquals((await assertRejects(() => bob.say("?"), Refused)).code, "forbidden");
  const { bans } = await pair.order(b, { type: "bans" });
  assertEquals(bans.map(({ type, name, number }: never) => [type, name, number]), [
    ["mute", "bob", 1],
  ]);
  await pair.order(b, { type: "unmute", name: "bob" });
  await bob.inbox.until("moderation", ({ action }) => action === "unmute");
  await bob.say("again");

  await pair.order(b, { type: "slow", seconds: 600 });
  await eve.inbox.until("moderation", ({ action }) => action === "slow");
  // It may be told a moment before it holds.
  const refused = await assertRejects(async () => {
    for (let n = 0; n < 100; n++) await eve.say(`${n}`);
  }, Refused);
  assertEquals(refused.code, "rate_limited");
  await pair.order(a, { type: "slow", seconds: 0 });

  await pair.order(a, { type: "kick", name: "bob" });
  await bob.inbox.until("error", ({ measure }) => measure?.type === "kick");
  await bob.inbox.untilEnd();
  await pair.order(b, { type: "ban", name: "eve", time: "1h" });
  await eve.inbox.until("error", ({ measure }) => measure?.type === "ban");
  for (const at of [a, b]) {
    for (const token of [bob.token, eve.token]) {
      const response = await fetch(`${at.url}/events`, { headers: bearer(token) });
      await response.body?.cancel();
      assertEquals(response.status, 403);
    }
  }
});

natsTest(
  "a sign-in that is ended at one node is good at none, and its connections end",
  async () => {
    await using pair = await Pair.open();
    await using here = await websocket.join(pair.a, { name: "ann" });
    const made = await fetch(`${pair.a.url}/api/sessions`, {
      method: "POST",
      headers: bearer(here.token),
    });
    const { token } = await made.json();
    await using there = await websocket.join(pair.b, { token });
    const ended = await fetch(`${pair.a.url}/api/sessions`, {
      method: "DELETE",
      headers: bearer(here.token),
    });
    await ended.body?.cancel();
    assert(ended.ok);
    assertEquals((await there.inbox.until("error")).code, "unauthorized");
    await there.inbox.untilEnd();
    await here.say("still here");
  },
);

natsTest("the name of somebody who said something is held at all nodes", async () => {
  await using pair = await Pair.open(60_000);
  const { a, b } = pair;
  const ann = await websocket.join(a, { name: "ann" });
  await using bob = await websocket.join(b, { name: "bob" });
  await ann.say("mine");
  await ann.leave();
  await bob.inbox.until("leave", ({ name }) => name === "ann");
  // That she spoke is written, and told, within some seconds.
  for (let free = true; free;) {
    await delay(50);
    const response = await fetch(`${b.url}/api/session`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ name: "ann" }),
    });
    await response.body?.cancel();
    free = response.status !== 409;
  }
  await using back = await websocket.join(b, { token: ann.token! });
  assertEquals((await back.inbox.until("welcome")).name, "ann");
});
