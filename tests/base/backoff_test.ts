import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Backoff, pause } from "../../lib/base/backoff.ts";
import { ManualClock } from "../support/manual_clock.ts";

const LIMITS = { minMs: 500, maxMs: 30_000 };

Deno.test("every wait lies between the shortest and a ceiling that doubles up to the longest", () => {
  const luck = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(fc.property(fc.array(luck, { minLength: 1, maxLength: 40 }), (lucks) => {
    let draw = 0;
    const backoff = new Backoff({ ...LIMITS, random: () => lucks[draw++]! });
    return lucks.every((_, failures) => {
      const ceiling = Math.min(30_000, 500 * 2 ** (failures + 1));
      const wait = backoff.nextMs();
      return wait >= 500 && wait <= ceiling;
    });
  }));
});

Deno.test("chance decides the whole of the wait, from end to end", () => {
  const unlucky = new Backoff({ ...LIMITS, random: () => 1 });
  const ceilings = Array.from({ length: 8 }, () => unlucky.nextMs());
  assertEquals(ceilings, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  const lucky = new Backoff({ ...LIMITS, random: () => 0 });
  assertEquals(Array.from({ length: 3 }, () => lucky.nextMs()), [500, 500, 500]);
});

Deno.test("after a success the next failure is a first one", () => {
  const backoff = new Backoff({ ...LIMITS, random: () => 1 });
  for (let i = 0; i < 5; i++) backoff.nextMs();
  backoff.reset();
  assertEquals(backoff.nextMs(), 1000);
});

Deno.test("a pause ends when its time has come, and not before", async () => {
  const clock = new ManualClock();
  let ended = false;
  const pausing = pause(clock, 100, new AbortController().signal).then(() => ended = true);
  clock.advance(99);
  await Promise.resolve();
  assertEquals(ended, false);
  clock.advance(1);
  assertEquals(await pausing, true);
});

Deno.test("a pause ends at once when it is aborted, and leaves no timer behind", async () => {
  const clock = new ManualClock();
  const controller = new AbortController();
  const pausing = pause(clock, 100, controller.signal);
  controller.abort();
  await pausing;
  assertEquals(clock.pending, 0);
  await pause(clock, 100, controller.signal);
  assertEquals(clock.pending, 0);
});
