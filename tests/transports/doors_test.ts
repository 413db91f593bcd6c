// What holds on every door alike, and is not a matter of what is written: how a failure, a flood and a
// token that is not good are told.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { TestServer } from "../support/server.ts";
import { openSocket } from "./clients/socket.ts";
import { Raw } from "./clients/raw.ts";

/** Until it has ended; for a stream that a failure cuts off. */
async function readAll(url: string): Promise<string> {
  return await (await fetch(url)).text();
}

/** What came over a WebSocket before it was closed, and with which code. */
function readSocket(url: string, frames: string[] = []): Promise<{ text: string; code: number }> {
  const socket = new WebSocket(url.replace("http", "ws"));
  let text = "";
  socket.onopen = () => frames.forEach((frame) => socket.send(frame));
  socket.onmessage = ({ data }) => text += data + "\n";
  return new Promise((resolve) => socket.onclose = ({ code }) => resolve({ text, code }));
}

/** All that the server says until it ends; the input ends only where `finish` says so. */
async function readTcp(port: number, input: string, { finish = false } = {}): Promise<string> {
  using raw = await Raw.connect(port);
  await raw.fling(input);
  if (finish) await raw.finish();
  return await raw.takeRest();
}

/** A room with three messages that are only in the log, which fails to read them. */
async function brokenRoom() {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  {
    await using before = await TestServer.open({ data });
    for (const text of ["one", "two", "three"]) {
      await before.running.room.post({ sender: "s", from: "bob", text });
    }
  }
  const reports: string[] = [];
  const server = await TestServer.open({ data, report: (what) => reports.push(what) });
  const read = () => Promise.reject(new Error("the disk is gone"));
  Object.defineProperty(server.running.room.log, "read", { value: read });
  return {
    server,
    reports,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(data, { recursive: true });
    },
  };
}

const INTERNAL = /"code":"internal","message":"something went wrong on the server"/;

for (const path of ["/events", "/stream"]) {
  Deno.test(`${path}: a read that fails is told, ends the response, and nobody stays present`, async () => {
    await using broken = await brokenRoom();
    const { server, reports } = broken;
    assertMatch(await readAll(`${server.url}${path}?since=1&name=ann`), INTERNAL);
    assertEquals(reports, ["cannot read on for a client"]);
    await gone(server);
  });
}

Deno.test("/ws: a read that fails is told, closes with 1011, and nobody stays present", async () => {
  await using broken = await brokenRoom();
  const { server, reports } = broken;
  const { text, code } = await readSocket(`${server.url}/ws?since=1&name=ann`);
  assertMatch(text, INTERNAL);
  assertEquals([code, reports], [1011, ["cannot read on for a client"]]);
  await gone(server);
});

Deno.test("/ws/text: a read that fails is told, closes with 1011, and nobody stays present", async () => {
  await using broken = await brokenRoom();
  const { server } = broken;
  const { text, code } = await readSocket(`${server.url}/ws/text`, ["ann"]);
  assertMatch(text, /^! something went wrong on the server$/m);
  assertEquals(code, 1011);
  await gone(server);
});

Deno.test("TCP: a read that fails is told, ends the connection, and nobody stays present", async () => {
  await using broken = await brokenRoom();
  const { server } = broken;
  assertMatch(await readTcp(server.tcpPort, "ann\n"), /^! something went wrong on the server\r$/m);
  assertMatch(await readTcp(server.tcpPort, '{"type":"hello","since":"1"}\n'), INTERNAL);
  await gone(server);
});

/** Within the grace period, which is short in tests. */
async function gone({ running: { room } }: TestServer): Promise<void> {
  while (room.people.count > 0) await new Promise((resolve) => setTimeout(resolve, 5));
}

const SLOW = { rate: { perSecond: 1, burst: 1 }, limits: NO_LIMITS };
const FLOOD = Array.from({ length: 1200 }, (_, i) => `flood ${i}`);

Deno.test("/ws/text: a client that goes on in spite of refusals is told, and closed with 4029", async () => {
  await using server = await TestServer.open(SLOW);
  const [first, second] = [FLOOD.slice(0, 600), FLOOD.slice(600)];
  let text = "";
  let refused = 0;
  const { socket, ended } = await openSocket(server, "/ws/text", {
    onFrame(lines) {
      text += `${lines}\n`;
      refused += lines.match(/! rate limited/g)?.length ?? 0;
      // Not all at once: what waits to be read is bounded by itself.
      if (refused >= 590) second.splice(0).forEach((line) => socket.send(line));
    },
  });
  ["ann", ...first].forEach((line) => socket.send(line));
  assertEquals((await ended).code, 4029);
  assertMatch(text, /^! you kept flooding$/m);
});

for (
  const [kind, hello, error] of [
    ["a person", "ann", /^! you kept flooding\r$/m],
    ["a program", '{"type":"hello"}', /"code":"rate_limited","message":"you kept flooding"/],
  ] as const
) {
  Deno.test(`TCP: ${kind} that goes on in spite of refusals is told, and cut`, async () => {
    await using server = await TestServer.open(SLOW);
    using raw = await Raw.connect(server.tcpPort);
    await raw.send(`${hello}\nthe only one\n`);
    await raw.takeUntil("the only one"); // from here on all are refused
    await raw.fling(FLOOD.join("\n") + "\n");
    assertMatch(await raw.takeRest(), error);
  });
}

Deno.test("POST: every message above the limit is a 429 that says when to try again", async () => {
  await using server = await TestServer.open(SLOW);
  const answers = [];
  for (const body of FLOOD.slice(0, 3)) {
    const answer = await fetch(`${server.url}/api/messages`, { method: "POST", body });
    answers.push([answer.status, answer.headers.get("retry-after")]);
    await answer.body?.cancel();
  }
  assertEquals(answers, [[201, null], [429, "1"], [429, "1"]]);
});

Deno.test("a token that is not good is told on every door, and nobody comes in by it", async () => {
  await using server = await TestServer.open();
  const headers = { authorization: "Bearer not.good" };
  for (const path of ["/events", "/stream", "/poll", "/api/session"]) {
    const method = path === "/api/session" ? "POST" : "GET";
    const answer = await fetch(server.url + path, { method, headers });
    assertEquals([answer.status, (await answer.json()).error.code], [401, "unauthorized"], path);
  }
  for (const path of ["/ws", "/ws/text"]) {
    assertMatch(await upgradeStatus(server, path), /^HTTP\/1\.1 401 /, path);
  }
  const hello = JSON.stringify({ type: "hello", token: "not.good" });
  const answered = await readTcp(server.tcpPort, hello + "\n", { finish: true });
  const lines = answered.split("\r\n").slice(1, -1).map((line) => JSON.parse(line));
  assertEquals(lines.map(({ type, code }) => [type, code]), [["error", "unauthorized"]]);
  assert(server.running.room.people.count === 0);
});

/** The status line with which an upgrade is answered. */
async function upgradeStatus({ httpPort }: TestServer, path: string): Promise<string> {
  using raw = await Raw.connect(httpPort);
  await raw.send(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\n` +
      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nAuthorization: Bearer not.good\r\n\r\n",
  );
  return await raw.takeUntil("\r\n");
}
