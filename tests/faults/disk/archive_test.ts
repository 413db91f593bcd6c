import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertStringIncludes,
} from "@std/assert";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { allChangedBy } from "../../../lib/model/change.ts";
import { type Entry, isChange } from "../../../lib/model/message.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { Program } from "../../support/program.ts";
import { FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { ChaosWriter, pause } from "../chaos/writer.ts";
import { limitedDisk } from "../support/disks.ts";
import { Random } from "../support/random.ts";
import { RestartableServer } from "../support/restartable.ts";

/** Runs a task to its end, which must be a good one. Resolves with what it said. */
async function task(name: "backup" | "export" | "import", ...args: string[]): Promise<string> {
  await using program = new Program(name, args);
  assertEquals(await program.ended(), 0, program.stderr.text);
  return program.stdout.text;
}

async function readAll(log: SqliteLog): Promise<readonly Entry[]> {
  return await log.read({ after: 0, limit: 1_000_000 });
}

Deno.test("a backup and an export, made while people write, have everything that was acked before", async () => {
  await using server = await RestartableServer.start();
  await using disk = await limitedDisk();
  const writers = [0, 1, 2].map((i) =>
    new ChaosWriter(server, websocket, `writer${i}`, new Random(i), { mix: true })
  );
  const quiet = new AbortController();
  const writing = writers.map((writer) => writer.run(quiet.signal));
  const more = async () => {
    const before = writers.map(({ acked }) => acked.length);
    while (writers.some(({ acked }, i) => acked.length < before[i]! + 50)) await pause(5);
  };
  const acked = () => writers.flatMap(({ acked }) => [...acked]);

  await more();
  const beforeBackup = acked();
  await Deno.mkdir(`${disk.data}/restored`);
  await task("backup", "--data", server.data, `${disk.data}/restored/partyline.db`);
  const beforeExport = acked();
  await task("export", "--data", server.data, `${disk.data}/lines`);
  const afterwards = acked().length;
  await more();
  quiet.abort();
  await Promise.all(writing);
  assert(afterwards > beforeBackup.length, "nobody wrote while the copies were made");
  await server.end("SIGTERM");

  await task("import", "--data", `${disk.data}/imported`, `${disk.data}/lines`);
  const clock = new ManualClock();
  await using original = new SqliteLog(`${server.data}/partyline.db`, clock);
  const all = await readAll(original);
  for (const [name, before] of [["restored", beforeBackup], ["imported", beforeExport]] as const) {
    await using copy = new SqliteLog(`${disk.data}/${name}/partyline.db`, clock);
    const entries = await readAll(copy);
    const later = all.slice(entries.length).filter(isChange);
    assertEquals(
      allChangedBy(entries, later),
      all.slice(0, entries.length),
      `${name}: a beginning of the original, as it was then`,
    );
    for (const { seq, id, fields: { type = "message" } } of before) {
      assertEquals([entries[seq - 1]?.type, entries[seq - 1]?.id], [type, id], name);
    }
    assertNotEquals(copy.epoch, original.epoch, "what was written later is not in it");
  }
});

const RESTORES: readonly {
  readonly how: string;
  /** Saves what is in `data` now, and returns what brings it back. */
  save(data: string, safe: string): Promise<() => Promise<void>>;
}[] = [
  {
    how: "by deno task backup",
    async save(data, safe) {
      const said = await task("backup", "--data", data, `${safe}/copy.db`);
      assertStringIncludes(said, "10 messages copied");
      assertStringIncludes(said, "neither people nor the session key are in it");
      return async () => {
        await Deno.remove(`${data}/partyline.db`);
        await Deno.copyFile(`${safe}/copy.db`, `${data}/partyline.db`);
      };
    },
  },
  {
    how: "by deno task backup, over the file that was there",
    async save(data, safe) {
      await task("backup", "--data", data, `${safe}/copy.db`);
      return () => Deno.copyFile(`${safe}/copy.db`, `${data}/partyline.db`);
    },
  },
  {
    how: "by deno task export and import",
    async save(data, safe) {
      await task("export", "--data", data, `${safe}/lines`);
      return async () => {
        await Deno.remove(`${data}/partyline.db`);
        await task("import", "--data", data, `${safe}/lines`);
      };
    },
  },
  {
    how: "by hand, as a new file",
    async save(data, safe) {
      await Deno.copyFile(`${data}/partyline.db`, `${safe}/copy.db`);
      await Deno.copyFile(`${data}/partyline.db-wal`, `${safe}/copy.db-wal`);
      return async () => {
        await Deno.remove(`${data}/partyline.db`);
        await Deno.copyFile(`${safe}/copy.db`, `${data}/partyline.db`);
        await Deno.copyFile(`${safe}/copy.db-wal`, `${data}/partyline.db-wal`);
      };
    },
  },
  {
    how: "by hand, over the file that was there",
    async save(data, safe) {
      await Deno.copyFile(`${data}/partyline.db`, `${safe}/copy.db`);
      await Deno.copyFile(`${data}/partyline.db-wal`, `${safe}/copy.db-wal`);
      return async () => {
        await Deno.copyFile(`${safe}/copy.db`, `${data}/partyline.db`);
        await Deno.copyFile(`${safe}/copy.db-wal`, `${data}/partyline.db-wal`);
      };
    },
  },
];

for (const { how, save } of RESTORES) {
  Deno.test(`a history restored ${how} answers every older cursor with a reset, however much is posted`, async () => {
    await using server = await RestartableServer.start();
    await using safe = await limitedDisk();
    const post = async (count: number) => {
      const at = await server.addresses();
      for (let i = 0; i < count; i++) await postAs(at, undefined, { text: "a text" });
      return at.url;
    };
    let url = await post(10);
    const restore = await save(server.data, safe.data);
    await post(10);
    const { cursor } = await (await fetch(`${url}/poll?since=0`)).json();
    assertMatch(cursor, /^k[a-z0-9]+-20$/);
    await server.end("SIGTERM");
    await restore();
    server.start();
    url = await post(15);
    const { events } = await (await fetch(`${url}/poll?since=${cursor}`)).json();
    const { type, reason, first, last, epoch } = events[0];
    assertEquals([type, reason, first, last], ["reset", "epoch", 1, 25]);

    // It stays that log from then on.
    await server.end("SIGTERM");
    server.start();
    ({ url } = await server.addresses());
    const again = await (await fetch(`${url}/poll?since=${epoch}-20`)).json();
    assertEquals(again.events.map(({ seq }: { seq: number }) => seq), [21, 22, 23, 24, 25]);
  });
}

Deno.test("who is not recognised after a restore without the session key is told in the log", async () => {
  await using server = await RestartableServer.start();
  await postAs(await server.addresses(), undefined, { text: "a text" });
  await server.end("SIGTERM");
  await Deno.remove(`${server.data}/session.key`);
  server.start();
  await server.process.stderr.until(/session\.key was not there and is new: .*not recognised/);
});

Deno.test("a backup that the disk has no room for leaves nothing behind", async () => {
  await using server = await RestartableServer.start();
  await using disk = await limitedDisk();
  const at = await server.addresses();
  for (let i = 0; i < 30; i++) await postAs(at, undefined, { text: "x".repeat(4000) });
  const limit = ["bash", "-c", `trap "" XFSZ; ulimit -f 64; exec "$0" "$@"`];
  const args = ["--data", server.data, `${disk.data}/copy.db`];
  await using program = new Program("backup", args, { under: limit });
  assertEquals(await program.ended(), 1);
  assertMatch(
    program.stderr.text,
    /^partyline: cannot write the backup [^\n]+; make room, or .*\n$/,
  );
  assertEquals(Array.from(Deno.readDirSync(disk.data)), []);
});

Deno.test("what an import removed from texts and names is said", async () => {
  await using disk = await limitedDisk();
  const lines = [
    { type: "log", v: 1, epoch: "k3x", messages: 2, forgotten: 0 },
    { type: "message", seq: 1, at: 1, sender: "s", from: "ann", text: "\x1b[2Jhi \u202eevil" },
    { type: "message", seq: 2, at: 2, sender: "s", from: "b\x9b1mob", text: "plain" },
  ];
  const file = `${disk.data}/lines`;
  await Deno.writeTextFile(file, lines.map((line) => JSON.stringify(line)).join("\n"));
  assertEquals(
    await task("import", "--data", `${disk.data}/data`, file),
    `2 messages imported into ${disk.data}/data/partyline.db\n` +
      "2 of them had control characters or the like, which were removed\n",
  );
  await using server = new ServerProcess(["--data", `${disk.data}/data`, ...FREE_PORTS]);
  const { url } = await server.addresses();
  const { events } = await (await fetch(`${url}/api/messages`)).json();
  assertEquals(
    events.map(({ from, text }: { from: string; text: string }) => [from, text]),
    [["ann", "hi evil"], ["bob", "plain"]],
  );
});
