import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { firstSince } from "../../lib/http/lookup/search.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("law: from there on are all messages of then or later, and none before, whatever was trimmed", async () => {
  const entries = fc.array(
    fc.record({ pause: fc.integer({ min: 0, max: 3 }), topic: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(entries, fc.nat(30), fc.nat(5), async (entries, time, trimmed) => {
      const clock = new ManualClock();
      await using log = new SqliteLog(":memory:", clock);
      for (const { pause, topic } of entries) {
        clock.advance(pause);
        const draft = { sender: "s", from: "ann", text: "text" };
        await log.append([topic ? { ...draft, type: "topic" } : draft]);
      }
      await log.trim(trimmed + 1, 100);
      const first = await firstSince(log, time);
      const all = await log.readMessages({ after: 0, limit: 100 });
      assertEquals(
        all.filter(({ seq }) => seq >= first),
        all.filter(({ at }) => at >= time),
      );
    }),
  );
});
