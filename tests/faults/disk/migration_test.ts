import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { exportLines } from "../../../lib/log/sqlite_export.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { limitedDisk } from "../support/disks.ts";

/** A log as the first version left it: its layout to the letter, which nobody may change any more. */
const VERSION_1 = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE entries (
     seq    INTEGER PRIMARY KEY,
     at     INTEGER NOT NULL,
     sender TEXT    NOT NULL,
     id     TEXT,
     name   TEXT    NOT NULL,
     text   TEXT    NOT NULL
   ) STRICT;
   CREATE UNIQUE INDEX entries_by_id ON entries (sender, id) WHERE id IS NOT NULL;
   CREATE TABLE meta (key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT, WITHOUT ROWID;
   CREATE VIRTUAL TABLE words USING fts5
     (text, content='', contentless_delete=1, tokenize='trigram');
  PRAGMA application_id = ${0x70727479};
  PRAGMA user_version = 1;
  INSERT INTO meta VALUES ('epoch', 'k2wv8hzq'), ('indexed', 2);
  INSERT INTO entries VALUES
    (1, 1795215600000, 's-ann', 'c-1', 'ann', 'good morning'),
    (2, 1795215601000, 's-bob', NULL,  'bob', 'morning, ann'),
    (3, 1795215602000, 's-ann', 'c-2', 'ann', 'is it raining?');
  INSERT INTO words (rowid, text) SELECT seq, text FROM entries WHERE seq <= 2;
`;

Deno.test("a log of the first version is opened with everything in it", async () => {
  await using disk = await limitedDisk();
  const path = `${disk.data}/partyline.db`;
  {
    using old = new DatabaseSync(path);
    old.exec(VERSION_1);
  }
  const before = [...exportLines(path)]; // readable as it is, too
  assertEquals(before.length, 4);

  for (const time of ["first", "second"]) { // brought up to date, then as one of its own
    await using log = new SqliteLog(path, new ManualClock());
    assertEquals([log.epoch, log.first, log.last], ["k2wv8hzq", 1, 3], time);
    assertEquals(await log.read({ after: 0, limit: 10 }), [
      { type: "message", seq: 1, at: 1795215600000, id: "c-1", from: "ann", text: "good morning" },
      { type: "message", seq: 2, at: 1795215601000, from: "bob", text: "morning, ann" },
      {
        type: "message",
        seq: 3,
        at: 1795215602000,
        id: "c-2",
        from: "ann",
        text: "is it raining?",
      },
    ]);
    const { entries } = await log.search({ query: "morning", limit: 10 });
    assertEquals(entries.map(({ seq }) => seq), [2, 1]);
    assertEquals(
      (await log.search({ query: "raining", limit: 10 })).entries.map(({ seq }) => seq),
      [3],
    );
    const retry = { sender: "s-ann", from: "ann", text: "good morning", id: "c-1" };
    assertEquals(await log.append([retry]), [{ seq: 1, duplicate: true }]);
  }
  assertEquals([...exportLines(path)], before);

  await using log = new SqliteLog(path, new ManualClock());
  const [topic] = await log.append([{
    type: "topic",
    sender: "s-ann",
    from: "ann",
    text: "the weather",
  }]);
  assertEquals([topic, log.topic?.text], [{ seq: 4, duplicate: false }, "the weather"]);
  assertEquals(await log.trim(3, 10), 2);
  const [again, next] = await log.append([
    { sender: "s-ann", from: "ann", text: "good morning", id: "c-1" },
    { sender: "s-ann", from: "ann", text: "a new one" },
  ]);
  assertEquals([again, next], [{ seq: 1, duplicate: true }, { seq: 5, duplicate: false }]);
});

Deno.test("the migration to entries of several kinds changes no row, and messages take no type", async () => {
  await using disk = await limitedDisk();
  const path = `${disk.data}/partyline.db`;
  {
    using old = new DatabaseSync(path);
    old.exec(VERSION_1);
  }
  {
    await using log = new SqliteLog(path, new ManualClock());
    await log.append([{ sender: "s-ann", from: "ann", text: "no" }]);
  }
  using db = new DatabaseSync(path);
  const rows = db.prepare("SELECT seq, type, fields FROM entries ORDER BY seq").all();
  assertEquals(
    rows.map((row) => ({ ...row })),
    [1, 2, 3, 4].map((seq) => ({
      seq,
      type: null,
      fields: null,
    })),
  );
  const plan = db.prepare("EXPLAIN QUERY PLAN SELECT seq FROM entries WHERE type = 'topic'").get();
  assertMatch(String(plan?.detail), /entries_by_type/);
});
