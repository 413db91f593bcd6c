import { assertEquals, assertMatch } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { exportLines } from "../../../lib/log/sqlite_export.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { limitedDisk } from "../support/disks.ts";
import { VERSION_1, VERSION_4 } from "./old_formats.ts";

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

Deno.test("a log of the fourth version is opened with everything in it, and its messages can be changed", async () => {
  await using disk = await limitedDisk();
  const path = `${disk.data}/partyline.db`;
  {
    using old = new DatabaseSync(path);
    old.exec(VERSION_4);
  }
  const before = [...exportLines(path)]; // readable as it is, too
  const ann = { sender: "s-ann", from: "ann" };
  {
    await using log = new SqliteLog(path, new ManualClock());
    assertEquals([log.first, log.last, log.topic?.text], [2, 4, "the weather"]);
    assertEquals([...exportLines(path)], before);
    assertEquals(
      await log.append([
        // What it was is not known, so that it is a retry whatever it says.
        { ...ann, text: "good evening", id: "c-1" },
        { ...ann, text: "is it raining?", id: "c-2" },
        { type: "topic", ...ann, text: "the weather", id: "c-4" },
        { type: "edit", ...ann, ref: 3, text: "is it snowing?", notBefore: -Infinity },
        { type: "reaction", ...ann, ref: 2, emoji: "👍", on: true },
        { ...ann, text: "so it is", re: 3 },
      ]),
      [
        { seq: 1, duplicate: true },
        { seq: 3, duplicate: true },
        { seq: 4, duplicate: true },
        { seq: 5, duplicate: false },
        { seq: 6, duplicate: false },
        { seq: 7, duplicate: false },
      ],
    );
  }
  await using log = new SqliteLog(path, new ManualClock());
  const messages = await log.readMessages({ after: 0, limit: 9 });
  assertEquals(messages.map(({ text }) => text), ["morning, ann", "is it snowing?", "so it is"]);
  assertEquals(messages[0]?.reactions?.[0]?.names, ["ann"]);
  assertEquals((await log.search({ query: "snowing", limit: 9 })).entries.length, 1);
  assertEquals((await log.search({ query: "raining", limit: 9 })).entries.length, 0);
});
