import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { argsOf, Program } from "../support/program.ts";
import { underAnotherName } from "../support/another_name.ts";
import { FREE_PORTS, ServerProcess, TestServer } from "../support/server.ts";
import { textOf } from "../../lib/model/message.ts";

const LOCAL = { hostname: "127.0.0.1", port: 0 };

/** The room's address in each scheme. */
function urls({ url, httpPort, tcpPort }: { url: string; httpPort: number; tcpPort: number }) {
  return {
    ws: `ws://127.0.0.1:${httpPort}`,
    tcp: `tcp://127.0.0.1:${tcpPort}`,
    sse: `sse+${url}`,
  };
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `line ${i + 1}`);
}

interface Shown {
  readonly type: string;
  readonly seq: number;
  readonly from: string;
  readonly text: string;
}

function objects(program: Program): Shown[] {
  return program.stdout.lines.map((line) => JSON.parse(line));
}

for (const scheme of ["ws", "tcp", "sse"] as const) {
  Deno.test(`${scheme}: a pipe says each line once, in order, in spite of the rate limit`, async () => {
    await using server = await TestServer.open({ rate: { perSecond: 100, burst: 3 } });
    const lines = numbered(30);
    await using chat = new Program("chat", ["--name", "ann", urls(server)[scheme]], {
      input: lines.join("\r\n") + "\n\n",
    });
    assertEquals(await chat.ended(), 0);
    assertEquals(chat.stderr.text, "");
    const stored = await server.running.room.log.read({ after: 0, limit: 100 });
    assertEquals(
      stored.map((entry) => `${entry.from}: ${textOf(entry)}`),
      lines.map((l) => `ann: ${l}`),
    );
    const [online, you, ...messages] = chat.stdout.lines;
    assertEquals([online, you], ["* lobby, 1 online: ann", "* you are ann"]);
    assertEquals(
      messages.map((line) => line.replace(/^\[\d\d:\d\d\] /, "")),
      lines.map((line, i) => `#${i + 1} ann: ${line}`),
    );
  });

  Deno.test(`${scheme}: --json prints the events, from --since on`, async () => {
    await using server = await TestServer.open();
    const url = urls(server)[scheme];
    await using first = new Program("chat", ["--name", "ann", url], { input: "a\nb\nc\n" });
    assertEquals(await first.ended(), 0);
    await using chat = new Program("chat", ["--name", "bob", "--json", "--since", "1", url], {
      input: "d",
    });
    assertEquals(await chat.ended(), 0);
    const events = objects(chat);
    assertEquals(events[0]?.type, "welcome");
    const messages = events.filter(({ type }) => type === "message");
    assertEquals(messages.map(({ seq, from, text }) => [seq, from, text]), [
      [2, "ann", "b"],
      [3, "ann", "c"],
      [4, "bob", "d"],
    ]);
    assertEquals(events.filter(({ type }) => type === "live").length, 1);
  });

  Deno.test(`${scheme}: an empty pipe shows the history and leaves; --quiet nothing else`, async () => {
    await using server = await TestServer.open();
    const url = urls(server)[scheme];
    await using first = new Program("chat", ["--name", "ann", url], { input: "a\nb\n" });
    assertEquals(await first.ended(), 0);
    await using chat = new Program("chat", ["--quiet", url], { input: "" });
    assertEquals(await chat.ended(), 0);
    assertMatch(chat.stdout.text, /^\[\d\d:\d\d\] #1 ann: a\n\[\d\d:\d\d\] #2 ann: b\n$/);
  });

  Deno.test(`${scheme}: a server killed and started again loses nothing and doubles nothing`, async () => {
    const data = await Deno.makeTempDir({ prefix: "partyline-" });
    try {
      const lines = numbered(40);
      const args = ["--data", data, "--rate-limit", "off"];
      let addresses;
      await using chat = await (async () => {
        await using server = new ServerProcess([...FREE_PORTS, ...args]);
        addresses = await server.addresses();
        const chat = new Program("chat", ["--name", "ann", urls(addresses)[scheme]]);
        await chat.write(lines.slice(0, 20).join("\n") + "\n");
        await chat.stdout.until(/#5 ann/);
        server.kill("SIGKILL");
        return chat;
      })();
      await chat.stderr.until(/connection lost/);
      await chat.write(lines.slice(20).join("\n") + "\n");
      await chat.endInput();
      const { httpPort, tcpPort } = addresses!;
      const ports = ["--port", String(httpPort), "--tcp-port", String(tcpPort)];
      await using server = new ServerProcess([...ports, ...args]);
      await server.addresses();
      assertEquals(await chat.ended(), 0);
      const [, seq] = await chat.stderr.until(/^\* reconnected as ann, resumed after #(\d+)$/m);
      assert(Number(seq) >= 5);
      const messages = chat.stdout.lines.filter((line) => line.startsWith("["));
      assertEquals(
        messages.map((line) => line.replace(/^\[\d\d:\d\d\] /, "")),
        lines.map((line, i) => `#${i + 1} ann: ${line}`),
      );
      server.kill("SIGTERM");
      assertEquals(await server.ended(), 0);
    } finally {
      await Deno.remove(data, { recursive: true });
    }
  });

  Deno.test(`${scheme}: Ctrl-C leaves within a second, and the others are told at once`, async () => {
    // Who only vanishes is waited for; a goodbye is not.
    await using server = await TestServer.open({ graceMs: scheme === "sse" ? 20 : 60_000 });
    await using watcher = new Program("chat", ["--name", "bob", server.url]);
    await watcher.stdout.until(/you are bob/);
    await using chat = new Program("chat", ["--name", "ann", urls(server)[scheme]]);
    await chat.write("hello\n");
    await chat.stdout.until(/ann: hello/);
    const interruptedAt = performance.now();
    chat.kill("SIGINT");
    assertEquals(await chat.ended(), 0);
    assertLess(performance.now() - interruptedAt, 1500);
    await watcher.stdout.until(/^\* ann left$/m);
    watcher.kill("SIGTERM");
    assertEquals(await watcher.ended(), 0);
  });
}

Deno.test("all three schemes talk to each other, each seeing the same", async () => {
  await using server = await TestServer.open();
  const { ws, tcp, sse } = urls(server);
  const names = ["ann", "bob", "cy"] as const;
  await using ann = new Program("chat", ["--quiet", "--name", "ann", ws]);
  await using bob = new Program("chat", ["--quiet", "--name", "bob", tcp]);
  await using cy = new Program("chat", ["--quiet", "--name", "cy", sse]);
  const programs = [ann, bob, cy];
  for (const [i, program] of programs.entries()) {
    await program.write(`from ${names[i]}\n`);
    await Promise.all(
      programs.map(({ stdout }) => stdout.until(new RegExp(`: from ${names[i]}\n`))),
    );
  }
  for (const program of programs) await program.endInput();
  for (const program of programs) {
    assertEquals(await program.ended(), 0);
    assertEquals(
      program.stdout.lines.map((line) => line.slice(8)),
      names.map((name, i) => `#${i + 1} ${name}: from ${name}`),
    );
  }
});

Deno.test("a line that cannot be sent is named, the others are sent, and the exit code tells", async () => {
  await using server = await TestServer.open();
  await using chat = new Program("chat", ["--quiet", "--name", "ann", server.url], {
    input: `one\n${"x".repeat(4001)}\n${"y".repeat(20_000)}\n/quit\n${"é".repeat(4000)}\n`,
  });
  assertEquals(await chat.ended(), 1);
  assertEquals(chat.stderr.lines, [
    "line 2 was not sent: the text has 4001 characters; at most 4000 are accepted",
    "line 3 was not sent: at most 4000 characters are accepted",
  ]);
  const stored = await server.running.room.log.read({ after: 0, limit: 100 });
  assertEquals(stored.map(textOf), ["one", "/quit", "é".repeat(4000)]);
});

Deno.test("nothing a server says steers the terminal", async () => {
  const server = Deno.serve({ ...LOCAL, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    const evil = "\x1b[2J\x1b]0;title\x07\x9b31m\u202eevil\r\nforged";
    socket.onopen = () => {
      const welcome = {
        room: evil,
        epoch: "k3x",
        last: 0,
        name: evil,
        token: "t",
        resumed: false,
        count: 1,
        names: [evil],
        limits: {},
        ping: 15,
      };
      for (
        const event of [
          { type: "welcome", ...welcome },
          { type: "message", seq: 1, at: 0, from: evil, text: evil },
          { type: "join", name: evil, count: 1 },
          { type: "rename", from: evil, name: evil },
          { type: "info", text: evil },
          { type: "error", code: "internal", message: evil },
          { type: "live", seq: 1 },
        ]
      ) socket.send(JSON.stringify(event));
    };
    return response;
  });
  const url = `ws://127.0.0.1:${server.addr.port}`;
  for (const args of [[url], ["--json", url]]) {
    await using chat = new Program("chat", args, { input: "" });
    assertEquals(await chat.ended(), 0);
    assert(chat.stdout.lines.length >= 6);
    const written = chat.stdout.text + chat.stderr.text;
    assert(!/[\p{Cc}\u202e]/u.test(written.replaceAll("\n", "")), JSON.stringify(written));
    assert(!chat.stdout.lines.includes("forged"));
  }
  await server.shutdown();
});

Deno.test("leaving is a close with 1000, even before the server has said welcome", async () => {
  const closed = Promise.withResolvers<CloseEvent>();
  const server = Deno.serve({ ...LOCAL, onListen() {} }, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => socket.send('{"type":"info","text":"in a moment"}');
    socket.onclose = closed.resolve;
    return response;
  });
  await using chat = new Program("chat", [`http://127.0.0.1:${server.addr.port}`]);
  await chat.write("never sent\n");
  await chat.stdout.until(/^\* in a moment$/m);
  chat.kill("SIGTERM");
  const { code, wasClean } = await closed.promise;
  assertEquals([code, wasClean], [1000, true]);
  assertEquals(await chat.ended(), 1);
  assertEquals(
    chat.stderr.text,
    "line 1 is not known to be stored, and what follows it was not sent\n",
  );
  await server.shutdown();
});

Deno.test("when nobody reads what it prints, it ends", async () => {
  await using server = await TestServer.open();
  const chat = new Deno.Command(Deno.execPath(), {
    args: argsOf("chat", ["--quiet", server.url]),
    stdin: "piped", // and left open
    stdout: "piped",
    stderr: "null",
  }).spawn();
  await using first = new Program("chat", ["--name", "ann", server.url], { input: "one\n" });
  assertEquals(await first.ended(), 0);
  const reader = chat.stdout.getReader();
  await reader.read();
  await reader.cancel();
  await using second = new Program("chat", ["--name", "ann", server.url], { input: "two\n" });
  assertEquals(await second.ended(), 0);
  assertEquals((await chat.status).code, 0);
  await chat.stdin.close();
});

Deno.test("what is wrong with the command line or the address is told in one line", async () => {
  using free = Deno.listen(LOCAL);
  const { port } = free.addr;
  free.close();
  const wanted = "wanted ws://HOST:PORT (or http://), tcp://HOST:PORT, or sse+http://HOST:PORT; " +
    "with TLS wss://, https://, tcps:// or sse+https://";
  const hint = "is it the right address, and does the server run (deno task start)?";
  await using server = await TestServer.open();
  await using known = underAnotherName(server.httpPort);
  const table: [string[], number, string][] = [
    [["localhost:8080"], 2, `"localhost:8080": ${wanted}`],
    [["sse+tcp://127.0.0.1"], 2, `"sse+tcp://127.0.0.1": ${wanted}`],
    [["ftp://127.0.0.1"], 2, `"ftp://127.0.0.1": ${wanted}`],
    [["--since", "x-y"], 2, '--since "x-y": wanted a number, or <epoch>-<number>'],
    [
      ["--name", "a\u202eb"],
      2,
      '--name "a\u202eb": the name has a control or invisible character; ' +
      "wanted 1 to 32 visible characters",
    ],
    ...["ws", "tcp", "sse+http"].map((scheme): [string[], number, string] => {
      const url = `${scheme}://127.0.0.1:${port}`;
      const why = scheme === "ws" ? "nobody answers there" : "connection refused";
      return [[url], 1, `cannot reach ${url}: ${why}; ${hint}`];
    }),
    ...["ws", "sse+http", "http"].map((scheme): [string[], number, string] => {
      const url = known.url.replace("http", scheme);
      const why = 'the server does not know the host name "127.0.0.1"; ' +
        "its operator can allow it by --allow-host 127.0.0.1";
      return [[url], 1, `turned away by ${url}: ${why}`];
    }),
    [
      [`${server.url}/nowhere`],
      1,
      `cannot reach ${server.url}/nowhere: it answered with status 404; ${hint}`,
    ],
  ];
  for (const [args, code, message] of table) {
    await using chat = new Program("chat", args, { input: "x\n" });
    assertEquals(await chat.ended(), code);
    assertEquals(chat.stderr.lines.at(-1), `partyline: ${message}`);
    assertEquals(chat.stdout.text, "");
  }
});
