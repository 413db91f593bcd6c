import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RateLimit } from "../../lib/base/rate_limit.ts";
import { Pace } from "../../lib/client/outbox/pace.ts";
import { ManualClock } from "../support/manual_clock.ts";

Deno.test("whatever the network delays, it is as fast as it may be and never too fast", () => {
  const rate = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  const delays = fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { maxLength: 60 });
  fc.assert(fc.property(rate, delays, (rate, delays) => {
    const clock = new ManualClock();
    const server = new RateLimit(rate, clock);
    const pace = new Pace(clock);
    pace.rate = rate;
    for (const [there, back] of delays) {
      clock.advance(pace.waitMs);
      clock.advance(there);
      assertEquals(server.take("us"), 0, "the server refuses it");
      clock.advance(back);
      pace.count();
    }
    const idleMs = Math.ceil(1000 * rate.burst / rate.perSecond);
    clock.advance(idleMs);
    assertEquals(pace.waitMs, 0);
  }));
});
