// Sign-ins over real transports: who has them, how they end, and what becomes of their connections.

import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { join, TurnedAway } from "../../lib/client/mod.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { Raw } from "../transports/clients/raw.ts";
import { openSocket } from "../transports/clients/socket.ts";

interface Shown {
  readonly id: string;
  readonly created: number;
  readonly used: number;
  readonly address: string;
  readonly agent: string;
  readonly current: boolean;
}

/** A session's requests, by one token. */
class Device {
  readonly #server: TestServer;
  token: string;

  constructor(server: TestServer, token: string) {
    this.#server = server;
    this.token = token;
  }

  static async open(server: TestServer, name: string): Promise<Device> {
    const device = new Device(server, "");
    const { body } = await device.ask("POST", "/api/session", { name });
    return new Device(server, body.token);
  }

  // deno-lint-ignore no-explicit-any -- what a test reads of it is what it is about
  async ask(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
    const answer = await fetch(this.#server.url + path, {
      method,
      headers: {
        "content-type": "application/json",
        "user-agent": "device/1",
        ...(this.token && { authorization: `Bearer ${this.token}` }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === "" ? undefined : JSON.parse(text) };
  }

  async another(): Promise<Device> {
    const { status, body } = await this.ask("POST", "/api/sessions");
    assertEquals(status, 201);
    return new Device(this.#server, body.token);
  }

  async list(): Promise<Shown[]> {
    return (await this.ask("GET", "/api/sessions")).body.sessions;
  }

  async isGood(): Promise<boolean> {
    const { status, body } = await this.ask("GET", "/api/sessions");
    if (status === 200) return true;
    assertEquals([status, body.error.code], [401, "unauthorized"]);
    assertMatch(body.error.message, /was ended; .* POST \/api\/session/);
    return false;
  }
}

async function withData(test: (options: TestOptions) => Promise<void>): Promise<void> {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    await test({ data });
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

Deno.test("a session's own sign-ins are told, and nobody else's", async () => {
  await using server = await TestServer.open();
  const before = Date.now();
  const laptop = await Device.open(server, "ann");
  const eve = await Device.open(server, "eve");
  const phone = await laptop.another();
  const [own, other, ...more] = await laptop.list();
  assertEquals(more, []);
  assertEquals([own!.current, other!.current], [true, false]);
  assertEquals([own!.address, own!.agent], ["127.0.0.1", "device/1"]);
  for (const { created, used } of [own!, other!]) {
    assert(created >= before && used >= created && used <= Date.now());
  }
  assertNotEquals(own!.id, other!.id);
  assertEquals((await phone.list()).map(({ id, current }) => [id, current]), [
    [other!.id, true],
    [own!.id, false],
  ], "also what was used in this second");
  assertEquals((await eve.list()).length, 1);
  const { status } = await eve.ask("DELETE", `/api/sessions/${other!.id}`);
  assertEquals(status, 404);
  assert(await phone.isGood());
  const nobody = await new Device(server, "").ask("GET", "/api/sessions");
  assertEquals([nobody.status, nobody.body.error.code], [401, "unauthorized"]);
});

Deno.test("one sign-in is ended, its renewals too, and the others go on, also after a restart", async () => {
  await withData(async (options) => {
    const { laptop, phone, newer } = await (async () => {
      await using server = await TestServer.open(options);
      const laptop = await Device.open(server, "ann");
      const phone = await laptop.another();
      const { body } = await phone.ask("POST", "/api/session", { name: "anna" });
      assertNotEquals(body.token, phone.token);
      const [{ id }] = await phone.list() as [Shown];
      const { status } = await laptop.ask("DELETE", `/api/sessions/${id}`);
      assertEquals(status, 204);
      assertEquals([await laptop.isGood(), await phone.isGood()], [true, false]);
      return { laptop: laptop.token, phone: phone.token, newer: String(body.token) };
    })();
    await using server = await TestServer.open(options);
    const good = await Promise.all(
      [laptop, phone, newer].map((token) => new Device(server, token).isGood()),
    );
    assertEquals(good, [true, false, false]);
  });
});

Deno.test("all others are ended at once, also those in no list; the one that asks goes on", async () => {
  await withData(async (options) => {
    let tokens: string[];
    {
      await using server = await TestServer.open(options);
      const laptop = await Device.open(server, "ann");
      const [phone, tablet] = [await laptop.another(), await laptop.another()];
      const { status, body } = await phone.ask("DELETE", "/api/sessions");
      assertEquals([status, body.sessions.length, body.sessions[0].current], [200, 1, true]);
      const later = await phone.another();
      tokens = [laptop, phone, tablet, later].map(({ token }) => token);
    }
    await using server = await TestServer.open(options);
    const good = await Promise.all(tokens.map((token) => new Device(server, token).isGood()));
    assertEquals(good, [false, true, false, true]);
  });
});

Deno.test("a cookie of a sign-in that was ended is as none, and is taken away where it was one's own", async () => {
  await using server = await TestServer.open();
  const { token } = await Device.open(server, "ann");
  const headers = { cookie: `partyline=${token}` };
  const listed = await fetch(`${server.url}/api/sessions`, { headers });
  const { sessions: [{ id }] } = await listed.json();
  const ended = await fetch(`${server.url}/api/sessions/${id}`, { method: "DELETE", headers });
  assertEquals(ended.status, 204);
  assertMatch(ended.headers.get("set-cookie")!, /^partyline=; Path=\/; .*Max-Age=0/);
  const again = await fetch(`${server.url}/api/session`, { method: "POST", headers, body: "bob" });
  assertEquals((await again.json()).name, "bob");
  assertMatch(again.headers.get("set-cookie")!, /^partyline=[\w-]+\.[\w-]+; /);
});

Deno.test("the connections of an ended sign-in are closed at once, and told why; others stay", async () => {
  await using server = await TestServer.open();
  const laptop = await Device.open(server, "ann");
  const phone = await laptop.another();
  const headers = { authorization: `Bearer ${phone.token}` };
  const told = '"code":"unauthorized","message":"this sign-in was ended;';

  let frames = "";
  const { ended } = await openSocket(server, "/ws", { headers, onFrame: (text) => frames += text });
  const lines = await openSocket(server, "/ws/text", { headers });
  lines.socket.send("ann");
  const sse = await fetch(`${server.url}/events`, { headers });
  const stream = await fetch(`${server.url}/stream`, { headers });
  const poll = fetch(`${server.url}/poll?since=0&wait=60`, { headers });
  using tcp = await Raw.connect(server.tcpPort);
  await tcp.send(JSON.stringify({ type: "hello", token: phone.token }) + "\n");
  await tcp.takeUntil('"live"');
  const stays = await openSocket(server, "/ws", {
    headers: { authorization: `Bearer ${laptop.token}` },
  });
  while (countOf(server) < 6) await new Promise((next) => setTimeout(next, 5));

  const [{ id }] = await phone.list() as [Shown];
  assertEquals((await laptop.ask("DELETE", `/api/sessions/${id}`)).status, 204);
  const { code } = await ended;
  assertEquals(code, 4001);
  assert(frames.includes(told), frames);
  assert((await sse.text()).includes(told));
  assert((await stream.text()).includes(told));
  assert((await tcp.takeRest()).includes(told));
  const polled = await poll;
  assertEquals([polled.status, (await polled.json()).error.code], [401, "unauthorized"]);
  assertEquals(stays.socket.readyState, WebSocket.OPEN);
  // A line for people has no token: it is a session of its own.
  assertEquals(lines.socket.readyState, WebSocket.OPEN);
  for (const { socket, ended } of [stays, lines]) {
    socket.close();
    await ended;
  }
});

/** The connections of all sessions that are in the room. */
function countOf({ running: { room } }: TestServer): number {
  return [...room.visits.since(0)].length;
}

Deno.test("a client whose sign-in is ended stops, and says so", async () => {
  await using server = await TestServer.open();
  const laptop = await Device.open(server, "ann");
  for (const transports of [["websocket"], ["sse"], ["poll"]] as const) {
    const phone = await laptop.another();
    await using client = join(server.url, { token: phone.token, transports });
    const over = assertRejects(async () => {
      for await (const event of client) {
        if (event.type !== "connection" || event.state.type !== "connected") continue;
        const [{ id }] = await phone.list() as [Shown];
        await laptop.ask("DELETE", `/api/sessions/${id}`);
      }
    }, TurnedAway);
    assertMatch((await over).message, /sign-in .*was ended|status 401/, transports[0]);
  }
});

Deno.test("a session has 20 sign-ins at most, and changes them only so often", async () => {
  await using server = await TestServer.open();
  const laptop = await Device.open(server, "ann");
  for (let n = 1; n < 20; n++) await laptop.another();
  const { status, body } = await laptop.ask("POST", "/api/sessions");
  assertEquals([status, body.error.code], [403, "forbidden"]);
  assertMatch(body.error.message, /20 sign-ins/);
  let tried = 0;
  let answer = await laptop.ask("DELETE", "/api/sessions");
  for (; answer.status === 200; tried++) answer = await laptop.ask("DELETE", "/api/sessions");
  assertEquals([answer.status, answer.body.error.code], [429, "rate_limited"]);
  assertEquals(tried, 30 - 20);
});

/** A token as versions before sign-ins made it, signed with the key of a data folder. */
async function earlierToken(data: string, id: string, name: string): Promise<string> {
  const key = await crypto.subtle.importKey(
    "raw",
    await Deno.readFile(`${data}/session.key`),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["sign"],
  );
  const payload = new TextEncoder().encode(JSON.stringify([id, name]));
  const mac = new Uint8Array(await crypto.subtle.sign("HMAC", key, payload));
  const options = { alphabet: "base64url", omitPadding: true } as const;
  return `${payload.toBase64(options)}.${mac.toBase64(options)}`;
}

Deno.test("who comes with a token of before stays who they are, gets a newer one, and can end both", async () => {
  await withData(async (options) => {
    await using server = await TestServer.open(options);
    const old = await earlierToken(options.data!, "x".repeat(20), "ann");
    await using client = join(server.url, { token: old, transports: ["websocket"] });
    for await (const { type } of client) if (type === "live") break;
    assertEquals([client.name, server.running.room.people.find("x".repeat(20))?.name], [
      "ann",
      "ann",
    ]);
    assertNotEquals(client.token, old);
    const newer = new Device(server, client.token!);
    assert(await newer.isGood());
    const [{ id, current }] = await newer.list() as [Shown];
    assertEquals([id, current], ["earlier", true]);
    assertEquals((await newer.ask("DELETE", "/api/sessions/earlier")).status, 204);
    for (const token of [old, client.token!]) assert(!await new Device(server, token).isGood());
  });
});
