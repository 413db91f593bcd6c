// What is particular to one transport, against servers of a few lines.
import { assertEquals, assertRejects } from "@std/assert";
import {
  type Client,
  type ConnectionState,
  join,
  overTcp,
  TurnedAway,
} from "../../lib/client/mod.ts";
import { TestServer } from "../support/server.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { welcome } from "./fakes.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0, onListen() {} };

/** The first state of that type. */
async function state<T extends ConnectionState["type"]>(client: Client, type: T) {
  for await (const event of client) {
    if (event.type === "connection" && event.state.type === type) {
      return event.state as Extract<ConnectionState, { type: T }>;
    }
  }
  throw new Error("the events ended");
}

/** Polls that are answered as `answer` says. */
function pollServer(answer: (turn: number) => unknown) {
  let turns = 0;
  const server = Deno.serve(LOCAL, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/poll") return Response.json(answer(++turns));
    return new Response(null, { status: 404 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    turns: () => turns,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("poll: a server that does not wait is not asked without a pause", async () => {
  await using server = pollServer(() => ({ events: [], cursor: "k3x-0" }));
  const clock = new ManualClock();
  const client = join(server.url, { lurk: true, clock, random: () => 0 });
  await state(client, "connected");
  const silence = clock.pending;
  // One timer more is the pause; a request under way has one, too, and ends by itself.
  const paused = async (turns: number) => {
    while (server.turns() < turns || clock.pending !== silence) await settle();
  };
  for (let turns = 2; turns < 5; turns++) {
    await paused(turns);
    for (let i = 0; i < 20; i++) await settle();
    assertEquals(server.turns(), turns);
    clock.advance(1000);
  }
  await client.leave();
});

Deno.test("poll: more that never comes is no answer", async () => {
  await using server = pollServer(() => ({ events: [], cursor: "k3x-0", more: true }));
  await using client = join(server.url, { lurk: true });
  assertEquals((await state(client, "waiting")).reason, "its answer cannot be read");
  assertEquals(server.turns(), 1);
});

Deno.test("sse: a proxy that answers for the room costs a message some time, and not the connection", async () => {
  let posts = 0;
  let streams = 0;
  let end = () => {};
  const server = Deno.serve(LOCAL, (request) => {
    if (request.method === "POST") {
      if (++posts === 1) return new Response("<h1>Bad Gateway", { status: 502 });
      return Response.json({ seq: 1, cursor: "k3x-1" }, { status: 201 });
    }
    streams++;
    const body = new ReadableStream({
      start(controller) {
        const events = [welcome(), { type: "live", seq: 0 }];
        const text = events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join("");
        controller.enqueue(new TextEncoder().encode(text));
        end = () => controller.close();
      },
      cancel() {
        end = () => {};
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const clock = new ManualClock();
  const client = join(`http://127.0.0.1:${server.addr.port}`, { transports: ["sse"], clock });
  await state(client, "connected");
  const stored = client.say("hi");
  while (client.outgoing[0]?.code !== "unavailable") await settle();
  clock.advance(2000);
  assertEquals(await stored, { seq: 1, duplicate: false });
  assertEquals([posts, streams], [2, 1]);
  await client.leave();
  end();
  await server.shutdown();
});

Deno.test("sse: what is no stream is not taken for one", async () => {
  const server = Deno.serve(LOCAL, () => new Response("<h1>hello", { headers: HTML }));
  const client = join(`http://127.0.0.1:${server.addr.port}`, { transports: ["sse"] });
  assertEquals((await state(client, "waiting")).reason, "it answered with text/html");
  await client.leave();
  await server.shutdown();
});

Deno.test("tcp: what the server says to a name it does not accept is thrown", async () => {
  await using server = await TestServer.open();
  const options = {
    name: "x".repeat(40),
    tcp: overTcp((address) => Deno.connect(address)),
  };
  await using client = join(`tcp://127.0.0.1:${server.tcpPort}`, options);
  await assertRejects(() => Array.fromAsync(client), TurnedAway, "the name has 40 characters");
});

const HTML = { "content-type": "text/html" };

Deno.test("a stream that opens and stays silent is given up for the next way, which says so once", async () => {
  const opened = Promise.withResolvers<void>();
  const told: (string | null)[] = [];
  await using server = Deno.serve(LOCAL, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/session") return Response.json({ name: "ann", token: "t" });
    if (pathname === "/api/presence") return Response.json({ count: 1, names: ["ann"] });
    told.push(`${pathname} ${request.headers.get("x-partyline-silent")}`);
    if (pathname === "/poll") return Response.json({ events: [], cursor: "k3x-0" });
    opened.resolve();
    return new Response(new ReadableStream(), { headers: { "content-type": "text/event-stream" } });
  });
  const clock = new ManualClock();
  const url = `http://127.0.0.1:${server.addr.port}`;
  const client = join(url, { name: "ann", transports: ["sse", "poll"], clock, random: () => 0 });
  await opened.promise;
  clock.advance(10_000);
  assertEquals((await state(client, "connected")).via, "poll");
  clock.advance(1000);
  while (told.length < 3) await settle();
  assertEquals(told.slice(0, 3), ["/events null", "/poll sse", "/poll null"]);
  await client.leave();
});

Deno.test("a stream of which only the beginning comes is given up, and not tried again for a while", async () => {
  const asked: string[] = [];
  await using server = Deno.serve(LOCAL, (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/session") return Response.json({ name: "ann", token: "t" });
    if (pathname === "/api/presence") return Response.json({ count: 1, names: ["ann"] });
    asked.push(`${pathname} ${request.headers.get("x-partyline-silent")}`);
    if (pathname === "/poll") return Response.json({ events: [], cursor: "k3x-0" });
    const events = [welcome(), { type: "live", seq: 0 }];
    const text = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    return new Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode(text.join(""))),
      }),
      { headers: { "content-type": "text/event-stream" } },
    );
  });
  const clock = new ManualClock();
  const url = `http://127.0.0.1:${server.addr.port}`;
  const client = join(url, { name: "ann", transports: ["sse", "poll"], clock, random: () => 0 });
  assertEquals((await state(client, "connected")).via, "sse");
  clock.advance(38_000);
  await state(client, "waiting");
  clock.advance(1000);
  assertEquals((await state(client, "connected")).via, "poll");
  assertEquals(asked.slice(0, 2), ["/events null", "/poll sse"]);
  // Nor is it looked for as something better.
  for (let i = 0; i < 20; i++) {
    clock.advance(5000);
    await settle();
  }
  assertEquals(asked.filter((path) => path.startsWith("/events")).length, 1);
  await client.leave();
});
