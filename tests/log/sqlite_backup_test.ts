import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { StartupError } from "../../lib/base/startup_error.ts";
import { backUp } from "../../lib/log/sqlite_backup.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { all, draft } from "./log_contract.ts";
import { createFile } from "./sqlite_stores.ts";

Deno.test("a backup is one file for its owner, with all messages, and another log once it is opened", async () => {
  await using store = await createFile();
  const copy = `${store.dir}/copy.db`;
  await using log = await store.open();
  await log.append([draft("a", { id: "x" }), draft("b")]);
  assertEquals(await backUp(store.path, copy), 2);
  await log.append([draft("c")]);

  const files = Array.from(Deno.readDirSync(store.dir), ({ name }) => name);
  assertEquals(files.filter((name) => name.startsWith("copy")), ["copy.db"]);
  assertEquals(Deno.statSync(copy).mode! & 0o777, 0o600);
  {
    using db = new DatabaseSync(copy, { readOnly: true });
    assertEquals({ ...db.prepare("PRAGMA journal_mode").get() }, { journal_mode: "delete" });
    assertEquals(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get(), undefined);
  }

  const epochs = [log.epoch];
  for (let i = 0; i < 2; i++) {
    await using restored = new SqliteLog(copy, new ManualClock());
    assertEquals(await all(restored), (await all(log)).slice(0, 2));
    epochs.push(restored.epoch);
  }
  assertNotEquals(epochs[1], epochs[0]);
  assertEquals(epochs[2], epochs[1], "it keeps the epoch that it got");
});

Deno.test("a backup does not write over anything", async () => {
  await using store = await createFile();
  await using _log = await store.open();
  const to = `${store.dir}/diary`;
  await Deno.writeTextFile(to, "dear diary");
  const { message } = await assertRejects(() => backUp(store.path, to), StartupError);
  assertMatch(message, /^cannot write the backup .*diary: [^\n]+; name a file that does not exist/);
  assertEquals(await Deno.readTextFile(to), "dear diary");
});

Deno.test("there is no backup of what is not there", async () => {
  await using store = await createFile();
  const to = `${store.dir}/copy.db`;
  const { message } = await assertRejects(() => backUp(store.path, to), StartupError);
  assertMatch(message, /^cannot open .*partyline\.db: /);
  assertEquals(Array.from(Deno.readDirSync(store.dir)), []);
});
