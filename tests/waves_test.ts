import { assert, assertEquals } from "@std/assert";
import { Waves } from "../lib/waves.ts";
import { ManualClock } from "./manual_clock.ts";

const CROWD = 150;

/** A crowd that waits, and waits again when woken; in `woken` is who was, in order. */
function crowd() {
  const clock = new ManualClock();
  const woken: number[] = [];
  let waves = 0;
  const tell = new Waves(clock, () => waves++);
  const waiters = Array.from({ length: CROWD }, (_, i) => ({
    wake() {
      woken.push(i);
      tell.wait(this);
    },
  }));
  waiters.forEach((waiter) => tell.wait(waiter));
  return { clock, woken, waves: tell, waiters, count: () => waves };
}

Deno.test("a few who wait are all told at once, each time", () => {
  const waves = new Waves(new ManualClock(), () => {});
  let woken = 0;
  const waiter = { wake: () => (woken++, waves.wait(waiter)) };
  waves.wait(waiter);
  waves.wait(waiter);
  for (let i = 1; i <= 3; i++) {
    waves.tell();
    assertEquals(woken, i, "waiting twice is waiting once");
  }
});

Deno.test("a crowd is told a slice a turn, and what comes meanwhile is one more wave", () => {
  const { clock, woken, waves, count } = crowd();
  waves.tell();
  assertEquals([woken.length, count()], [64, 1]);
  waves.tell();
  waves.tell();
  assertEquals([woken.length, count()], [64, 1], "a wave is under way");
  clock.advance(0);
  assertEquals(woken.slice(0, CROWD), Array.from({ length: CROWD }, (_, i) => i));
  for (let i = 0; i < 10; i++) clock.advance(0);
  assertEquals([woken.length, count()], [2 * CROWD, 2]);
});

Deno.test("when a frame's worth has come meanwhile, the wave under way is over in one turn", () => {
  const { clock, woken, waves } = crowd();
  let turns = 0;
  waves.tell();
  waves.tell(true);
  clock.soon(() => turns = woken.length); // after the turn that is due first
  clock.advance(0);
  assert(turns >= CROWD, `${turns} woken in one turn more`);
});

Deno.test("who is in a hurry is told before the wave, and waits again like the others", () => {
  const { clock, woken, waves, waiters } = crowd();
  waves.tell();
  waves.wait(waiters[140]!, true);
  waves.tell();
  assertEquals(woken.slice(64), [140]);
  for (let i = 0; i < 10; i++) clock.advance(0);
  assertEquals(new Set(woken).size, CROWD);
});

Deno.test("who waits for nothing more is forgotten", () => {
  const waves = new Waves(new ManualClock(), () => {});
  let woken = 0;
  waves.wait({ wake: () => void woken++ });
  waves.tell();
  waves.tell();
  waves.wakeAll();
  assertEquals(woken, 1);
  waves.wait({ wake: () => void woken++ });
  waves.wakeAll();
  assertEquals(woken, 2);
});
