import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RateLimit } from "../../lib/base/rate_limit.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("a burst passes at once, then one for each token that comes back", () => {
  const clock = new ManualClock();
  const limit = new RateLimit({ perSecond: 5, burst: 10 }, clock);
  for (let n = 0; n < 10; n++) assertEquals(limit.take("ann"), 0);
  assertEquals(limit.take("ann"), 200);
  assertEquals(limit.take("bob"), 0); // has a bucket of its own
  clock.advance(150);
  assertEquals(limit.take("ann"), 50);
  clock.advance(50);
  assertEquals(limit.take("ann"), 0);
  assertEquals(limit.take("ann"), 200);
  clock.advance(60_000);
  for (let n = 0; n < 10; n++) assertEquals(limit.take("ann"), 0);
  assertEquals(limit.take("ann"), 200);
});

const rates = fc.record({
  perSecond: fc.integer({ min: 1, max: 50 }),
  burst: fc.integer({ min: 1, max: 20 }),
});
const pauses = fc.array(fc.oneof(fc.constant(0), fc.nat(3000)), { maxLength: 100 });

Deno.test("never more than burst + rate × time passes, in any stretch of time", () => {
  fc.assert(fc.property(rates, pauses, (rate, pauses) => {
    const clock = new ManualClock();
    const limit = new RateLimit(rate, clock);
    const passed: number[] = [];
    for (const pause of pauses) {
      clock.advance(pause);
      if (limit.take("ann") === 0) passed.push(clock.now());
    }
    for (let from = 0; from < passed.length; from++) {
      for (let to = from; to < passed.length; to++) {
        const allowed = rate.burst + rate.perSecond * (passed[to]! - passed[from]!) / 1000;
        assertEquals(to - from + 1 <= allowed + 0.01, true);
      }
    }
  }));
});

Deno.test("who waits as long as told gets through, and not a millisecond sooner", () => {
  fc.assert(fc.property(rates, pauses, (rate, pauses) => {
    const clock = new ManualClock();
    const limit = new RateLimit(rate, clock);
    for (const pause of pauses) {
      clock.advance(pause);
      const wait = limit.take("ann");
      assertEquals(wait <= 1000 / rate.perSecond + 0.01, true);
      if (wait === 0) continue;
      clock.advance(wait - 0.5);
      if (wait > 0.6) assertEquals(limit.take("ann") > 0, true);
      clock.advance(0.5);
      assertEquals(limit.take("ann"), 0);
    }
  }));
});

Deno.test("a clock that is set back or ahead changes nothing", () => {
  const clock = new ManualClock();
  clock.advance(3_600_000);
  const limit = new RateLimit({ perSecond: 5, burst: 2 }, clock);
  assertEquals([limit.take("ann"), limit.take("ann")], [0, 0]);
  for (const day of [-86_400_000, 2 * 86_400_000, -86_400_000]) {
    clock.jump(day);
    assertEquals(limit.take("ann"), 200);
    assertEquals(limit.take(`after ${day}`), 0);
  }
  clock.advance(200);
  assertEquals(limit.take("ann"), 0);
});

Deno.test("those who come and go by the thousands are forgotten, those who flood are not", () => {
  const clock = new ManualClock();
  const limit = new RateLimit({ perSecond: 1, burst: 1 }, clock);
  assertEquals(limit.take("flood"), 0);
  for (let n = 0; n < 5000; n++) {
    limit.take(`key ${n}`);
    assertEquals(limit.take("flood") > 0, true);
  }
  assertEquals(limit.take("key 0") > 0, true);
  clock.advance(1000);
  for (let n = 0; n < 5000; n++) assertEquals(limit.take(`key ${n}`), 0);
});
