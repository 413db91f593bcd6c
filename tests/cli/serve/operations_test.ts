// What an operator is told of a server that runs as a process of its own.

import { assert, assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { tempDir } from "../../support/temp_dir.ts";
import { FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";

interface Line {
  readonly level: string;
  readonly logger: string;
  readonly message: string;
  readonly event?: string;
  readonly messages?: number;
}

Deno.test("the log tells the start, who comes and leaves, and the end; never texts and tokens", async () => {
  await using dir = await tempDir();
  const args = [...FREE_PORTS, "--data", dir.data, "--log-format", "json"];
  await using server = new ServerProcess(args);
  const at = await server.addresses();
  let token;
  {
    await using ann = await websocket.join(at, { name: "ann" });
    token = ann.token;
    await ann.say("a secret text");
    const refused = await fetch(`${at.url}/api/session`, {
      method: "POST",
      headers: { authorization: "Bearer not.a-token" },
    });
    assertEquals(refused.status, 401);
    await refused.body?.cancel();
  }
  await server.stderr.until(/"event":"left"/);
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  const { text } = server.stderr;
  const lines: Line[] = server.stderr.lines.map((line) => JSON.parse(line));
  const told = lines.filter(({ message }) => !message.includes("event loop"));
  assertEquals(told.map(({ event }) => event), ["started", "came", "refused", "left", "ending"]);
  assertEquals(told.map(({ level }) => level), ["INFO", "INFO", "WARN", "INFO", "INFO"]);
  assertMatch(
    told[0]!.message,
    /^Partyline \d\S* runs: 0 messages in .*data; .* this machine alone, without a password$/,
  );
  assertEquals(told.at(-1)!.messages, 1);
  for (const secret of ["a secret text", token!, "not.a-token"]) assert(!text.includes(secret));
});

Deno.test("on all addresses the start says which to open, and that everybody can", async () => {
  await using dir = await tempDir();
  await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data, "--host", "0.0.0.0"]);
  const { url } = await server.addresses();
  assertMatch(url, /^http:\/\/localhost:\d+$/);
  const page = await fetch(`${url.replace("localhost", "127.0.0.1")}/readyz`);
  assertEquals(await page.text(), "ready\n");
  await server.stderr.until(/open to everybody who reaches any address of this machine/);
  const own = Deno.networkInterfaces().filter(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  const opened = server.stdout.lines.filter((line) => line.startsWith("http:"));
  assertEquals(opened.length, 1 + own.length);
  assertEquals(opened.some((line) => line.includes("0.0.0.0")), false);
});

Deno.test("--log-level leaves out what is less", async () => {
  await using dir = await tempDir();
  await using server = new ServerProcess([
    ...FREE_PORTS,
    "--data",
    dir.data,
    "--log-level=warning",
  ]);
  await postAs(await server.addresses(), undefined, { text: "hi" });
  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  assertEquals(server.stderr.text.replaceAll(/^.*event loop.*\n/gm, ""), "");
});

Deno.test("the figures are there by default, and not with --no-metrics", async () => {
  await using dir = await tempDir();
  for (const [args, status] of [[[], 200], [["--no-metrics"], 404]] as const) {
    await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data, ...args]);
    const { url } = await server.addresses();
    const response = await fetch(`${url}/metrics`);
    assertEquals(response.status, status);
    await response.body?.cancel();
  }
});

/** What --check says, and its exit code. */
async function check(...args: string[]): Promise<[number, string]> {
  await using program = new ServerProcess([...FREE_PORTS, "--check", ...args]);
  const code = await program.ended();
  assertEquals(program.stderr.text, "");
  return [code, program.stdout.text];
}

Deno.test("--check tells that a start would work, and makes nothing", async () => {
  await using dir = await tempDir();
  assertEquals(await check("--data", dir.data), [
    0,
    "ok    the options can be used\n" +
    `note  ${dir.data} is not there; the start makes it\n` +
    "ok    the page can be made\n",
  ]);
  assertEquals(Array.from(Deno.readDirSync(dir.path)), []);
});

Deno.test("--check looks at the data, also while a server uses it, and leaves it as it was", async () => {
  await using dir = await tempDir();
  const files = () =>
    Array.from(
      Deno.readDirSync(dir.data),
      ({ name }) => `${name} ${Deno.statSync(`${dir.data}/${name}`).size}`,
    )
      .sort();
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
    const at = await server.addresses();
    await postAs(at, undefined, { text: "hi" });
    const [code, said] = await check("--data", dir.data, "--port", `${at.httpPort}`);
    assertEquals(code, 0);
    assert(said.includes(`note  ${dir.data} is used by a server that runs\n`));
    assert(said.includes(`ok    ${dir.data} holds 1 message, and its database is sound\n`));
    assert(
      said.includes(`note  port ${at.httpPort} of 127.0.0.1 is in use, by the server that runs\n`),
    );
    server.kill("SIGTERM");
    await server.ended();
  }
  const before = files();
  await Deno.chmod(`${dir.data}/session.key`, 0o644);
  const [code, said] = await check("--data", dir.data);
  assertEquals([code, files()], [0, before]);
  assert(said.includes(`note  ${dir.data}/session.key can be reached by others (mode 644)\n`));
  assert(said.includes("ok    the page can be made\n"));
});

Deno.test("--check finds what would stop the start, each in a line, and fails", async () => {
  await using dir = await tempDir();
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data]);
    await postAs(await server.addresses(), undefined, { text: "hi" });
    server.kill("SIGTERM");
    await server.ended();
  }
  {
    using db = new DatabaseSync(`${dir.data}/partyline.db`);
    db.exec("PRAGMA user_version = 99");
  }
  {
    using db = new DatabaseSync(`${dir.data}/people.db`);
    db.exec("PRAGMA application_id = 1; CREATE TABLE foreign_one (a)");
  }
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const [code, said] = await check("--data", dir.data, "--tcp-port", `${port}`);
  assertEquals(code, 1);
  const [newer, ...faults] = said.split("\n").filter((line) => line.startsWith("fault"));
  assertMatch(newer!, /partyline\.db was written by a newer Partyline \(format 99; this one knows/);
  assertEquals(faults, [
    `fault ${dir.data}/people.db is not Partyline's; use another --data directory`,
    `fault cannot listen on 127.0.0.1:${port}: the port is in use; choose another with ` +
    "--tcp-port, or 0 for any that is free",
  ]);
  await Deno.writeTextFile(`${dir.data}/session.key`, "short");
  const [, again] = await check("--data", dir.data);
  assert(again.includes(`fault ${dir.data}/session.key is not a session key`));
});

Deno.test("--check finds a database that is damaged", async () => {
  await using dir = await tempDir();
  {
    await using server = new ServerProcess([...FREE_PORTS, "--data", dir.data, "--rate-limit=off"]);
    const at = await server.addresses();
    for (let i = 0; i < 50; i++) await postAs(at, undefined, { text: "x".repeat(2000) });
    server.kill("SIGTERM");
    await server.ended();
  }
  const path = `${dir.data}/partyline.db`;
  using file = await Deno.open(path, { read: true, write: true });
  const { size } = await file.stat();
  await file.seek(size / 2, Deno.SeekMode.Start);
  await file.write(crypto.getRandomValues(new Uint8Array(16_384)));
  const [code, said] = await check("--data", dir.data);
  assertEquals(code, 1);
  assertMatch(said, /^fault .*damaged/m);
});

Deno.test("--check looks at what options mean together, and at the files that they name", async () => {
  await using dir = await tempDir();
  const cases: [string[], number, string][] = [
    [["--host", "0.0.0.0"], 0, "note  --host 0.0.0.0 without a password: "],
    [["--read-only-guests"], 1, "fault --read-only-guests wants a password"],
    [["--password-file", `${dir.path}/none`], 1, "fault "],
    [["--tls-cert", `${dir.path}/none`], 1, "fault --tls-cert is given without --tls-key"],
    [
      ["--tls-cert", `${dir.path}/none`, "--tls-key", `${dir.path}/none`],
      1,
      `fault cannot read --tls-cert ${dir.path}/none: there is no such file\n`,
    ],
  ];
  for (const [args, expected, line] of cases) {
    const [code, said] = await check("--data", dir.data, ...args);
    assertEquals(code, expected, args.join(" "));
    assert(said.split(/(?<=\n)/).some((each) => each.startsWith(line)), said);
  }
});
