import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { Notice } from "../../lib/model/events.ts";
import { nameKey } from "../../lib/names/mod.ts";
import { Presence } from "../../lib/room/people/presence.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { ManualClock } from "../support/manual_clock.ts";

function create() {
  const clock = new ManualClock();
  const said: Notice[] = [];
  const presence = new Presence(clock, { graceMs: 5000, announce: (notice) => said.push(notice) });
  return { clock, presence, said, take: () => said.splice(0) };
}

Deno.test("two connections of one person are one name, which leaves with the last", () => {
  const { presence, take } = create();
  assertEquals(presence.enter("a", "ann").name, "ann");
  assertEquals(presence.enter("a", "annabel").name, "ann");
  assertEquals(presence.enter("b", "bob").name, "bob");
  assertEquals(presence.snapshot(), { type: "presence", count: 2, names: ["ann", "bob"] });
  assertEquals(take(), [
    { type: "join", name: "ann", count: 1 },
    { type: "join", name: "bob", count: 2 },
  ]);
  presence.leave("a", true);
  assertEquals(take(), []);
  presence.leave("a", true);
  assertEquals(take(), [{ type: "leave", name: "ann", count: 1 }]);
  presence.leave("a", true);
  presence.leave("nobody", true);
  assertEquals([take(), presence.count], [[], 1]);
});

Deno.test("who comes gets the next free name, whatever its form and case", () => {
  const { presence } = create();
  presence.enter("a", "Ann");
  assertEquals(presence.enter("b", "ann").name, "ann2");
  assertEquals(presence.enter("c", "ANN").name, "ANN3");
  assertMatch(presence.enter("d", "server").name, /^guest-/, "server2 would be no better");
  assert(presence.taken("aNN") && presence.taken("SYSTEM") && !presence.taken("bob"));
  presence.leave("a", true);
  assert(!presence.taken("ann"));
  assertEquals(presence.find("b"), presence.enter("b", "x"));
  assertEquals(presence.find("a"), undefined);
});

Deno.test("who comes back within the grace has not left, who does not has", () => {
  const { clock, presence, take } = create();
  presence.enter("a", "ann");
  take();
  presence.leave("a", false);
  clock.advance(4999);
  presence.enter("a", "somebody else");
  clock.advance(60_000);
  assertEquals([take(), clock.pending], [[], 0]);
  presence.leave("a", false);
  clock.advance(4999);
  assert(presence.taken("ann"), "the name is kept for the whole of the grace");
  assertEquals(take(), []);
  clock.advance(1);
  assertEquals(take(), [{ type: "leave", name: "ann", count: 0 }]);
});

Deno.test("a rename is told to all, and refused where the name is another's", () => {
  const { presence, take } = create();
  const person = presence.enter("a", "ann");
  presence.enter("b", "bob");
  take();
  presence.rename("a", "rob");
  presence.rename("a", "rob");
  presence.rename("a", "ROB");
  presence.rename("nobody", "x");
  assertEquals(take(), [
    { type: "rename", from: "ann", name: "rob" },
    { type: "rename", from: "rob", name: "ROB" },
  ]);
  assertEquals(person.name, "ROB");
  for (const name of ["bob", "Bob"]) {
    const { code, message } = assertThrows(() => presence.rename("a", name), Refusal);
    assertEquals([code, message], ["name_taken", `the name "${name}" is taken; choose another`]);
  }
  assertEquals(presence.enter("c", "ann").name, "ann", "the old name is free");
});

Deno.test("who is renamed without end is refused after a few, and told when there is another", () => {
  const clock = new ManualClock();
  const said: Notice[] = [];
  const announce = (notice: Notice) => said.push(notice);
  const renames = { perSecond: 0.1, burst: 6 };
  const presence = new Presence(clock, { graceMs: 5000, renames, announce });
  presence.enter("a", "ann");
  presence.enter("b", "bob");
  said.length = 0;
  let refused = 0;
  for (let n = 0; n < 1000; n++) {
    try {
      presence.rename("a", `ann${n}`);
    } catch (error) {
      assert(error instanceof Refusal && error.code === "rate_limited");
      assertEquals(
        [error.retryAfter, error.message],
        [10, "you change your name too often, try again in 10 s"],
      );
      refused++;
    }
  }
  assertEquals([said.length, refused], [6, 994]);
  // What changes nothing costs nothing, and another person has their own.
  presence.rename("a", "ann5");
  presence.rename("b", "rob");
  // Leaving and coming back gives no new ones.
  presence.leave("a", true);
  presence.enter("a", "ann");
  assertThrows(() => presence.rename("a", "anna"), Refusal);
  clock.advance(10_000);
  presence.rename("a", "anna");
});

Deno.test("above 200 people names are left out, and comings and goings folded to one a second", () => {
  const { clock, presence, take } = create();
  for (let n = 1; n <= 200; n++) presence.enter(`${n}`, `p${n}`);
  assertEquals(take().length, 200);
  assertEquals(presence.snapshot().names?.length, 200);
  for (let n = 201; n <= 500; n++) presence.enter(`${n}`, `p${n}`);
  assertEquals([take(), presence.snapshot()], [[], { type: "presence", count: 500 }]);
  clock.advance(999);
  assertEquals(take(), []);
  clock.advance(1);
  assertEquals(take(), [{ type: "presence", count: 500 }]);
  for (let n = 202; n <= 500; n++) presence.leave(`${n}`, true);
  clock.advance(1000);
  assertEquals(take(), [{ type: "presence", count: 201 }]);
  clock.advance(60_000);
  assertEquals([take(), clock.pending], [[], 0]);
});

Deno.test("when a crowd has become small again, all are told the names they did not have", () => {
  const { clock, presence, take } = create();
  for (let n = 1; n <= 201; n++) presence.enter(`${n}`, `p${n}`);
  clock.advance(1000);
  take();
  presence.leave("201", true);
  presence.leave("200", true);
  clock.advance(1000);
  assertEquals(take(), [presence.snapshot()]);
  assertEquals(presence.snapshot().names?.length, 199);
  presence.leave("199", true);
  assertEquals(take(), [{ type: "leave", name: "p199", count: 198 }]);
});

Deno.test("when it is disposed, no timer is left", () => {
  const { clock, presence } = create();
  for (let n = 1; n <= 201; n++) presence.enter(`${n}`, `p${n}`);
  presence.leave("1", false);
  assert(clock.pending > 0);
  presence[Symbol.dispose]();
  assertEquals(clock.pending, 0);
});

/** Who is here according to what was told: a client's view. */
function believed(said: readonly Notice[]): string[] {
  const names = new Set<string>();
  for (const notice of said) {
    if (notice.type === "join") names.add(notice.name);
    if (notice.type === "leave") assert(names.delete(notice.name));
    if (notice.type === "rename") assert(names.delete(notice.from) && names.add(notice.name));
    if (notice.type === "join" || notice.type === "leave") assertEquals(notice.count, names.size);
  }
  return [...names].sort();
}

Deno.test("whatever people do, what is told adds up to who is here", () => {
  const session = fc.constantFrom("a", "b", "c", "d");
  const name = fc.constantFrom("ann", "Ann", "bob", "ann2", "server", "cy");
  const operation = fc.oneof(
    fc.record({ type: fc.constant("enter" as const), session, name }),
    fc.record({ type: fc.constant("leave" as const), session, goodbye: fc.boolean() }),
    fc.record({ type: fc.constant("rename" as const), session, name }),
    fc.record({ type: fc.constant("wait" as const), ms: fc.constantFrom(1000, 5000) }),
  );
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 60 }), (operations) => {
      const { clock, presence, said } = create();
      const connections = new Map<string, number>();
      for (const op of operations) {
        const open = op.type === "wait" ? 0 : connections.get(op.session) ?? 0;
        if (op.type === "wait") clock.advance(op.ms);
        else if (op.type === "enter") {
          presence.enter(op.session, op.name);
          connections.set(op.session, open + 1);
        } else if (op.type === "leave" && open > 0) {
          presence.leave(op.session, op.goodbye);
          connections.set(op.session, open - 1);
        } else if (op.type === "rename") {
          try {
            presence.rename(op.session, op.name);
          } catch (error) {
            assert(error instanceof Refusal);
          }
        }
        const names = [...presence.snapshot().names!];
        assertEquals(believed(said), names.toSorted());
        assertEquals(new Set(names.map(nameKey)).size, names.length, "two of one name");
        for (const [session, open] of connections) {
          if (open > 0) assert(presence.find(session), "who is connected is here");
        }
      }
      clock.advance(5000);
      const here = [...connections.values()].filter((open) => open > 0).length;
      assertEquals([presence.count, clock.pending], [here, 0]);
    }),
    { numRuns: 300 },
  );
});

Deno.test("people are looked up by a part of their name, and who spoke last comes first", () => {
  const { presence } = create();
  for (const name of ["ann", "Björn", "joanna", "annabel", "zoe"]) presence.enter(name, name);
  const find = (part: string, limit = 9) => presence.lookUp(part, limit).names;
  assertEquals(find(""), ["ann", "Björn", "joanna", "annabel", "zoe"]);
  assertEquals(find("ANN"), ["ann", "annabel", "joanna"]);
  assertEquals(find("bjo"), ["Björn"]);
  assertEquals(find("x"), []);
  presence.speak("joanna", "joanna");
  presence.speak("annabel", "annabel");
  assertEquals(find(""), ["annabel", "joanna", "ann", "Björn", "zoe"]);
  assertEquals(find("ann"), ["annabel", "ann", "joanna"]);
  assertEquals(presence.lookUp("ann", 2), { count: 5, names: ["annabel", "ann"], more: true });
  assertEquals(presence.lookUp("ann", 3).more, false);
  presence.rename("annabel", "Ärlend");
  presence.leave("joanna", true);
  assertEquals(find(""), ["Ärlend", "ann", "Björn", "zoe"]);
  assertEquals(find("ar"), ["Ärlend"]);
});

Deno.test("of a crowd as many are remembered as spoke last, and everybody is found", () => {
  const { presence } = create();
  for (let i = 0; i < 1000; i++) presence.enter(`s${i}`, `name-${i}`);
  for (let i = 0; i < 500; i++) presence.speak(`s${i}`, `name-${i}`);
  const { count, names, more } = presence.lookUp("", 200);
  assertEquals([count, more, names.length, names[0], names[199]], [
    1000,
    true,
    200,
    "name-499",
    "name-300",
  ]);
  assertEquals(presence.lookUp("me-999", 5).names, ["name-999"]);
  assertEquals(new Set(presence.lookUp("name", 1000).names).size, 1000);
});
