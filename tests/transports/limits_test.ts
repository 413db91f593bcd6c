// What happens at each door to a client that sends too much, and that what people do is not too much.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { type TestOptions, TestServer, USUAL_LIMITS } from "../support/server.ts";
import { TRANSPORTS } from "./clients/all.ts";
import { Raw } from "./clients/raw.ts";
import { frame, OPCODE, RawSocket, upgradeRequest } from "./clients/raw_socket.ts";
import { openSocket } from "./clients/socket.ts";
import { websocket } from "./clients/websocket.ts";

const TYPING = '{"type":"typing"}';
const BURST = 20;
const FEW = { perSecond: 0.001, burst: BURST };

/** A server with these limits and no others. */
function open(limits: Partial<typeof NO_LIMITS>, options: TestOptions = {}): Promise<TestServer> {
  return TestServer.open({ limits: { ...NO_LIMITS, ...limits }, drainMs: 1000, ...options });
}

/** Until nobody is connected any more. */
async function nobodyLeft({ running: { limits } }: TestServer): Promise<void> {
  while (limits.open > 0) await pause();
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

Deno.test("/ws: frames of any kind count; the client is told once, and closed with 4029", async () => {
  for (const sent of [TYPING, '{"type":"pong"}', '{"type":"?"}', "{", "hi"]) {
    await using server = await open({ frames: FEW });
    const events: { type: string; message?: string; retry_after?: number }[] = [];
    const { socket, ended } = await openSocket(server, "/ws", {
      onFrame: (text) => events.push(...text.split("\n").map((line) => JSON.parse(line))),
    });
    for (let i = 0; i < BURST + 10; i++) socket.send(sent);
    const { code, reason } = await ended;
    assertEquals([code, reason], [4029, "kept flooding"], sent);
    const told = events.filter(({ message }) => message?.startsWith("you send too much"));
    assertEquals(told, [{
      ...told[0],
      type: "error",
      message: "you send too much: wait a few seconds, or you are cut off",
      retry_after: 5,
    }]);
    const refused = events.filter(({ message }) => message?.includes("JSON"));
    if (sent === "{") assertEquals(refused.length, BURST);
    // What was taken before the end is stored, though nobody is told any more.
    const { tail } = server.running.room;
    if (sent === "hi") { while (tail.seq < BURST) await pause(); }
    await nobodyLeft(server);
    assertEquals(tail.seq, sent === "hi" ? BURST : 0);
  }
});

Deno.test("a binary frame counts like any other, and takes no limit off its address", async () => {
  for (const path of ["/ws", "/ws/text"]) {
    await using server = await open({ addressFrames: FEW });
    using binary = await RawSocket.open(server.httpPort, path);
    await binary.send(OPCODE.binary, "x");
    assertEquals(await binary.closeCode(), 1003);
    // What one connection may send while its address is over the limit, and then no more.
    using flood = await RawSocket.open(server.httpPort, "/ws");
    await flood.raw.fling(repeated(frame(OPCODE.text, TYPING), BURST + 100));
    assertEquals(await flood.closeCode(), 4029);
  }
});

Deno.test("a socket that goes on sending without an end is dropped, and others do not wait for it", async () => {
  // The runtime hands over its frames before it looks at a timer or at anybody else: without a limit
  // the room stands still for as long as it likes.
  const floods = [
    ["/ws", OPCODE.text],
    ["/ws/text", OPCODE.text],
    ["/echo", OPCODE.text],
    ["/echo", OPCODE.binary],
    // The runtime handles these by itself; see lib/transports/socket/pongs.ts.
    ["/ws", OPCODE.pong],
    ["/echo", OPCODE.pong],
  ] as const;
  for (const [path, opcode] of floods) {
    await using server = await TestServer.open();
    await using person = await websocket.join(server, { name: "person" });
    await person.inbox.until("welcome");
    using socket = await RawSocket.open(server.httpPort, path);
    const many = repeated(frame(opcode, TYPING), 4000);
    let gone = false;
    const flooding = (async () => {
      while (!gone) await socket.raw.send(many);
    })().catch(() => gone = true);
    for (let i = 0; i < 5; i++) await person.say(`${i}`);
    await flooding; // cut: it is not let go on for ever
  }
});

Deno.test("/ws/text: lines count, in one frame or in many; the end is told, and a 4029", async () => {
  for (const frames of [Array(BURST + 10).fill("/who"), ["/who\n".repeat(BURST + 10)]]) {
    await using server = await open({ frames: FEW });
    let text = "";
    const { socket, ended } = await openSocket(server, "/ws/text", {
      onFrame: (lines) => text += `${lines}\n`,
    });
    socket.send("ann");
    frames.forEach((each) => socket.send(each));
    assertEquals((await ended).code, 4029);
    assertMatch(text, /^! you sent? too much/m);
  }
});

Deno.test("TCP: lines count, whether they are many or endless; the end is told by an error line", async () => {
  const floods = {
    "lines": "/who\n".repeat(BURST),
    "empty lines": "\n".repeat(BURST),
    "JSON": `/json\n${`${TYPING}\n`.repeat(BURST)}`,
    "a line without an end": "x".repeat(4096 * BURST),
  };
  for (const [what, flood] of Object.entries(floods)) {
    await using server = await open({ frames: FEW });
    using raw = await Raw.connect(server.tcpPort);
    await raw.takeUntil("guest name)\r\n");
    await raw.send("ann\n");
    await raw.takeUntil("/help for help");
    await raw.fling(flood);
    assertMatch(await raw.takeRest(), /you sent too much at once and are cut off/, what);
    await nobodyLeft(server);
  }
});

Deno.test("TCP: names that are refused without an end are a flood too", async () => {
  await using server = await open({ frames: FEW });
  using raw = await Raw.connect(server.tcpPort);
  await raw.takeUntil("guest name)\r\n");
  await raw.fling(`${"x".repeat(33)}\n`.repeat(BURST / 2));
  await raw.fling(`${"x".repeat(33)}\n`.repeat(BURST));
  assertMatch(await raw.takeRest(), /! you sent too much at once and are cut off/);
});

Deno.test("TCP and /ws/text: /since is counted by itself, and refused by an error line", async () => {
  await using server = await open({ seeks: { perSecond: 0.001, burst: 2 } });
  using raw = await Raw.connect(server.tcpPort);
  await raw.takeUntil("guest name)\r\n");
  await raw.send("ann\n/since 0\n/since 0\n/since 0\n/who\n");
  const said = await raw.takeUntil("1 online: ann\r\n");
  assertEquals(said.match(/^! too many \/since, try again in \d+ s\r$/gm)?.length, 1);
});

Deno.test("renames are told to everybody, and so a person has only a few of them at once", async () => {
  await using server = await open({}, { renames: { perSecond: 0.001, burst: 6 } });
  await using watcher = await websocket.join(server, { name: "watcher" });
  const { socket, ended } = await openSocket(server, "/ws?name=ann");
  for (let i = 0; i < 500; i++) socket.send(JSON.stringify({ type: "rename", name: `ann${i}` }));
  socket.send("done");
  await watcher.inbox.until("message");
  assertEquals(watcher.inbox.events.filter(({ type }) => type === "rename").length, 6);
  socket.close();
  await ended;
});

Deno.test("requests above the limit are a 429 that says when to come back, whatever they ask for", async () => {
  await using server = await open({ requests: { perSecond: 0.1, burst: 5 } });
  for (let i = 0; i < 5; i++) {
    assertEquals(await (await fetch(`${server.url}/livez`)).text(), "ok\n");
  }
  for (const path of ["/", "/livez", "/ws", "/events", "/poll", "/api/session", "/nowhere"]) {
    const answer = await fetch(server.url + path);
    assertEquals([answer.status, answer.headers.get("retry-after")], [429, "10"], path);
    const { error } = await answer.json();
    assertEquals(error, {
      code: "rate_limited",
      message: "too many requests from your address, try again in 10 s",
    });
  }
});

Deno.test("what reads the log or renders it is counted by itself: 429, and the rest goes on", async () => {
  await using server = await open({ reads: { perSecond: 0.1, burst: 4 } });
  const statuses = async (path: string) => {
    const answer = await fetch(server.url + path);
    await answer.body?.cancel();
    return answer.status;
  };
  const reading = ["/", "/api/messages", "/api/search?q=x", "/api/people?q=x"];
  for (const path of reading) assertEquals(await statuses(path), 200, path);
  for (const path of reading) assertEquals(await statuses(path), 429, path);
  for (const path of ["/livez", "/api/presence", "/poll?wait=0"]) {
    assertEquals(await statuses(path), 200, path);
  }
});

Deno.test("connections are counted at every door while they are open, and a full address is told so", async () => {
  await using server = await open({ addressConnections: 4 });
  const { url, tcpPort } = server;
  await using owned = new AsyncDisposableStack();
  for (const path of ["/ws", "/ws/text"]) {
    const { socket, ended } = await openSocket(server, path);
    owned.defer(async () => {
      socket.close();
      await ended;
    });
  }
  const stream = await fetch(`${url}/stream`);
  owned.defer(() => stream.body!.cancel());
  const tcp = owned.use(await Raw.connect(tcpPort));
  await tcp.takeUntil("guest name)\r\n");
  assertEquals(server.running.limits.open, 4);

  for (const path of ["/events", "/stream", "/poll"]) {
    const answer = await fetch(url + path);
    assertEquals([answer.status, answer.headers.get("retry-after")], [429, "10"], path);
    assertMatch((await answer.json()).error.message, /^your address has 4 connections open/);
  }
  const posted = await fetch(`${url}/api/messages`, { method: "POST", body: "hi" });
  assertEquals(posted.status, 429);
  await posted.body?.cancel();
  for (const path of ["/ws", "/ws/text", "/echo"]) {
    using raw = await Raw.connect(server.httpPort);
    await raw.send(upgradeRequest(path));
    assertMatch(await raw.takeUntil("\r\n"), /^HTTP\/1.1 429 /, path);
  }
  using one = await Raw.connect(tcpPort);
  assertMatch(await one.takeRest(), /^! your address has 4 connections open.*close some\r\n$/);

  await owned.disposeAsync();
  await nobodyLeft(server);
  using again = await Raw.connect(tcpPort);
  await again.takeUntil("guest name)\r\n");
});

Deno.test("new connections that come too fast are refused at every door", async () => {
  await using server = await open({ connects: { perSecond: 0.1, burst: 1 } });
  using first = await Raw.connect(server.tcpPort);
  await first.takeUntil("guest name)\r\n");
  using second = await Raw.connect(server.tcpPort);
  assertMatch(await second.takeRest(), /^! too many new connections .* try again in 10 s\r\n$/);
  for (const path of ["/events", "/stream"]) {
    const answer = await fetch(server.url + path);
    assertEquals(answer.status, 429, path);
    await answer.body?.cancel();
  }
});

Deno.test("a body that does not come is answered with 408, and no longer counts", async () => {
  await using server = await open({ bodyMs: 50 });
  for (const path of ["/api/messages", "/api/session"]) {
    using raw = await Raw.connect(server.httpPort);
    await raw.send(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\n` +
        "Content-Length: 100\r\n\r\nhalf",
    );
    const head = await raw.takeUntil("\r\n\r\n");
    assertMatch(head, /^HTTP\/1.1 408 /);
    assertMatch(head, /^connection: close\r$/m);
    await raw.takeUntil("the body did not come within 0.05 s; send it at once");
  }
  assertEquals(server.running.limits.open, 0);
});

Deno.test("behind a proxy that is trusted, a limit is for the client and not for the proxy", async () => {
  const requests = { perSecond: 0.1, burst: 1 };
  await using server = await open({ requests }, { network: { proxies: ["127.0.0.1"] } });
  const status = async (forwarded: string) => {
    const answer = await fetch(`${server.url}/livez`, {
      headers: { "x-forwarded-for": forwarded },
    });
    await answer.body?.cancel();
    return answer.status;
  };
  assertEquals(await status("192.0.2.1"), 200);
  assertEquals(await status("192.0.2.2"), 200);
  assertEquals(await status("9.9.9.9, 192.0.2.1"), 429);
});

// What people do, against the limits that there are without any flag.

Deno.test("a paste of 150 lines into nc is read to its end, and cuts nobody", async () => {
  await using server = await TestServer.open({ rate: { perSecond: 5, burst: 10 } });
  using raw = await Raw.connect(server.tcpPort);
  await raw.takeUntil("guest name)\r\n");
  await raw.send("ann\n");
  await raw.takeUntil("/help for help\r\n");
  const paste = Array.from({ length: 150 }, (_, i) => `line ${i} ${"x".repeat(100)}\n`);
  await raw.send(paste.join(""));
  let said = "";
  // Each line that was not said is told; nothing else is.
  while ((said.match(/^! rate limited/gm)?.length ?? 0) < 140) said += await raw.takeUntil("\r\n");
  await raw.send("/who\n");
  said += await raw.takeUntil("1 online: ann\r\n");
  assert(!said.includes("too much"), said);
});

Deno.test("a hundred people behind one address load, come in, read back and talk, and meet no limit", async () => {
  await using server = await TestServer.open();
  const answered = async (path: string) => {
    const answer = await fetch(server.url + path);
    await answer.body?.cancel();
    assert(answer.status < 400, `${path}: ${answer.status}`);
  };
  await using owned = new AsyncDisposableStack();
  const people = await Promise.all(Array.from({ length: 100 }, async (_, i) => {
    for (const path of ["/", "/page.css", "/app.js", "/icon.svg", "/sw.js"]) {
      await answered(path).catch(() => answered("/"));
    }
    const transport = TRANSPORTS[i % TRANSPORTS.length]!;
    return owned.use(await transport.join(server, { name: `p${i}` }));
  }));
  await Promise.all(people.map(async (person, i) => {
    for (let n = 0; n < 3; n++) await person.say(`${i}: ${n}`);
    if (i % 20 === 0) {
      for (const q of ["h", "he", "hel", "hell", "hello"]) await answered(`/api/search?q=${q}`);
      for (let n = 0; n < 10; n++) await answered("/api/messages?before=100&limit=100");
    }
  }));
  assertEquals(server.running.room.tail.seq, 300);
  assert(USUAL_LIMITS.frames, "there are limits");
});
