import { assert, assertEquals, assertMatch } from "@std/assert";
import fc from "fast-check";
import { acceptLoop } from "../../lib/base/net/accept.ts";
import { systemClock } from "../../lib/base/clock.ts";
import { Limits, NO_LIMITS } from "../../lib/limits/mod.ts";
import { echo, ECHO_UNSENT_BYTES, echoSocket, tcpEcho, Unsent } from "../../lib/transports/echo.ts";
import { Program } from "../support/program.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

/** The TCP echo on a free port. */
class EchoPort implements AsyncDisposable {
  readonly #listener = Deno.listen(LOCAL);
  readonly #controller = new AbortController();
  readonly #loop = acceptLoop(this.#listener, (conn) => tcpEcho(conn, (n) => this.bytes += n), {
    signal: this.#controller.signal,
  });
  bytes = 0;

  async connect(): Promise<Deno.TcpConn> {
    return await Deno.connect({ ...LOCAL, port: this.#listener.addr.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#controller.abort();
    await this.#loop;
  }
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await conn.write(bytes.subarray(sent));
}

async function readToEnd(conn: Deno.Conn): Promise<Uint8Array> {
  return await new Response(conn.readable).bytes();
}

Deno.test("every byte comes back over TCP, in order, however it was cut, then the FIN", async () => {
  await using port = new EchoPort();
  const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 9000 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, async (pieces) => {
      const conn = await port.connect();
      const reading = readToEnd(conn);
      for (const piece of pieces) await writeAll(conn, piece);
      await conn.closeWrite();
      assertEquals(await reading, new Uint8Array(await new Blob(pieces).arrayBuffer()));
    }),
    { numRuns: 30 },
  );
});

Deno.test("a client that sends 32 MB before it reads anything gets all of it back", async () => {
  await using port = new EchoPort();
  const conn = await port.connect();
  const sent = new Uint8Array(32 * 1024 * 1024);
  for (let i = 0; i < sent.length; i += 4093) sent[i] = i;
  const writing = writeAll(conn, sent).then(() => conn.closeWrite());
  const received = await readToEnd(conn);
  await writing;
  assertEquals(received.length, sent.length);
  assert(received.every((byte, i) => byte === sent[i]));
  assertEquals(port.bytes, sent.length);
});

Deno.test("a client that does not read is not read from: nothing piles up", async () => {
  const events: string[] = [];
  const taken = Promise.withResolvers<number>();
  const conn = {
    read(buffer: Uint8Array) {
      events.push("read");
      if (events.length > 4) return Promise.resolve(null);
      return Promise.resolve(buffer.length);
    },
    write(bytes: Uint8Array) {
      events.push(`write ${bytes.length}`);
      return events.length === 2 ? taken.promise : Promise.resolve(bytes.length);
    },
    closeWrite: () => Promise.resolve(void events.push("FIN")),
  };
  const echoing = tcpEcho(conn as unknown as Deno.TcpConn, () => {});
  await Promise.resolve();
  await Promise.resolve();
  assertEquals(events, ["read", "write 2048"]);
  taken.resolve(48); // the kernel took a part: the rest goes first
  await echoing;
  assertEquals(events, ["read", "write 2048", "write 2000", "read", "write 8192", "read", "FIN"]);
});

Deno.test("a thousand connections at once each get their own bytes back", async () => {
  await using port = new EchoPort();
  const conns = await Promise.all(Array.from({ length: 1000 }, () => port.connect()));
  await Promise.all(conns.map((conn, i) => writeAll(conn, new Uint8Array([i, i >> 8, 7]))));
  const answers = await Promise.all(conns.map(async (conn) => {
    await conn.closeWrite();
    return await readToEnd(conn);
  }));
  answers.forEach((answer, i) => assertEquals([...answer], [i & 255, i >> 8, 7]));
});

Deno.test("the echo mode says where it listens, who comes and goes, and ends with 0", async () => {
  await using program = new Program("tcp", ["--port", "0"]);
  const [, port] = await program.stdout.until(/^tcp:\/\/127\.0\.0\.1:(\d+) +nc 127\.0\.0\.1 \1$/m);
  const conn = await Deno.connect({ ...LOCAL, port: Number(port) });
  await writeAll(conn, new Uint8Array(1234));
  await conn.closeWrite();
  const { port: own } = conn.localAddr;
  assertEquals((await readToEnd(conn)).length, 1234);
  await program.stdout.until(new RegExp(`^127.0.0.1:${own} went: 1234 bytes, \\d+\\.\\d s$`, "m"));
  assertMatch(program.stdout.text, new RegExp(`^127.0.0.1:${own} came$`, "m"));

  using stalled = await Deno.connect({ ...LOCAL, port: Number(port) });
  const flooding = writeAll(stalled, new Uint8Array(64 * 1024 * 1024)).catch(() => "cut");
  await program.stdout.until(new RegExp(`^127.0.0.1:${stalled.localAddr.port} came$`, "m"));
  program.kill("SIGTERM");
  assertEquals(await program.ended(), 0);
  assertEquals(await flooding, "cut");
  assertEquals(program.stderr.text, "");
});

Deno.test("a port in use stops the start with one line that says what to do", async () => {
  using listener = Deno.listen(LOCAL);
  const { port } = listener.addr;
  await using program = new Program("tcp", [], { env: { PARTYLINE_PORT: String(port) } });
  assertEquals(await program.ended(), 1);
  assertEquals(
    program.stderr.text,
    `partyline: cannot listen on 127.0.0.1:${port}: the port is in use; ` +
      "choose another with --port, or 0 for any that is free\n",
  );
  assertEquals(program.stdout.text, "");
});

/** The WebSocket echo on a free port. */
function serveEcho() {
  const server = Deno.serve({ ...LOCAL, onListen() {} }, (request, { remoteAddr }) => {
    return echo(new Limits(NO_LIMITS, systemClock))({ request, address: remoteAddr });
  });
  return {
    port: server.addr.port,
    url: `ws://127.0.0.1:${server.addr.port}/echo`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

async function open(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  const opened = Promise.withResolvers<void>();
  socket.onopen = () => opened.resolve();
  socket.onerror = () => opened.reject(new Error("cannot open"));
  await opened.promise;
  return socket;
}

function nextEvent<T extends Event>(socket: WebSocket, type: string): Promise<T> {
  return new Promise((resolve) =>
    socket.addEventListener(type, (event) => resolve(event as T), { once: true })
  );
}

Deno.test("over WebSocket text comes back as text and bytes as bytes, unchanged", async () => {
  await using server = serveEcho();
  const socket = await open(server.url);
  const message = fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.uint8Array({ maxLength: 5000 }).map((bytes) => new Uint8Array(bytes)),
    fc.constant("x".repeat(300_000)),
  );
  await fc.assert(
    fc.asyncProperty(message, async (message) => {
      const answer = nextEvent<MessageEvent>(socket, "message");
      socket.send(message);
      const { data } = await answer;
      assertEquals(typeof data === "string" ? data : new Uint8Array(data), message);
    }),
    { numRuns: 50 },
  );
  const closed = nextEvent<CloseEvent>(socket, "close");
  socket.close(1000);
  assertEquals((await closed).code, 1000);
});

Deno.test("a message larger than may be unsent closes with 1009", async () => {
  await using server = serveEcho();
  const socket = await open(server.url);
  const closed = nextEvent<CloseEvent>(socket, "close");
  socket.send(new Uint8Array(ECHO_UNSENT_BYTES + 1));
  const { code, reason } = await closed;
  assertEquals([code, reason], [1009, "a message may have 16 MiB"]);
});

Deno.test("a peer that sends without reading is closed with 1008 at the bound", async () => {
  const closing = Promise.withResolvers<unknown[]>();
  const closed = Promise.withResolvers<unknown>();
  const server = Deno.serve({ ...LOCAL, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    echoSocket(socket, { take: () => true });
    const close = socket.close.bind(socket);
    socket.close = (code, reason) => {
      closing.resolve([code, reason, socket.bufferedAmount]);
      close(code, reason);
    };
    socket.onclose = closed.resolve;
    return response;
  });
  const conn = await Deno.connect({ ...LOCAL, port: server.addr.port });
  await writeAll(
    conn,
    new TextEncoder().encode(
      `GET /echo HTTP/1.1\r\nHost: 127.0.0.1:${server.addr.port}\r\nUpgrade: websocket\r\n` +
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
    ),
  );
  // RFC 6455, section 5.2: a binary frame of 1 MiB, with a mask of zeros, so the payload is zeros too.
  const frame = new Uint8Array(14 + 1024 * 1024);
  frame.set([0x82, 0x80 | 127]);
  new DataView(frame.buffer).setBigUint64(2, 1024n * 1024n);
  const flooding = (async () => {
    for (;;) await writeAll(conn, frame);
  })().catch(() => {}); // until it is cut
  const [code, reason, unsent] = await closing.promise;
  assertEquals([code, reason], [1008, "read what comes back before sending more"]);
  assert(unsent as number <= ECHO_UNSENT_BYTES);

  // It reads at last: the socket on the server ends too, and keeps nothing.
  const buffer = new Uint8Array(256 * 1024);
  while (await conn.read(buffer).catch(() => null) !== null);
  conn.close();
  await Promise.all([flooding, closed.promise]);
  await server.shutdown();
});

Deno.test("a frame that waits counts for more than its payload, and an empty one too", () => {
  for (const size of [0, 1, 100]) {
    const unsent = new Unsent();
    let frames = 0;
    for (; unsent.hasRoom(size); frames++) unsent.add(size);
    // A frame costs some 700 bytes of memory whatever it holds: 42 MB of them took 4 GB.
    assert(frames > 10_000 && frames * 1024 <= ECHO_UNSENT_BYTES, `${frames} of ${size} bytes`);
  }
});

Deno.test("frames that were taken no longer count, however they come and go", () => {
  const step = fc.record({ sizes: fc.array(fc.nat(5)), taken: fc.nat(8) });
  fc.assert(fc.property(fc.array(step), (steps) => {
    const unsent = new Unsent();
    const waiting: number[] = [];
    for (const { sizes, taken } of steps) {
      for (const size of sizes) {
        unsent.add(size);
        waiting.push(size);
      }
      waiting.splice(0, taken);
      unsent.settle(waiting.reduce((sum, size) => sum + size, 0));
      // It may think that empty frames wait still, but never that one has gone that has not.
      assert(unsent.frames >= waiting.length);
      const unsure = waiting.findIndex((size) => size > 0);
      if (unsure === 0 && taken > 0) unsent.settle(waiting.reduce((sum, size) => sum + size, 0));
    }
    unsent.add(1);
    unsent.settle(0);
    assertEquals([unsent.frames, unsent.hasRoom(ECHO_UNSENT_BYTES)], [0, true]);
  }));
});

Deno.test("a message of 16 MiB comes back, and the next one too", async () => {
  await using server = serveEcho();
  const socket = await open(server.url);
  for (let i = 0; i < 2; i++) {
    const answer = nextEvent<MessageEvent>(socket, "message");
    socket.send(new Uint8Array(ECHO_UNSENT_BYTES));
    assertEquals((await answer).data.byteLength, ECHO_UNSENT_BYTES);
  }
  const closed = nextEvent<CloseEvent>(socket, "close");
  socket.close(1000);
  await closed;
});
