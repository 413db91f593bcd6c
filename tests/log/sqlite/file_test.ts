import { assertEquals, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { openDatabase, transaction } from "../../../lib/log/sqlite/file.ts";
import { deferSync } from "../../../lib/log/sqlite/write_ahead.ts";
import { createFile } from "../sqlite_stores.ts";

const [NORMAL, FULL] = [1, 2];

function pragma(db: DatabaseSync, name: string): unknown {
  return Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0];
}

Deno.test("a commit is on the disk when it returns, until syncing is deferred, and then after a sync", async () => {
  await using store = await createFile();
  using db = openDatabase(store.path).db;
  assertEquals([pragma(db, "journal_mode"), pragma(db, "synchronous")], ["wal", FULL]);
  using writeAhead = deferSync(db, store.path);
  assertEquals(pragma(db, "synchronous"), NORMAL);
  await writeAhead!.sync();
});

Deno.test("where there is no write-ahead log, each commit is on the disk when it returns", async () => {
  await using store = await createFile();
  using db = new DatabaseSync(store.path);
  assertEquals(deferSync(db, store.path), undefined);
  assertEquals(pragma(db, "synchronous"), FULL);
  using memory = openDatabase(":memory:").db;
  assertEquals(deferSync(memory, ":memory:"), undefined);
});

Deno.test("a transaction stores all, or where it throws nothing, and returns what was made of it", () => {
  using db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE t (a)");
  const insert = () => void db.exec("INSERT INTO t VALUES (1)");
  const count = () => db.prepare("SELECT count(*) AS count FROM t").get()!.count;
  assertEquals(transaction(db, () => (insert(), "done")), "done");
  assertThrows(
    () =>
      transaction(db, () => {
        insert();
        throw new Error("no");
      }),
    Error,
    "no",
  );
  assertEquals([count(), db.isTransaction], [1, false]);
});

Deno.test("a database that cannot be opened leaves no file open, and none that was not there", async () => {
  await using store = await createFile();
  await Deno.writeTextFile(store.path, "no database".repeat(1000));
  assertThrows(() => openDatabase(store.path));
  assertEquals(Array.from(Deno.readDirSync(store.dir), ({ name }) => name), ["partyline.db"]);
});
