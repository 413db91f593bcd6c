import { assertEquals } from "@std/assert";
import { type Keep, Retention } from "../../lib/log/retention.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import { ProbedLog } from "../support/fakes.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { createFile } from "./sqlite_stores.ts";

const KEEPS: readonly { keep: Keep; what: string; first: number }[] = [
  { keep: { type: "all" }, what: "all", first: 1 },
  { keep: { type: "entries", count: 300 }, what: "a number", first: 701 },
  { keep: { type: "age", ms: 500_000 }, what: "an age", first: 501 },
];

for (const { keep, what, first } of KEEPS) {
  Deno.test(`keeping ${what} trims in small steps beside the traffic, and seq goes on`, async () => {
    const clock = new ManualClock();
    await using log = new SqliteLog(":memory:", clock);
    for (let i = 1; i <= 1000; i++) { // one a second
      clock.advance(1000);
      await log.append([{ sender: "ann", from: "ann", text: `text ${i}`, id: `id-${i}` }]);
    }
    const problems: unknown[] = [];
    using _ = new Retention(log, keep, clock, (...problem) => problems.push(problem));
    let before = log.first;
    for (let step = 0; step < 10; step++) {
      clock.advance(step === 0 ? 0 : 20);
      await settle();
      assertEquals(log.first - before <= 200, true, "no step keeps writers waiting for long");
      before = log.first;
    }
    assertEquals(log.first, first);
    assertEquals((await log.read({ after: 0, limit: 1 }))[0]?.seq, first);
    const [receipt] = await log.append([{ sender: "ann", from: "ann", text: "on" }]);
    assertEquals(receipt, { seq: 1001, duplicate: false });
    const [again] = await log.append([{ sender: "ann", from: "ann", text: "text 1", id: "id-1" }]);
    assertEquals(again, { seq: 1, duplicate: true });
    assertEquals(problems, []);
  });
}

const DAY_MS = 86_400_000;

/** A hundred entries, one an hour, of which the oldest ten are older than what is kept. */
async function hourly(clock: ManualClock): Promise<SqliteLog> {
  const log = new SqliteLog(":memory:", clock);
  for (let i = 1; i <= 100; i++) {
    clock.advance(3_600_000);
    await log.append([{ sender: "ann", from: "ann", text: `text ${i}` }]);
  }
  return log;
}

const KEEP = { type: "age", ms: 89.5 * 3_600_000 } as const;

Deno.test("a clock that is ten years ahead for a while trims nothing that is not old, and is told", async () => {
  const [clock, reports] = [new ManualClock(), [] as string[]];
  await using log = await hourly(clock);
  using _ = new Retention(log, KEEP, clock, (what) => reports.push(what));
  const look = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  await look(0);
  assertEquals(log.first, 11);
  clock.jump(3650 * DAY_MS);
  await log.append([{ sender: "ann", from: "ann", text: "from the future" }]);
  for (let i = 0; i < 5; i++) await look(10_000);
  assertEquals(log.first, 11);
  assertEquals(reports, [
    "the clock is 3650 days ahead of where it was; nothing is trimmed by age until it is back, or " +
    "has stayed for 24 h",
  ]);
  clock.jump(-3650 * DAY_MS);
  for (let i = 0; i < 400; i++) await look(10_000);
  assertEquals(log.first, 12, "an hour later, one more is old");
  assertEquals(reports.slice(1), [
    "the clock is back where it was; the history is trimmed by age again",
  ]);
});

Deno.test("a server that starts with a wrong clock trims nothing that is not old", async () => {
  const clock = new ManualClock();
  await using log = await hourly(clock);
  clock.jump(3650 * DAY_MS);
  using _ = new Retention(log, KEEP, clock, () => {});
  for (let i = 0; i < 5; i++) {
    await log.append([{ sender: "ann", from: "ann", text: "from the future" }]);
    clock.advance(10_000);
    await settle();
  }
  assertEquals(log.first, 1);
});

Deno.test("what cannot be trimmed is told once, and once more when it happens again", async () => {
  const [clock, reports] = [new ManualClock(), [] as string[]];
  await using log = new ProbedLog(await hourly(clock));
  using _ = new Retention(log, KEEP, clock, (what) => reports.push(what));
  for (const failure of [new Error("no"), undefined, new Error("no")]) {
    log.failure = failure;
    for (let i = 0; i < 3; i++) {
      clock.advance(10_000);
      await settle();
    }
  }
  assertEquals(reports, ["cannot trim the history", "cannot trim the history"]);
});

Deno.test("retention ends with a log that is broken, which has been told", async () => {
  await using store = await createFile();
  const [clock, reports] = [new ManualClock(), [] as string[]];
  await using log = new SqliteLog(store.path, clock);
  const drafts = Array.from({ length: 9 }, () => ({ sender: "a", from: "ann", text: "text" }));
  await log.append(drafts);
  await Deno.remove(store.path);
  clock.advance(5000);
  using _ = new Retention(log, { type: "entries", count: 2 }, clock, (what) => reports.push(what));
  clock.advance(0);
  await settle();
  assertEquals([log.first, reports.length, clock.pending], [1, 0, 0]);
});
