import { assertEquals } from "@std/assert";
import { PlausibleTime } from "../../lib/log/plausible_time.ts";
import { ManualClock } from "../support/manual_clock.ts";

const HOUR_MS = 3_600_000;
const LOOK_MS = 10_000;

class Watched {
  readonly clock = new ManualClock();
  readonly reports: string[] = [];
  readonly time: PlausibleTime;

  /** Made at a clock that is `ahead` of the time that is known. */
  constructor(ahead = 0) {
    this.clock.advance(1e12);
    this.time = new PlausibleTime(1e12 - ahead, this.clock, (what) => this.reports.push(what));
  }

  /** Looks every ten seconds; whether the time was known, at the first and at the last look. */
  pass(ms: number): [first: boolean, last: boolean] {
    const known: boolean[] = [];
    for (let left = ms; left > 0; left -= LOOK_MS) {
      this.clock.advance(LOOK_MS);
      const now = this.time.now();
      if (now !== undefined) assertEquals(now, this.clock.now());
      known.push(now !== undefined);
    }
    return [known[0]!, known.at(-1)!];
  }
}

Deno.test("a clock that goes as time does is believed, also where it is corrected bit by bit", () => {
  const watched = new Watched();
  for (let i = 0; i < 100; i++) {
    watched.clock.jump(i % 3 === 0 ? -100 : 5000);
    assertEquals(watched.pass(LOOK_MS), [true, true]);
  }
  assertEquals(watched.reports, []);
});

for (const jump of [2 * 60_000, 8 * HOUR_MS, 10_000 * HOUR_MS, -8 * HOUR_MS]) {
  const away = Math.min(Math.abs(jump), 24 * HOUR_MS);

  Deno.test(`a clock that was set by ${jump / HOUR_MS} h is believed when it is back, at once`, () => {
    const watched = new Watched();
    watched.clock.jump(jump);
    assertEquals(watched.pass(away), [false, false]);
    watched.clock.jump(-jump);
    assertEquals(watched.pass(60_000), [true, true]);
    assertEquals(watched.reports.length, 2);
  });

  Deno.test(`a clock that was set by ${jump / HOUR_MS} h is believed when it has stayed for as long, or a day`, () => {
    const watched = new Watched();
    watched.clock.jump(jump);
    assertEquals(watched.pass(away), [false, false]);
    assertEquals(watched.pass(LOOK_MS), [true, true]);
    assertEquals(watched.pass(HOUR_MS), [true, true]);
    assertEquals(watched.reports.length, 2);
  });
}

Deno.test("a clock that is set again has to stay anew", () => {
  const watched = new Watched();
  watched.clock.jump(8 * HOUR_MS);
  assertEquals(watched.pass(7 * HOUR_MS), [false, false]);
  watched.clock.jump(2 * HOUR_MS);
  assertEquals(watched.pass(10 * HOUR_MS), [false, false]);
  assertEquals(watched.pass(LOOK_MS), [true, true]);
});

Deno.test("time that has gone by since the last entry is believed as a clock that was set, in silence", () => {
  const watched = new Watched(8 * HOUR_MS);
  assertEquals(watched.pass(8 * HOUR_MS - LOOK_MS), [false, false]);
  assertEquals(watched.pass(LOOK_MS), [true, true]);
  assertEquals(watched.reports, []);
});

Deno.test("a clock that is behind the last entry is told", () => {
  const watched = new Watched(-72 * HOUR_MS);
  assertEquals(watched.pass(24 * HOUR_MS), [false, false]);
  assertEquals(watched.pass(LOOK_MS), [true, true]);
  assertEquals(watched.reports, [
    "the clock is 3 days behind where it was; nothing is trimmed by age until it is back, or has " +
    "stayed for 24 h",
    "the clock has stayed where it is; the history is trimmed by age again",
  ]);
});
