import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { FREE_PORTS, ServerProcess, type TestOptions, TestServer } from "../support/server.ts";
import { postAs } from "./clients/client.ts";
import { Raw } from "./clients/raw.ts";
import { frame, OPCODE, RawSocket, upgradeRequest } from "./clients/raw_socket.ts";
import { openSocket } from "./clients/socket.ts";
import { websocket } from "./clients/websocket.ts";

/**
 * A server that must be as well after the attack as before: it still serves on both ports, it counts
 * nobody who is gone, and nothing was reported that would be a bug (see TestServer).
 */
async function survives(
  attack: (server: TestServer) => Promise<void>,
  options: TestOptions = {},
): Promise<void> {
  // Some attacks leave connections that the runtime cannot end: they are waited for this long.
  await using server = await TestServer.open({ drainMs: 1000, ...options });
  await attack(server);
  await using bystander = await websocket.join(server, { name: "bystander" });
  const { people } = server.running.room;
  const left = async () => {
    for (const name of people.snapshot().names ?? []) {
      if (name === "bystander" || name === "over TCP") continue;
      await bystander.inbox.until("leave", (leave) => leave.name === name);
    }
  };
  await left();
  const { seq } = await bystander.say("still here");
  using raw = await Raw.connect(server.tcpPort);
  await raw.takeUntil("? (Enter for a guest name)\r\n");
  await raw.send("over TCP\n");
  await raw.takeUntil("bystander: still here\r\n");
  // What an attacker sent before it was closed may be stored after it has left, and so after this.
  const [entry] = await server.running.room.log.read({ after: seq - 1, limit: 1 });
  assert(entry?.type === "message");
  assertEquals([entry.seq, entry.from, entry.text], [seq, "bystander", "still here"]);
  // Whoever was let in by what was read late has left as well.
  await left();
  assertEquals(server.running.room.presence().names, ["bystander", "over TCP"]);
}

const bytes = fc.uint8Array({ minLength: 1, maxLength: 2000 });

Deno.test("random bytes on either port end nothing but their connection", async () => {
  await survives(async ({ httpPort, tcpPort }) => {
    await fc.assert(
      fc.asyncProperty(bytes, fc.boolean(), async (garbage, http) => {
        using raw = await Raw.connect(http ? httpPort : tcpPort);
        await raw.fling(garbage);
      }),
      { numRuns: 200 },
    );
  });
});

Deno.test("requests that are wrong in one place are refused or cut, and end nothing", async () => {
  const requests = [
    "GET / HTTP/1.1\r\nHost: 127.0.0.1:99999\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost:abc\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: local host\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
    "GET //evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET http:// HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /%ff%00%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /poll?since=%ff&wait=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /events?name=%ed%a0%80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /stream?recent=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "toString /poll HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /livez HTTP/1.1\r\nHost: localhost\r\nCookie: partyline=%%%; partyline\r\n\r\n",
    "GET /livez HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a.b.c\r\n\r\n",
    `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(100_000)}\r\n\r\n`,
    `GET /livez HTTP/1.1\r\nHost: localhost\r\n${"X: y\r\n".repeat(1000)}\r\n`,
    `GET /${"x".repeat(100_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
    "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\nx",
    "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
    'Content-Length: 20\r\n\r\n{"__proto__":{"a":1}',
    "\r\n\r\n\r\n",
    "GET",
  ];
  await survives(async ({ httpPort }) => {
    for (const request of requests) {
      using raw = await Raw.connect(httpPort);
      await raw.fling(request);
      await raw.finish().catch(() => {}); // it may have been cut already
      const answer = await raw.takeRest();
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0);
      assert(status < 500, `${JSON.stringify(request.slice(0, 80))} is answered with ${status}`);
      assert(!answer.includes("root:"), request);
    }
  });
});

Deno.test("a body that never ends is cut at its limit", async () => {
  await survives(async ({ httpPort }) => {
    using raw = await Raw.connect(httpPort);
    await raw.send(
      "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    const chunk = `1000\r\n${"x".repeat(4096)}\r\n`;
    for (let i = 0; i < 8; i++) await raw.fling(chunk);
    assert((await raw.takeUntil("\r\n")).startsWith("HTTP/1.1 413 "));
  });
});

Deno.test({
  name: "upgrades that stop half-way, and connections reset in the middle, leave nobody behind",
  // An upgrade whose connection is reset before it is answered is an op that the runtime never ends.
  sanitizeOps: false,
  async fn() {
    await survives(async ({ httpPort, tcpPort }) => {
      const whole = upgradeRequest("/ws?name=ghost");
      for (let cut = 1; cut < whole.length; cut += 11) {
        using raw = await Raw.connect(httpPort);
        await raw.send(whole.slice(0, cut));
      }
      for (const path of ["/ws", "/ws/text", "/echo", "/events", "/stream", "/poll"]) {
        for (let i = 0; i < 5; i++) {
          using raw = await Raw.connect(httpPort);
          const websocket = path.startsWith("/ws") || path === "/echo";
          await raw.send(
            websocket ? upgradeRequest(path) : `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
          );
          if (i % 2 === 0 && path !== "/poll") await raw.takeUntil("\r\n\r\n");
          if (websocket && i % 2 === 0) {
            await raw.fling(frame(OPCODE.text, "ghost").subarray(0, 4 + i));
          }
        } // closed with what came unread: an RST
      }
      for (let i = 0; i < 20; i++) {
        using raw = await Raw.connect(tcpPort);
        await raw.send("ghost\n/who\n".slice(0, i));
      }
    });
  },
});

Deno.test("thousands of bad frames are answered or cut, and end nothing", async () => {
  await survives(async ({ httpPort }) => {
    const texts = fc.oneof(
      fc.json(),
      fc.string({ unit: "binary" }),
      fc.constantFrom("{", "{}", "[", '{"type":"message","text":{}}', '{"type":"__proto__"}'),
    ).filter((text) => text.trim() === "" || text.startsWith("{"));
    for (const path of ["/ws", "/ws/text"]) {
      for (const sample of [fc.sample(texts, 1000), fc.sample(texts, 1000)]) {
        const { socket, ended } = await openSocket({ url: "", httpPort, tcpPort: 0 }, path);
        for (const text of sample) if (socket.readyState === WebSocket.OPEN) socket.send(text);
        socket.close();
        await ended;
      }
    }
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom("/ws", "/ws/text", "/echo"),
        async (garbage, path) => {
          using socket = await RawSocket.open(httpPort, path);
          await socket.raw.fling(garbage);
        },
      ),
      { numRuns: 100 },
    );
  }, { limits: NO_LIMITS });
});

Deno.test("frames that the protocol forbids end their connection", async () => {
  await survives(async ({ httpPort }) => {
    const forbidden: [string, Uint8Array][] = [
      ["a reserved opcode", frame(3, "x")],
      ["a continuation of nothing", frame(OPCODE.continuation, "x")],
      ["a long ping", frame(OPCODE.ping, "x".repeat(200))],
      ["a ping in fragments", frame(OPCODE.ping, "x", { fin: false })],
      ["half a character", frame(OPCODE.text, new Uint8Array([0xf0, 0x9f, 0x98]))],
      ["a close code that is none", frame(OPCODE.close, new Uint8Array([0, 5]))],
      [
        "a frame of an exabyte",
        new Uint8Array([0x81, 0xff, 0x7f, ...Array(7).fill(255), 0, 0, 0, 0]),
      ],
    ];
    for (const path of ["/ws", "/ws/text", "/echo"]) {
      for (const [what, sent] of forbidden) {
        using socket = await RawSocket.open(httpPort, path);
        await socket.raw.send(sent);
        await socket.raw.takeRest().catch(() => assert(false, `${path}: ${what} is tolerated`));
      }
    }
  });
});

Deno.test("who floods without reading the answers is closed, and the others go on", async () => {
  await survives(async (server) => {
    const { httpPort, tcpPort } = server;
    for (const path of ["/ws", "/ws/text"]) {
      const { socket, ended } = await openSocket(server, path);
      const bad = path === "/ws" ? "{".padEnd(1000) : "/nonsense";
      for (let i = 0; i < 5000; i++) socket.send(bad);
      socket.close();
      await ended;
    }
    using raw = await Raw.connect(tcpPort);
    await raw.fling("flooder\n" + "/nonsense\n".repeat(100_000));
    using socket = await RawSocket.open(httpPort, "/ws?name=flooder");
    const batch = new Uint8Array(1000 * frame(OPCODE.text, "{").length);
    for (let i = 0; i < 1000; i++) batch.set(frame(OPCODE.text, "{"), i * 7);
    for (let i = 0; i < 20; i++) await socket.raw.fling(batch);
    raw[Symbol.dispose]();
    socket[Symbol.dispose]();
  });
});

Deno.test("clients that never read cost a bounded amount, and the others hear all of it", async () => {
  const data = await Deno.makeTempDir();
  {
    await using program = new ServerProcess(
      [...FREE_PORTS, "--data", data, "--rate-limit", "off", "--no-limits"],
    );
    const at = await program.addresses();
    await using owned = new AsyncDisposableStack();
    const reader = owned.use(await websocket.join(at, { name: "reader" }));
    const stalled: Raw[] = [];
    for (let i = 0; i < 5; i++) {
      for (const path of ["/ws?recent=0", "/events", "/stream"]) {
        const raw = owned.use(await Raw.connect(at.httpPort));
        await raw.send(
          path.startsWith("/ws")
            ? upgradeRequest(path)
            : `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
        );
        await raw.takeUntil("\r\n\r\n");
        stalled.push(raw);
      }
      const raw = owned.use(await Raw.connect(at.tcpPort));
      await raw.takeUntil("\r\n");
      await raw.send("\n");
      stalled.push(raw);
    }
    const text = "x".repeat(4000);
    const post = (count: number) =>
      Promise.all(Array.from({ length: count }, () => postAs(at, undefined, { text })));
    // What the kernel takes for them is full after this, and so is the room's own tail.
    for (let i = 0; i < 10; i++) await post(100);
    const before = await residentMegabytes(program.pid);
    for (let i = 0; i < 20; i++) await post(100);
    const after = await residentMegabytes(program.pid);
    await reader.inbox.untilSeq(3000);
    assertEquals(reader.inbox.seqs.length, 3000);
    // Eight megabytes of text for each of twenty: with a queue for each it would be 160.
    assert(after - before < 80, `${before} MB before, ${after} MB after`);
    stalled.forEach((raw) => raw[Symbol.dispose]());
    program.kill("SIGTERM");
    assertEquals(await program.ended(), 0);
    assertEquals(program.reports, "");
  }
  await Deno.remove(data, { recursive: true });
});

async function residentMegabytes(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
