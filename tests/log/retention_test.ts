import { assertEquals } from "@std/assert";
import { type Keep, Retention } from "../../lib/log/retention.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

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
    const [again] = await log.append([{ sender: "ann", from: "ann", text: "on", id: "id-1" }]);
    assertEquals(again, { seq: 1, duplicate: true });
    assertEquals(problems, []);
  });
}
