import { assert, assertEquals } from "@std/assert";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import type { Entry } from "../../../lib/model/message.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { Program } from "../../support/program.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { ChaosWriter, pause } from "../chaos/writer.ts";
import { limitedDisk } from "../support/disks.ts";
import { Random } from "../support/random.ts";
import { RestartableServer } from "../support/restartable.ts";

/** Runs a task to its end, which must be a good one. */
async function task(name: "backup" | "export" | "import", ...args: string[]): Promise<void> {
  await using program = new Program(name, args);
  assertEquals(await program.ended(), 0, program.stderr.text);
}

async function readAll(log: SqliteLog): Promise<readonly Entry[]> {
  return await log.read({ after: 0, limit: 1_000_000 });
}

Deno.test("a backup and an export, made while people write, have everything that was acked before", async () => {
  await using server = await RestartableServer.start();
  await using disk = await limitedDisk();
  const writers = [0, 1, 2].map((i) =>
    new ChaosWriter(server, websocket, `writer${i}`, new Random(i))
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
    assertEquals(entries, all.slice(0, entries.length), `${name}: a beginning of the original`);
    for (const { seq, text } of before) assertEquals(entries[seq - 1]?.text, text, name);
    assertEquals(copy.epoch, original.epoch, "cursors stay good");
  }
});

Deno.test("what is imported is what was exported: times, senders, and ids that are no longer kept", async () => {
  await using disk = await limitedDisk();
  const clock = new ManualClock();
  const drafts = Array.from({ length: 20 }, (_, i) => ({
    sender: `s-${i % 3}`,
    from: `person ${i % 3}`,
    text: i === 7 ? 'quotes " and \\ and\nlines, 😀' : `text ${i}`,
    ...(i % 2 === 0 && { id: `c-${i}` }),
  }));
  let entries: readonly Entry[];
  let epoch: string;
  await Deno.mkdir(`${disk.data}/a`);
  {
    await using log = new SqliteLog(`${disk.data}/a/partyline.db`, clock);
    for (const draft of drafts) {
      clock.advance(1000);
      await log.append([draft]);
    }
    await log.trim(6, 200);
    entries = await readAll(log);
    epoch = log.epoch;
  }
  await task("export", "--data", `${disk.data}/a`, `${disk.data}/1`);
  await task("import", "--data", `${disk.data}/b`, `${disk.data}/1`);
  await task("export", "--data", `${disk.data}/b`, `${disk.data}/2`);
  assertEquals(
    await Deno.readTextFile(`${disk.data}/2`),
    await Deno.readTextFile(`${disk.data}/1`),
  );

  await using log = new SqliteLog(`${disk.data}/b/partyline.db`, clock);
  assertEquals(await readAll(log), entries);
  assertEquals([log.epoch, log.first, log.last], [epoch, 6, 20]);
  const again = await log.append(drafts.filter(({ id }) => id !== undefined));
  assertEquals(again.map(({ seq }) => seq), [1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
  assert(again.every(({ duplicate }) => duplicate));
});
