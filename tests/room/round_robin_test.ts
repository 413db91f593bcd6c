import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { RoundRobin } from "../../lib/room/round_robin.ts";
import { ManualClock } from "../support/manual_clock.ts";

const CROWD = 50;
const SLICE = 16;

/** A crowd that waits, and waits again when woken; in `woken` is who was, in order. */
function crowd() {
  const clock = new ManualClock();
  const woken: number[] = [];
  const robin = new RoundRobin(clock);
  const waiters = Array.from({ length: CROWD }, (_, i) => ({
    wake() {
      woken.push(i);
      robin.wait(this);
    },
  }));
  waiters.forEach((waiter) => robin.wait(waiter));
  return { clock, woken, robin, waiters };
}

function range(from: number, end: number): number[] {
  return Array.from({ length: end - from }, (_, i) => from + i);
}

Deno.test("a few who wait are all told at once, each time", () => {
  const robin = new RoundRobin(new ManualClock());
  let woken = 0;
  const waiter = { wake: () => (woken++, robin.wait(waiter)) };
  robin.wait(waiter);
  robin.wait(waiter);
  for (let i = 1; i <= 3; i++) {
    robin.begin();
    assertEquals([woken, robin.underWay], [i, false], "waiting twice is waiting once");
  }
});

Deno.test("a crowd is told a slice a turn, and each once", () => {
  const { clock, woken, robin } = crowd();
  robin.begin();
  assertEquals(woken, range(0, SLICE));
  clock.turn();
  assertEquals([woken.length, robin.underWay], [2 * SLICE, true]);
  while (clock.turn());
  assertEquals([woken, robin.underWay], [range(0, CROWD), false]);
});

Deno.test("a round in which nobody waits any more ends, and the next one reaches everybody", () => {
  const clock = new ManualClock();
  const robin = new RoundRobin(clock);
  let woken = 0;
  const waiters = Array.from({ length: CROWD }, () => ({ wake: () => void woken++ }));
  waiters.forEach((waiter) => robin.wait(waiter));
  robin.begin();
  robin.wakeAll();
  assertEquals(woken, CROWD);
  while (clock.turn());
  assertEquals(robin.underWay, false);
  waiters.forEach((waiter) => robin.wait(waiter));
  robin.begin();
  while (clock.turn());
  assertEquals(woken, 2 * CROWD);
});

Deno.test("what comes during a round is told to the rest with it, and then to those who were before them", () => {
  const { clock, woken, robin } = crowd();
  robin.begin();
  clock.turn();
  robin.begin();
  robin.begin();
  assertEquals(woken.length, 2 * SLICE, "no round begins before its turn");
  while (clock.turn());
  assertEquals(woken, [...range(0, CROWD), ...range(0, 2 * SLICE)]);
});

Deno.test("who comes back late, and behind, is told in the round under way; others are not", () => {
  for (const behind of [true, false]) {
    const { clock, robin } = crowd();
    let woken = 0;
    robin.begin();
    robin.wait({ wake: () => void woken++ }, { behind });
    while (clock.turn());
    assertEquals(woken, behind ? 1 : 0);
    robin.begin();
    while (clock.turn());
    assertEquals(woken, 1);
  }
});

Deno.test("who is in a hurry is told before the others, and waits again like them", () => {
  const { clock, woken, robin, waiters } = crowd();
  robin.begin();
  robin.wait(waiters[40]!, { hurry: true });
  robin.begin();
  assertEquals(woken.slice(SLICE), [40]);
  while (clock.turn());
  assertEquals(new Set(woken).size, CROWD);
});

Deno.test("who waits for nothing more is forgotten", () => {
  const robin = new RoundRobin(new ManualClock());
  let woken = 0;
  robin.wait({ wake: () => void woken++ });
  robin.begin();
  robin.begin();
  robin.wakeAll();
  assertEquals(woken, 1);
  robin.wait({ wake: () => void woken++ });
  robin.wakeAll();
  assertEquals(woken, 2);
});

Deno.test("whatever happens, who waits learns of what has come, within one round", () => {
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.record({ type: fc.constant("tell" as const) }) },
    { weight: 5, arbitrary: fc.record({ type: fc.constant("turn" as const) }) },
    fc.record({ type: fc.constant("away" as const), who: fc.nat(CROWD - 1) }),
    fc.record({ type: fc.constant("back" as const), who: fc.nat(CROWD - 1) }),
    fc.record({ type: fc.constant("hurry" as const), who: fc.nat(CROWD - 1) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const clock = new ManualClock();
    const robin = new RoundRobin(clock);
    let news = 0;
    const people = range(0, CROWD).map(() => {
      const person = {
        knows: 0,
        away: false,
        waiting: true,
        wake() {
          person.knows = news;
          person.waiting = !person.away;
          if (person.waiting) robin.wait(person);
        },
      };
      robin.wait(person);
      return person;
    });
    const since = people.map(() => 0); // turns that somebody has waited in spite of news
    for (const step of steps) {
      switch (step.type) {
        case "tell":
          news++;
          robin.begin();
          break;
        case "turn":
          clock.turn();
          people.forEach(({ waiting, knows }, i) => {
            since[i] = waiting && knows < news ? since[i]! + 1 : 0;
            assertEquals(since[i]! <= Math.ceil(CROWD / SLICE), true, `${i} waits`);
          });
          break;
        case "away":
          people[step.who]!.away = true;
          break;
        case "back": {
          const person = people[step.who]!;
          person.away = false;
          if (person.waiting) break;
          // As a reader does: at once where nobody is being told, else when its turn comes.
          if (robin.underWay) robin.wait(person, { behind: person.knows < news });
          else (person.knows = news), robin.wait(person);
          person.waiting = true;
          break;
        }
        case "hurry":
          if (people[step.who]!.waiting) robin.wait(people[step.who]!, { hurry: true });
      }
    }
    while (clock.turn());
    for (const { waiting, knows } of people) if (waiting) assertEquals(knows, news);
  }));
});
