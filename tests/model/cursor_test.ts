import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { formatCursor, locate, type LogBounds, parseCursor } from "../../lib/model/cursor.ts";

Deno.test("a cursor comes back from its text", () => {
  const epoch = fc.stringMatching(/^[a-z0-9]{1,32}$/);
  fc.assert(fc.property(epoch, fc.nat(10 ** 15 - 1), (epoch, seq) => {
    assertEquals(parseCursor(formatCursor(epoch, seq)), { epoch, seq });
    assertEquals(parseCursor(` ${seq}\n`), { seq });
  }));
});

Deno.test("what is no cursor is none", () => {
  const texts = ["", " ", "-", "-5", "k3x-", "k3x", "k3x-1-2", "K3X-1", "1.5", "1e3", "+1", "k 1"];
  for (const text of [...texts, "9".repeat(16), "k".repeat(33) + "-1", "١٢", "1\n2"]) {
    assertEquals(parseCursor(text), undefined, text);
  }
});

const kept: LogBounds = { epoch: "k3x", first: 8, last: 46 };

Deno.test("a reader starts at its cursor where that can be honoured", () => {
  for (const seq of [7, 8, 30, 46]) {
    assertEquals(locate(kept, { seq }, 10), { after: seq, resumed: true });
    assertEquals(locate(kept, { epoch: "k3x", seq }, 10), { after: seq, resumed: true });
  }
});

Deno.test("a reader without a cursor starts the recent entries before the end", () => {
  const after = (recent: number) => locate(kept, undefined, recent);
  assertEquals(after(10), { after: 36, resumed: false });
  assertEquals(after(0), { after: 46, resumed: false });
  assertEquals(after(39), { after: 7, resumed: false });
  assertEquals(after(500), { after: 7, resumed: false });
});

Deno.test("a cursor that cannot be honoured says why, and starts with the recent", () => {
  const latest = { after: 36, resumed: false } as const;
  assertEquals(locate(kept, { seq: 6 }, 10), { ...latest, reset: "gap" });
  assertEquals(locate(kept, { seq: 0 }, 10), { ...latest, reset: "gap" });
  assertEquals(locate(kept, { seq: 47 }, 10), { ...latest, reset: "future" });
  assertEquals(locate(kept, { epoch: "other", seq: 30 }, 10), { ...latest, reset: "epoch" });
  assertEquals(locate(kept, "unknown", 10), { ...latest, reset: "epoch" });
});

Deno.test("an empty log has one place to start, also where all of it was trimmed", () => {
  const start = { after: 0, resumed: true };
  assertEquals(locate({ epoch: "k", first: 1, last: 0 }, { seq: 0 }, 10), start);
  const trimmed = { epoch: "k", first: 9, last: 8 };
  assertEquals(locate(trimmed, { seq: 8 }, 10), { after: 8, resumed: true });
  assertEquals(locate(trimmed, { seq: 3 }, 10), { after: 8, resumed: false, reset: "gap" });
  assertEquals(locate(trimmed, undefined, 10), { after: 8, resumed: false });
});

Deno.test("wherever a reader starts, nothing is missing between there and the end", () => {
  const cursor = fc.oneof(
    fc.constantFrom(undefined, "unknown" as const),
    fc.record({ seq: fc.nat(60) }),
    fc.record({ epoch: fc.constantFrom("k", "other"), seq: fc.nat(60) }),
  );
  fc.assert(
    fc.property(fc.nat(30), fc.nat(30), cursor, fc.nat(60), (trimmed, count, cursor, recent) => {
      const kept = { epoch: "k", first: trimmed + 1, last: trimmed + count };
      const { after, resumed, reset } = locate(kept, cursor, recent);
      const honoured = typeof cursor === "object" && reset === undefined;
      assertEquals(resumed, honoured);
      if (honoured) assertEquals(after, cursor.seq);
      else assertEquals(kept.last - after, Math.min(recent, count));
      assertEquals(after >= kept.first - 1 && after <= kept.last, true);
    }),
    { numRuns: 1000 },
  );
});
