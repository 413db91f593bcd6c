import { assert, assertEquals, assertMatch } from "@std/assert";
import { type Addresses, FREE_PORTS, ServerProcess } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { postAs } from "../transports/clients/client.ts";
import { Raw } from "../transports/clients/raw.ts";
import { tempDir } from "../support/temp_dir.ts";
import { openSocket } from "../transports/clients/socket.ts";
import { websocket } from "../transports/clients/websocket.ts";

/** What a server that cannot start says, and its exit code. */
async function failure(args: string[], env: Record<string, string> = {}) {
  await using program = new ServerProcess(args, { env });
  const code = await program.ended();
  assertEquals(program.stdout.text, "");
  return [code, program.stderr.text];
}

Deno.test("the start says where it listens, one address a line, and how to come in by nc", async () => {
  await using dir = await tempDir();
  await using program = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
  const { httpPort, tcpPort } = await program.addresses();
  assertEquals(program.stdout.lines, [
    `http://127.0.0.1:${httpPort}/`,
    `tcp://127.0.0.1:${tcpPort}    nc 127.0.0.1 ${tcpPort}`,
  ]);
  const page = await fetch(`http://127.0.0.1:${httpPort}/`);
  assertEquals([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
  await page.body?.cancel();
  using raw = await Raw.connect(tcpPort);
  assertMatch(await raw.takeUntil("\r\n"), /^\* lobby, 0 online/);
  assertEquals((await Deno.stat(dir.data)).mode! & 0o777, 0o700);
  assertEquals((await Deno.stat(`${dir.data}/session.key`)).mode! & 0o777, 0o600);
});

Deno.test("a flag wins over its environment variable, which wins over the default", async () => {
  await using dir = await tempDir();
  await using program = new ServerProcess(["--port", "0", "--room", "by flag"], {
    env: {
      PARTYLINE_ROOM: "by variable",
      PARTYLINE_TCP_PORT: "0",
      PARTYLINE_DATA: dir.data,
      PARTYLINE_RECENT: "1",
      PARTYLINE_TCP_EMPTY_LINE: "leave",
    },
  });
  const at = await program.addresses();
  await postAs(at, undefined, { text: "one" });
  await postAs(at, undefined, { text: "two" });
  await using client = await websocket.join(at);
  await client.inbox.until("live");
  assertEquals((await client.inbox.until("welcome")).room, "by flag");
  assertEquals(client.inbox.lines, ["#2 guest: two"]);
  using raw = await Raw.connect(at.tcpPort);
  await raw.send("ann\n\n");
  await raw.takeRest();
});

for (const how of [["--no-tcp"], []]) {
  Deno.test(`the TCP room can be left out, by ${how[0] ?? "PARTYLINE_TCP=0"}`, async () => {
    await using dir = await tempDir();
    await using program = new ServerProcess(["--port", "0", "--data", dir.data, ...how], {
      env: how.length > 0 ? {} : { PARTYLINE_TCP: "0" },
    });
    const [, url] = await program.stdout.until(/^(http:\/\/\S+)\/$/m);
    assertEquals(await (await fetch(`${url}/readyz`)).text(), "ready\n");
    program.kill("SIGTERM");
    assertEquals(await program.ended(), 0);
    assertEquals(program.stdout.lines, [`${url}/`]);
  });
}

Deno.test("a port in use stops the start with one line that says what to do", async () => {
  await using dir = await tempDir();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const line = (flag: string) =>
    `partyline: cannot listen on 127.0.0.1:${port}: the port is in use; ` +
    `choose another with ${flag}, or 0 for any that is free\n`;
  const data = ["--data", dir.data];
  assertEquals(await failure(["--port", `${port}`, "--tcp-port", "0", ...data]), [
    1,
    line("--port"),
  ]);
  assertEquals(await failure(["--port", "0", "--tcp-port", `${port}`, ...data]), [
    1,
    line("--tcp-port"),
  ]);
});

Deno.test("a data directory that cannot be used stops the start, and is left as it was", async () => {
  await using dir = await tempDir();
  await Deno.writeTextFile(`${dir.path}/file`, "");
  const below = `${dir.path}/file/data`;
  const [code, text] = await failure([...FREE_PORTS, "--data", below]);
  assertEquals(code, 1);
  assertMatch(
    String(text),
    /^partyline: cannot write to .*\/file\/data: .*; make it writable, or use another --data directory\n$/,
  );

  await Deno.mkdir(dir.data);
  const foreign = `${dir.data}/partyline.db`;
  await Deno.writeTextFile(foreign, "not a database, but somebody's notes".repeat(20));
  const [status, message] = await failure([...FREE_PORTS, "--data", dir.data]);
  assertEquals(status, 1);
  assertMatch(String(message), /^partyline: cannot open .*partyline\.db: .*\n$/);
  assertEquals(String(message).split("\n").length, 2);
  assertMatch(await Deno.readTextFile(foreign), /^not a database/);
});

Deno.test("two servers never use one data directory", async () => {
  await using dir = await tempDir();
  await using first = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
  const at = await first.addresses();
  assertEquals(await failure([...FREE_PORTS, "--data", dir.data]), [
    1,
    `partyline: another Partyline is using ${dir.data}; stop it, or use another --data directory\n`,
  ]);
  assertEquals((await postAs(at, undefined, { text: "the first goes on" })).seq, 1);
});

Deno.test("a command line that is wrong is told what is accepted, with exit code 2", async () => {
  await using dir = await tempDir();
  const cases: [string[], Record<string, string>, string][] = [
    [["--colour"], {}, "unknown flag --colour; see --help"],
    [["extra"], {}, 'unexpected argument "extra"; see --help'],
    [["--port", "http"], {}, '--port "http": wanted a whole number from 0 to 65535'],
    [["--port"], {}, '--port "": wanted a whole number from 0 to 65535'],
    [
      [],
      { PARTYLINE_PORT: "65536" },
      'PARTYLINE_PORT "65536": wanted a whole number from 0 to 65535',
    ],
    [["--recent=501"], {}, '--recent "501": wanted a whole number from 0 to 500'],
    [["--rate-limit", "fast"], {}, '--rate-limit "fast": wanted messages a second, as 5/s, or off'],
    [["--tcp-empty-line", "stay"], {}, '--tcp-empty-line "stay": wanted ignore or leave'],
    [["--data="], {}, '--data "": wanted a DIR'],
    [[], { PARTYLINE_TCP: "maybe" }, 'PARTYLINE_TCP "maybe": wanted yes or no'],
    [[], { PARTYLINE_TPC: "no" }, "unknown variable PARTYLINE_TPC; see --help"],
    [
      ["--keep", "5"],
      {},
      '--keep "5": wanted days as 90d, messages as 100000 (100 at least), or all',
    ],
    [
      ["--keep=99"],
      {},
      '--keep "99": wanted days as 90d, messages as 100000 (100 at least), or all',
    ],
    [
      ["--keep=0d"],
      {},
      '--keep "0d": wanted days as 90d, messages as 100000 (100 at least), or all',
    ],
  ];
  const outcomes = await Promise.all(
    cases.map(([args, env]) => failure(args, { PARTYLINE_DATA: dir.data, ...env })),
  );
  assertEquals(outcomes, cases.map(([, , message]) => [2, `partyline: ${message}\n`]));
  await Deno.stat(dir.data).then(() => assert(false, "half-started"), () => {});
});

Deno.test("--help and --version say what they should, and start nothing", async () => {
  await using help = new ServerProcess(["--help"]);
  await using version = new ServerProcess(["--version"]);
  assertEquals([await help.ended(), await version.ended()], [0, 0]);
  for (
    const flag of [
      "--host HOST",
      "--port PORT",
      "--tcp-port PORT",
      "--no-tcp",
      "--data DIR",
      "--room NAME",
      "--recent N",
      "--rate-limit N/s|off",
      "--tcp-empty-line ignore|leave",
      "--help",
      "--version",
    ]
  ) assert(help.stdout.text.includes(`\n  ${flag}  `), flag);
  assertMatch(version.stdout.text, /^partyline \d+\.\d+\.\d+\n$/);
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} ends it in order, with clients on every transport`, async () => {
    await using dir = await tempDir();
    await using program = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
    const at = await program.addresses();
    await using owned = new AsyncDisposableStack();
    const clients = [];
    for (const transport of TRANSPORTS) clients.push(owned.use(await transport.join(at)));
    const echo = await openSocket(at, "/echo");
    using asked = await Raw.connect(at.tcpPort); // somebody who has not said a name yet
    await asked.takeUntil("\r\n");
    using idle = await Raw.connect(at.httpPort); // and a browser's spare connection
    const { seq } = await clients[0]!.say("the last word");
    await Promise.all(clients.map(({ inbox }) => inbox.untilSeq(seq)));

    const startedAt = performance.now();
    program.kill(signal);
    assertEquals(await program.ended(), 0);
    const seconds = (performance.now() - startedAt) / 1000;
    assert(seconds < 5, `${seconds} s`);
    await Promise.all(clients.map(({ inbox }) => inbox.untilEnd()));
    assert([1001, 1012].includes((await echo.ended).code), "the echo is closed properly too");
    await asked.takeRest();
    await idle.takeRest();
    for (const [i, { inbox }] of clients.entries()) {
      const { name, form } = TRANSPORTS[i]!;
      const end = form === "poll" ? "message" : "bye";
      assertEquals(inbox.events.at(-1)?.type, end, name);
    }
    assertEquals(program.reports, "");
    assertEquals(program.stdout.lines.length, 2);
  });
}

/** A stream that is not read, with more to say than the kernel takes: it cannot be ended in order. */
async function stall(at: Addresses): Promise<Raw> {
  const stalled = await Raw.connect(at.httpPort);
  await stalled.send("GET /stream?name=stalled HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await stalled.takeUntil('"live"');
  const text = "x".repeat(4000);
  for (let i = 0; i < 20; i++) {
    await Promise.all(Array.from({ length: 100 }, () => postAs(at, undefined, { text })));
  }
  return stalled;
}

Deno.test("who does not read delays the end by no more than the drain", async () => {
  await using dir = await tempDir();
  const args = ["--data", dir.data, "--rate-limit", "off", "--no-limits", "--drain", "1"];
  await using program = new ServerProcess([...FREE_PORTS, ...args]);
  using _stalled = await stall(await program.addresses());
  const startedAt = performance.now();
  program.kill("SIGTERM");
  assertEquals(await program.ended(), 0);
  const seconds = (performance.now() - startedAt) / 1000;
  assert(seconds > 0.4 && seconds < 2, `${seconds} s`);
});

Deno.test("a second Ctrl-C ends it at once", async () => {
  await using dir = await tempDir();
  const args = ["--data", dir.data, "--rate-limit", "off", "--no-limits", "--drain", "60"];
  await using program = new ServerProcess([...FREE_PORTS, ...args]);
  const at = await program.addresses();
  using _stalled = await stall(at);
  await using client = await websocket.join(at);
  program.kill("SIGINT");
  await client.inbox.until("bye");
  const startedAt = performance.now();
  program.kill("SIGINT");
  assertEquals(await program.ended(), 130);
  assert(performance.now() - startedAt < 1000);
});

Deno.test("kill -9 loses nothing that was acknowledged, and a retry after it is no second message", async () => {
  await using dir = await tempDir();
  const args = [...FREE_PORTS, "--data", dir.data, "--rate-limit", "off", "--no-limits"];
  const acked = new Map<string, number>();
  let token: string | undefined;
  let cursor = "";
  {
    await using program = new ServerProcess(args);
    const at = await program.addresses();
    await using client = await websocket.join(at, { name: "ann" });
    token = client.token;
    cursor = `${(await client.inbox.until("welcome")).epoch}-10`;
    const talking = Array.from({ length: 2000 }, async (_, i) => {
      const id = `id-${i}`;
      const { seq } = await client.say(`message ${i}`, id);
      acked.set(id, seq);
      if (acked.size === 500) program.kill("SIGKILL");
    });
    await Promise.allSettled(talking);
    await program.ended();
  }
  assert(acked.size >= 500, `${acked.size} acknowledged`);

  await using program = new ServerProcess(args);
  const at = await program.addresses();
  await using client = await websocket.join(at, { token: token!, since: cursor });
  const welcome = await client.inbox.until("welcome");
  await client.inbox.until("live");
  assertEquals([welcome.resumed, welcome.name], [true, "ann"]);
  assertEquals(client.inbox.seqs, Array.from({ length: welcome.last - 10 }, (_, i) => i + 11));
  for (const { id, seq } of client.inbox.messages) {
    const known = acked.get(id!);
    assert(known === undefined || known === seq, `${id} is at ${seq} and was acked as ${known}`);
  }
  assert(Math.max(...acked.values()) <= welcome.last, "what was acked is there");
  const [id, seq] = [...acked][123]!;
  assertEquals(await client.say(`message ${id.slice(3)}`, id), { seq, duplicate: true });
});
