import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Refusal } from "../../lib/model/refusal.ts";
import { HouseRules, KICK_MS } from "../../lib/moderation/mod.ts";
import { nameKey } from "../../lib/names/mod.ts";
import { Registry, type Taken } from "../../lib/registry/mod.ts";
import { ManualClock } from "../support/manual_clock.ts";

const poster = (session: string | undefined, fields: { address?: string; name?: string } = {}) => ({
  session,
  proof: undefined,
  address: undefined,
  ...fields,
});

function taken(type: Taken["type"], fields: Partial<Taken>): Taken {
  const name = fields.name ?? "eve";
  return {
    type,
    name,
    key: nameKey(name),
    session: undefined,
    addresses: [],
    by: "ann",
    reason: "",
    at: 0,
    until: undefined,
    ...fields,
  };
}

Deno.test("a mute and a ban end by themselves, a kick after a minute", () => {
  const clock = new ManualClock();
  using registry = new Registry(":memory:", clock, () => {});
  const rules = new HouseRules(registry, clock);
  const until = clock.now() + 5000;
  registry.now(() => rules.measures.add(taken("mute", { session: "m", until })));
  registry.now(() => rules.measures.add(taken("ban", { name: "bert", session: "b", until })));
  rules.kick("k", "kim", { type: "kick", until: clock.now() + KICK_MS });
  for (const session of ["m", "b", "k"]) {
    assertThrows(() => rules.checkPost(poster(session)), Refusal);
  }
  clock.advance(5000);
  for (const session of ["m", "b"]) rules.checkPost(poster(session));
  assertThrows(() => rules.checkPost(poster("k")), Refusal);
  clock.advance(KICK_MS - 5000);
  rules.checkPost(poster("k"));
});

Deno.test("a name in other letters is the same name, and an IPv6 address stands for its /64", () => {
  const clock = new ManualClock();
  using registry = new Registry(":memory:", clock, () => {});
  const rules = new HouseRules(registry, clock);
  registry.now(() => rules.measures.add(taken("ban", { addresses: ["2001:db8:0:1::/64"] })));
  for (const name of ["eve", "EVE", "ｅｖｅ", "еvе"]) { // the last one in Cyrillic
    assertThrows(() => rules.checkPost(poster(undefined, { name })), Refusal, "banned", name);
  }
  assertThrows(() => rules.checkPost(poster("s", { address: "2001:db8:0:1:2:3:4:5" })), Refusal);
  rules.checkPost(poster("s", { address: "2001:db8:0:2::1" }));
});

Deno.test("the measures in memory are those in the registry, whatever is done and in which order", () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant("add" as const), who: fc.nat(3), ms: fc.nat(3) }),
    fc.record({ do: fc.constantFrom("end" as const, "restore" as const), number: fc.nat(8) }),
    fc.record({ do: fc.constant("wait" as const), ms: fc.nat(2) }),
  );
  fc.assert(fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
    const clock = new ManualClock();
    using registry = new Registry(":memory:", clock, () => {});
    const { measures } = new HouseRules(registry, clock);
    const model: { until: number; ended: boolean }[] = [];
    for (const each of steps) {
      if (each.do === "wait") clock.advance(each.ms * 1000);
      else if (each.do === "add") {
        const until = clock.now() + each.ms * 1000;
        registry.now(() => measures.add(taken("ban", { session: `s${each.who}`, until })));
        model.push({ until, ended: false });
      } else {
        const found = model[each.number - 1];
        registry.now(() =>
          each.do === "end" ? measures.end(each.number) : measures.restore(each.number)
        );
        if (found) found.ended = each.do === "end";
      }
      const expected = model.flatMap(({ until, ended }, i) =>
        !ended && until > clock.now() ? [i + 1] : []
      );
      const numbers = () => measures.all("ban").map(({ number }) => number).toSorted();
      assertEquals(numbers(), expected.toSorted());
      measures.refresh();
      assertEquals(numbers(), expected.toSorted());
    }
  }));
});

Deno.test("in slow mode each sender waits for the own message alone, and posts without a session for the address", () => {
  const clock = new ManualClock();
  using registry = new Registry(":memory:", clock, () => {});
  registry.db.exec("INSERT INTO room_settings VALUES ('slow', 10)");
  const rules = new HouseRules(registry, clock);
  rules.takeTurn(poster("a"));
  rules.takeTurn(poster("b"));
  rules.takeTurn(poster(undefined, { address: "192.0.2.7" }));
  clock.advance(9_999);
  for (const who of [poster("a"), poster(undefined, { address: "192.0.2.7", name: "other" })]) {
    const refusal = assertThrows(() => rules.takeTurn(who), Refusal);
    assertEquals([refusal.code, refusal.retryAfter], ["rate_limited", 1]);
  }
  clock.advance(1);
  rules.takeTurn(poster("a"));
});
