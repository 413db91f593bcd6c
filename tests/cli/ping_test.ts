import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import fc from "fast-check";
import { measure, type MeasureOptions } from "../../lib/cli/ping/measure.ts";
import type { Answer, Probe } from "../../lib/cli/ping/probe.ts";
import { formatRtt, Statistics } from "../../lib/cli/ping/statistics.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { Program } from "../support/program.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

Deno.test("a round trip is written as ping(8) writes it", () => {
  const table: [number, string][] = [
    [0, "0.000 ms"],
    [0.0324, "0.032 ms"],
    [0.9994, "0.999 ms"],
    [0.9996, "1.00 ms"],
    [1.234, "1.23 ms"],
    [9.994, "9.99 ms"],
    [9.996, "10.0 ms"],
    [42.26, "42.3 ms"],
    [99.96, "100 ms"],
    [1234.5, "1235 ms"],
  ];
  for (const [ms, text] of table) assertEquals(formatRtt(ms), text);
});

Deno.test("the summary is exact for any series, lost ones included", () => {
  const series = fc.array(fc.double({ min: 0, max: 1e4, noNaN: true }), { minLength: 1 });
  fc.assert(fc.property(series, fc.nat(50), (times, lost) => {
    const statistics = new Statistics();
    statistics.sent = times.length + lost;
    for (const ms of times) statistics.answered(ms);
    const mean = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    const variance = times.reduce((sum, ms) => sum + (ms - mean) ** 2, 0) / times.length;
    const expected = [Math.min(...times), mean, Math.max(...times), Math.sqrt(variance)];

    const [, counts = "", rtt = ""] = statistics.summary("x", 12.6);
    assertMatch(
      counts,
      new RegExp(`^${times.length + lost} packets transmitted, ${times.length} `),
    );
    assertMatch(counts, new RegExp(`received, ${lost} lost, .*% packet loss, time 13ms$`));
    const shown = /= ([\d./]+) ms$/.exec(rtt)![1]!.split("/").map(Number);
    shown.forEach((figure, i) => assertLess(Math.abs(figure - expected[i]!), 0.002));
  }));
});

Deno.test("the summary has the lines of ping(8)", () => {
  const statistics = new Statistics();
  assertEquals(statistics.summary("ws://h/echo", 0), [
    "--- ws://h/echo ping statistics ---",
    "0 packets transmitted, 0 received, 0 lost, 0% packet loss, time 0ms",
  ]);
  statistics.sent = 3;
  statistics.answered(1);
  statistics.answered(2);
  assertEquals(statistics.summary("ws://h/echo", 2003.2), [
    "--- ws://h/echo ping statistics ---",
    "3 packets transmitted, 2 received, 1 lost, 33.3333% packet loss, time 2003ms",
    "rtt min/avg/max/stddev = 1.000/1.500/2.000/0.500 ms",
  ]);
});

/** A peer that answers when the test says so. */
class FakeProbe implements Probe {
  readonly peer = "peer";
  inTurn = false;
  readonly bytes = 64;
  readonly goneBy = new AbortController();
  readonly gone = this.goneBy.signal;
  readonly asked = new Map<number, PromiseWithResolvers<Answer>>();
  closed = false;

  exchange(seq: number): Promise<Answer> {
    const answer = Promise.withResolvers<Answer>();
    this.asked.set(seq, answer);
    return answer.promise;
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }
}

function start(options: Partial<MeasureOptions>) {
  const probe = new FakeProbe();
  const clock = new ManualClock();
  const lines: string[] = [];
  const measured = measure(probe, {
    count: 0,
    intervalMs: 1000,
    signal: new AbortController().signal,
    clock,
    print: (line) => lines.push(line),
    ...options,
  });
  const advance = async (ms: number) => {
    await settle();
    clock.advance(ms);
    await settle();
  };
  return { probe, clock, lines, measured, advance };
}

Deno.test("one goes out each interval, answered or not, and what is missing is said", async () => {
  const { probe, lines, measured, advance } = start({ count: 3 });
  await advance(2);
  probe.asked.get(1)!.resolve({ bytes: 64, note: "(a note)" });
  await advance(998);
  await advance(999);
  assertEquals([...probe.asked.keys()], [1, 2]);
  await advance(1);
  assertEquals([...probe.asked.keys()], [1, 2, 3]);
  probe.asked.get(3)!.resolve({ bytes: 64 });
  probe.asked.get(2)!.resolve({ bytes: 64 });
  const { statistics, complete } = await measured;
  assertEquals(lines, [
    "64 bytes from peer: seq=1 time=2.00 ms (a note)",
    "no answer yet for seq=2",
    "64 bytes from peer: seq=3 time=0.000 ms",
    "64 bytes from peer: seq=2 time=1000 ms",
  ]);
  assertEquals([statistics.sent, statistics.received, complete], [3, 3, true]);
});

Deno.test("a probe that takes turns is asked when it has answered", async () => {
  const { probe, lines, measured, advance } = start({ count: 2 });
  probe.inTurn = true;
  await advance(5000);
  assertEquals([...probe.asked.keys()], [1]);
  probe.asked.get(1)!.resolve({ bytes: 0 });
  await settle();
  assertEquals([...probe.asked.keys()], [1, 2]);
  probe.asked.get(2)!.resolve({ bytes: 0 });
  assertEquals((await measured).complete, true);
  assertEquals(lines, [
    "no answer yet for seq=1",
    "0 bytes from peer: seq=1 time=5000 ms",
    "0 bytes from peer: seq=2 time=0.000 ms",
  ]);
});

Deno.test("a peer that is dead does not hang it: the last is given up after ten seconds", async () => {
  const { probe, lines, measured, clock, advance } = start({ count: 2 });
  await advance(1000);
  await advance(9999);
  assertEquals(probe.closed, false);
  await advance(1);
  assertEquals(probe.closed, false, "a second to leave");
  await advance(1000);
  assertEquals(probe.closed, true);
  const { statistics, complete } = await measured;
  assertEquals(lines, ["no answer yet for seq=1"]);
  assertEquals([statistics.sent, statistics.received, complete], [2, 0, false]);
  assertEquals(clock.pending, 0);
});

Deno.test("an interrupt gives what is under way a second, then closes", async () => {
  const interrupt = new AbortController();
  const { probe, measured, advance } = start({ signal: interrupt.signal });
  interrupt.abort();
  await advance(999);
  assertEquals(probe.closed, false);
  await advance(1);
  assertEquals(probe.closed, true);
  assertEquals((await measured).complete, false);

  const again = new AbortController();
  const lucky = start({ signal: again.signal });
  again.abort();
  await lucky.advance(500);
  lucky.probe.asked.get(1)!.resolve({ bytes: 64 });
  assertEquals((await lucky.measured).complete, true);
});

Deno.test("when the connection goes, it ends, says why once, and is not complete", async () => {
  const { probe, lines, measured, advance } = start({});
  probe.asked.get(1)!.resolve({ bytes: 64 });
  await advance(1000);
  const why = new Error("peer closed the connection");
  probe.goneBy.abort(why);
  probe.asked.get(2)!.reject(why);
  const { statistics, complete } = await measured;
  assertEquals(lines.slice(1), ["peer closed the connection"]);
  assertEquals([statistics.sent, statistics.received, complete], [2, 1, false]);
});

Deno.test("one that fails is lost, and the next goes out", async () => {
  const { probe, lines, measured, advance } = start({ count: 2 });
  probe.asked.get(1)!.reject(new TypeError("fetch failed", { cause: new Error("a: b: down") }));
  await advance(1000);
  probe.asked.get(2)!.resolve({ bytes: 64 });
  assertEquals((await measured).complete, false);
  assertEquals(lines, ["seq=1: down", "64 bytes from peer: seq=2 time=0.000 ms"]);
});

const LINE = String.raw`64 bytes from 127\.0\.0\.1:\d+: seq=(\d+) time=[\d.]+ ms`;

function serveSocket(onSocket: (socket: WebSocket) => void) {
  return Deno.serve({ ...LOCAL, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    onSocket(socket);
    return response;
  });
}

Deno.test("over WebSocket: a line for each answer, the summary, and a close with 1000", async () => {
  const closed = Promise.withResolvers<CloseEvent>();
  const server = serveSocket((socket) => {
    socket.onmessage = ({ data }) => socket.send(data);
    socket.onclose = closed.resolve;
  });
  const url = `ws://127.0.0.1:${server.addr.port}/echo`;
  await using ping = new Program("ping", ["--interval", "0.01", url]);
  await ping.stdout.until(/seq=3 .*\n/);
  ping.kill("SIGINT");
  const { code, wasClean } = await closed.promise;
  assertEquals([code, wasClean], [1000, true]);
  assertEquals(await ping.ended(), 0);
  const { lines } = ping.stdout;
  assertEquals(lines[0], `PING ${url} 64 bytes of data.`);
  const answers = lines.map((line) => new RegExp(`^${LINE}$`).exec(line)?.[1]);
  assertEquals(answers.filter((seq) => seq !== undefined).slice(0, 3), ["1", "2", "3"]);
  const [blank, title, counts, rtt] = lines.slice(-4);
  assertEquals([blank, title], ["", `--- ${url} ping statistics ---`]);
  assertMatch(
    counts!,
    /^(\d+) packets transmitted, \1 received, 0 lost, 0% packet loss, time \d+ms$/,
  );
  assertMatch(rtt!, /^rtt min\/avg\/max\/stddev = (\d+\.\d{3}\/){3}\d+\.\d{3} ms$/);
  await server.shutdown();
});

Deno.test("a server that closes ends it with its code, and exit code 1", async () => {
  const server = serveSocket((socket) => {
    socket.onmessage = () => socket.close(1012, "restarting");
  });
  await using ping = new Program("ping", [`ws://127.0.0.1:${server.addr.port}/echo`]);
  assertEquals(await ping.ended(), 1);
  assertMatch(ping.stdout.text, /^127\.0\.0\.1:\d+ closed with 1012 \(restarting\)$/m);
  assertMatch(ping.stdout.text, /1 packets transmitted, 0 received, 1 lost, 100% packet loss/);
  await server.shutdown();
});

Deno.test("a server that is no echo is told apart at once", async () => {
  const server = serveSocket((socket) => {
    socket.onopen = () => socket.send('{"type":"welcome"}');
  });
  await using ping = new Program("ping", [`ws://127.0.0.1:${server.addr.port}/ws`]);
  assertEquals(await ping.ended(), 1);
  assertMatch(ping.stdout.text, /is no echo, it sends something else than it was sent/);
  await server.shutdown();
});

Deno.test("a peer that answers neither echo nor close is left within a second", async () => {
  using listener = Deno.listen(LOCAL);
  await using ping = new Program("ping", [`ws://127.0.0.1:${listener.addr.port}/echo`]);
  using conn = await listener.accept();
  const buffer = new Uint8Array(4096);
  const request = new TextDecoder().decode(buffer.subarray(0, (await conn.read(buffer))!));
  const key = /sec-websocket-key: (\S+)/i.exec(request)![1]!;
  const accept = new Uint8Array(
    await crypto.subtle.digest(
      "SHA-1",
      new TextEncoder().encode(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
    ),
  );
  await conn.write(
    new TextEncoder().encode(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept.toBase64()}\r\n\r\n`,
    ),
  );
  await conn.read(buffer); // the first ping, which stays without an answer
  const interruptedAt = performance.now();
  ping.kill("SIGINT");
  assertEquals(await ping.ended(), 1);
  assertLess(performance.now() - interruptedAt, 2000);
  assertMatch(ping.stdout.text, /1 packets transmitted, 0 received, 1 lost/);
});

Deno.test("over TCP: whole lines out, any pieces back, and a FIN at the end", async () => {
  using listener = Deno.listen(LOCAL);
  await using ping = new Program("ping", [
    "--count",
    "2",
    "--interval",
    "0.01",
    `tcp://127.0.0.1:${listener.addr.port}`,
  ]);
  using conn = await listener.accept();
  conn.setNoDelay(true);
  const buffer = new Uint8Array(7); // and so the answers come in pieces
  let received = 0;
  for (let count; (count = await conn.read(buffer)) !== null; received += count) {
    for (let i = 0; i < count;) i += await conn.write(buffer.subarray(i, count));
  }
  assertEquals(received, 128, "the FIN came after both, and not a reset");
  conn.close();
  assertEquals(await ping.ended(), 0);
  assertEquals(Array.from(ping.stdout.text.matchAll(new RegExp(`^${LINE}$`, "gm"))).length, 2);
});

Deno.test("an interrupt over TCP is a FIN too", async () => {
  using listener = Deno.listen(LOCAL);
  await using ping = new Program("ping", [`tcp://127.0.0.1:${listener.addr.port}`]);
  using conn = await listener.accept();
  const buffer = new Uint8Array(64);
  await conn.read(buffer);
  await conn.write(buffer);
  await ping.stdout.until(/seq=1/);
  ping.kill("SIGTERM");
  assertEquals(await conn.read(buffer), null);
  conn.close();
  assertEquals(await ping.ended(), 0);
});

Deno.test("over HTTP: tells whether the connection was reused, and counts them", async () => {
  let requests = 0;
  const server = Deno.serve({ ...LOCAL, onListen() {} }, (_, { remoteAddr }) => {
    const { hostname, port } = remoteAddr as Deno.NetAddr;
    const headers = { connection: ++requests === 3 ? "close" : "keep-alive" };
    return new Response(`pong ${hostname}:${port}\n`, { headers });
  });
  const url = `http://127.0.0.1:${server.addr.port}/ping`;
  await using ping = new Program("ping", ["--count", "5", "--interval", "0.05", url]);
  assertEquals(await ping.ended(), 0);
  const notes = Array.from(ping.stdout.text.matchAll(/\(127\.0\.0\.1:(\d+), (\w+)\)$/gm));
  assertEquals(notes.map(([, , how]) => how), ["new", "reused", "reused", "new", "reused"]);
  assertEquals(new Set(notes.map(([, port]) => port)).size, 2);
  assert(ping.stdout.text.endsWith("\n2 connections\n"), ping.stdout.text);
  await server.shutdown();
});

Deno.test("what cannot be measured is told in one line", async () => {
  const wanted = "wanted ws://HOST:PORT/echo, tcp://HOST:PORT or http://HOST:PORT/ping, " +
    "with TLS wss://, tcps:// or https://";
  using free = Deno.listen(LOCAL);
  const { port } = free.addr;
  free.close();
  const table: [string[], number, string][] = [
    [[], 2, `the URL is missing; ${wanted}`],
    [["gopher://x"], 2, `"gopher://x": ${wanted}`],
    [["tcp://127.0.0.1"], 2, `"tcp://127.0.0.1": the port is missing; ${wanted}`],
    [["--interval", "fast"], 2, '--interval "fast": wanted seconds from 0.001 to 3600'],
    [[`tcp://127.0.0.1:${port}`], 1, `cannot open tcp://127.0.0.1:${port}: connection refused`],
    [[`ws://127.0.0.1:${port}`], 1, `cannot open ws://127.0.0.1:${port}/: nobody answers there`],
  ];
  for (const [args, code, message] of table) {
    await using ping = new Program("ping", args);
    assertEquals(await ping.ended(), code);
    assertEquals(ping.stderr.text, `partyline: ${message}\n`);
    assertEquals(ping.stdout.text, "");
  }
});
