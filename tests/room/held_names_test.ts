import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { Refusal } from "../../lib/model/refusal.ts";
import { HeldNameTable, Registry } from "../../lib/registry/mod.ts";
import { HeldNames } from "../../lib/room/identity/held_names.ts";
import { Presence } from "../../lib/room/people/presence.ts";
import { ManualClock } from "../support/manual_clock.ts";

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * HOUR_MS;
const ANN = { session: "a", address: "192.0.2.1" };

function fail(what: string, error?: unknown): never {
  throw new Error(what, { cause: error });
}

function create() {
  const clock = new ManualClock();
  const registry = new Registry(":memory:", clock, fail);
  const open = (holdMs = DAY_MS) =>
    new HeldNames({ clock, holdMs, table: new HeldNameTable(registry), addressKey: (a) => a });
  const enter = (held = open()) => new Presence(clock, { graceMs: 5000, held, announce: () => {} });
  return { clock, registry, open, enter, [Symbol.dispose]: () => registry[Symbol.dispose]() };
}

Deno.test("a name is its session's for a day, and for nobody that reads the same", () => {
  using test = create();
  const held = test.open();
  held.hold("Ann", ANN);
  test.clock.advance(DAY_MS - 1);
  for (const name of ["ann", "ANN", "\u0430nn"]) assertEquals(held.find(name)?.session, "a");
  assertEquals(held.find("anna"), undefined);
  test.clock.advance(1);
  assertEquals(held.find("ann"), undefined);
});

Deno.test("what is held is held after a restart, for no longer than names are held then", () => {
  using test = create();
  test.open().hold("ann", ANN);
  test.clock.advance(HOUR_MS);
  assertEquals(test.open().find("ann")?.until, DAY_MS);
  assertEquals(test.open(HOUR_MS).find("ann")?.until, 2 * HOUR_MS);
  test.clock.advance(DAY_MS);
  const held = test.open();
  assertEquals([held.find("ann"), held.size], [undefined, 0]);
  const { count } = test.registry.db.prepare("SELECT count(*) AS count FROM held_names").get()!;
  assertEquals(count, 0, "what has ended leaves no row");
});

Deno.test("a session holds three names, an address 200, and all together 10,000", () => {
  using test = create();
  const held = test.open();
  for (let n = 0; n < 10; n++) held.hold(`ann${n}`, ANN);
  assertEquals(held.size, 3);
  assertEquals([held.find("ann6"), held.find("ann7")?.session], [undefined, "a"]);
  for (let n = 0; n < 300; n++) held.hold(`eve ${n}`, { session: `e${n}`, address: "192.0.2.6" });
  assertEquals(held.size, 203);
  assertEquals([held.find("eve 99"), held.find("eve 100")?.session], [undefined, "e100"]);
  for (let n = 0; n < 10_100; n++) {
    held.hold(`p ${n}`, { session: `p${n}`, address: `198.51.${n >> 6}.${n & 63}` });
  }
  assertEquals([held.size, held.find("ann9")], [10_000, undefined]);
  test.clock.advance(1000);
  const { count } = test.registry.db.prepare("SELECT count(*) AS count FROM held_names").get()!;
  assertEquals(count, 10_000);
});

Deno.test("who has spoken keeps the name when they leave; who has not, for the grace period", () => {
  using test = create();
  const people = test.enter();
  people.enter("a", "ann");
  people.enter("l", "lurker");
  people.speak("a", "ann");
  for (const session of ["a", "l"]) people.leave(session, true);
  assertEquals(people.taken("lurker", "e"), undefined);
  const why = people.taken("ann", "e");
  assertEquals([why?.code, why?.message], [
    "name_taken",
    'the name "ann" is taken by somebody who is away, and free in 24 h, unless they come back; ' +
    "choose another",
  ]);
  assertEquals(people.enter("e", "ann").name, "ann2", "the next free one");
  assertMatch(assertThrows(() => people.rename("e", "Ann"), Refusal).message, /free in 24 h/);
  assertEquals(people.taken("ann", "a"), undefined);
  assertEquals(people.enter("a", "ann").name, "ann", "its owner comes back");
  people.leave("a", true);
  test.clock.advance(DAY_MS - 60_000);
  assertMatch(people.taken("ann")!.message, /free in 1 min/);
  test.clock.advance(60_000);
  people.rename("e", "ann");
});

Deno.test("the day begins when they leave, however long they were there", () => {
  using test = create();
  const people = test.enter();
  people.enter("a", "ann");
  people.speak("a", "ann");
  test.clock.advance(5 * DAY_MS);
  people.leave("a", true);
  test.clock.advance(DAY_MS - 1);
  assert(people.taken("ann"));
  test.clock.advance(1);
  assertEquals(people.taken("ann"), undefined);
});

Deno.test("a name that was given up is kept from others, and a name nobody spoke under is not", () => {
  using test = create();
  const people = test.enter();
  people.enter("a", "ann");
  people.speak("a", "ann");
  people.rename("a", "anna");
  people.rename("a", "annabel");
  assert(people.taken("ann", "e"));
  assertEquals(people.taken("anna", "e"), undefined);
  people.rename("a", "ann");
  people.leave("a", true);
  assert(people.taken("ann", "e"));
});

Deno.test("who is there and has spoken is remembered when the server stops", () => {
  using test = create();
  {
    using people = test.enter();
    people.enter("a", "ann");
    people.speak("a", "ann");
    test.clock.advance(2 * DAY_MS);
  }
  test.clock.advance(1000); // as the registry does at its end, it writes what is left
  const people = test.enter();
  assert(people.taken("ann", "e"));
  assertEquals(people.enter("a", "ann").name, "ann");
});
