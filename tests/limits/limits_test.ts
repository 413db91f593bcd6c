import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Bucket } from "../../lib/base/rate_limit.ts";
import { clientKey, type LimitOptions, Limits, NO_LIMITS } from "../../lib/limits/mod.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { ManualClock } from "../support/manual_clock.ts";

const ANN = "192.0.2.1";
const BOB = "192.0.2.2";

function create(options: Partial<LimitOptions> = {}) {
  const clock = new ManualClock();
  return { clock, limits: new Limits({ ...NO_LIMITS, ...options }, clock) };
}

/** How many of so many pass, and what the first that does not is told. */
function count(times: number, act: () => unknown): { passed: number; refusal?: Refusal } {
  for (let passed = 0; passed < times; passed++) {
    try {
      if (act() === false) return { passed };
    } catch (error) {
      assert(error instanceof Refusal);
      return { passed, refusal: error };
    }
  }
  return { passed: times };
}

Deno.test("a bucket lets through what a burst and the time that passes allow, and no more", () => {
  const step = fc.record({ ms: fc.nat(3000), cost: fc.integer({ min: 1, max: 5 }) });
  const rate = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 5, max: 20 }),
  });
  fc.assert(fc.property(rate, fc.array(step, { maxLength: 100 }), (rate, steps) => {
    const bucket = new Bucket(rate);
    let [now, level] = [0, rate.burst];
    for (const { ms, cost } of steps) {
      now += ms;
      level = Math.min(rate.burst, level + rate.perSecond * ms / 1000);
      const used = bucket.take(now, cost);
      if (Math.abs(level - cost) < 1e-6) return; // as good as equal: either is right
      assertEquals(used <= 1, level >= cost);
      if (used <= 1) level -= cost;
      else {
        const waitMs = bucket.waitMs(used);
        assert(Math.abs(level + rate.perSecond * waitMs / 1000 - cost) < 1e-6);
      }
    }
  }));
});

Deno.test("a connection is told once at half of its allowance, and cut where it goes on", () => {
  const { clock, limits } = create({ frames: { perSecond: 10, burst: 100 } });
  using allowance = limits.connect(ANN, "tcp");
  assertEquals(count(50, () => allowance.take(1) && !allowance.hasWarning), { passed: 50 });
  assert(allowance.take(1) && allowance.hasWarning);
  const { code, message, retryAfter } = allowance.warning();
  assertEquals([code, retryAfter], ["rate_limited", 5]);
  assertEquals(message, "you send too much: wait a few seconds, or you are cut off");
  assertEquals(count(1000, () => allowance.take(1)), { passed: 49 });
  assert(allowance.over && !allowance.hasWarning, "once is enough");
  clock.advance(3_600_000);
  assertEquals(allowance.take(1), false, "what is being cut stays so");
});

Deno.test("who is told and slows down goes on, and is told again another time", () => {
  const { clock, limits } = create({ frames: { perSecond: 10, burst: 100 } });
  using allowance = limits.connect(ANN, "tcp");
  for (let round = 0; round < 5; round++) {
    assertEquals(count(60, () => allowance.take(1)), { passed: 60 });
    assert(allowance.hasWarning);
    allowance.warning();
    clock.advance(10_000);
  }
  assertEquals(count(600, () => (clock.advance(100), allowance.take(1))), { passed: 600 });
});

Deno.test("many connections share what their address has, and a quiet one is not cut for the others", () => {
  const { clock, limits } = create({
    frames: { perSecond: 10, burst: 100 },
    addressFrames: { perSecond: 20, burst: 300 },
  });
  using quiet = limits.connect(ANN, "tcp");
  using elsewhere = limits.connect(BOB, "tcp");
  let passed = 0;
  for (let i = 0; i < 20; i++) {
    passed += count(100, () => limits.connect(ANN, "tcp").take(1)).passed;
  }
  // The burst of the address is gone after three of them; each new one has no more than its share.
  const hungry = Array.from({ length: 20 }, () => limits.connect(ANN, "tcp"));
  const shares = hungry.map((one) => count(1000, () => one.take(1)).passed);
  assert(shares.every((share) => share === 50), shares.join());
  assertEquals(passed, 2000, "one frame each is nobody's flood");
  for (let s = 0; s < 60; s++) {
    clock.advance(1000);
    hungry.forEach((one) => one.take(1));
    assertEquals(
      count(3, () => quiet.take(1)),
      { passed: 3 },
      "three a second are a person's pace",
    );
  }
  assertEquals(count(100, () => elsewhere.take(1)), { passed: 100 });
});

Deno.test("requests, reads and new connections are each counted by address, and told when to come back", () => {
  const rate = { perSecond: 2, burst: 20 };
  const { clock, limits } = create({ requests: rate, reads: rate, connects: rate });
  const kinds = [
    [() => limits.request(ANN), "too many requests from your address, try again in 1 s"],
    [
      () => limits.read(ANN),
      "too many searches and pages of history from your address, try again in 1 s",
    ],
    [
      () => void limits.connect(ANN, "tcp"),
      "too many new connections from your address, try again in 1 s",
    ],
  ] as const;
  for (const [act, message] of kinds) {
    const { passed, refusal } = count(1000, act);
    assertEquals([passed, refusal?.message, refusal?.retryAfter], [20, message, 1]);
    assertEquals(refusal?.code, "rate_limited");
  }
  limits.request(BOB);
  clock.advance(1000);
  assertEquals(count(1000, () => limits.request(ANN)).passed, 2);
});

Deno.test("/since is counted by connection, and as a read of its address", () => {
  const { limits } = create({
    seeks: { perSecond: 1, burst: 3 },
    reads: { perSecond: 1, burst: 5 },
  });
  using one = limits.connect(ANN, "tcp");
  using other = limits.connect(ANN, "tcp");
  const { passed, refusal } = count(10, () => one.seek());
  assertEquals([passed, refusal?.message], [3, "too many /since, try again in 1 s"]);
  assertEquals(count(10, () => other.seek()).passed, 2);
});

Deno.test("connections are counted while they are open, by address and in all", () => {
  const { limits } = create({ addressConnections: 3, connections: 5 });
  const anns = [limits.connect(ANN, "tcp"), limits.connect(ANN, "tcp"), limits.hold(ANN, "poll")];
  for (const act of [() => limits.connect(ANN, "tcp"), () => limits.hold(ANN, "poll")]) {
    const refusal = assertThrows(act, Refusal);
    assertEquals([refusal.code, refusal.retryAfter], ["rate_limited", 10]);
    assertEquals(
      refusal.message,
      "your address has 3 connections open, which is all it may; close some",
    );
  }
  const others = [limits.connect(BOB, "tcp"), limits.connect("192.0.2.3", "tcp")];
  const full = assertThrows(() => limits.connect("192.0.2.4", "tcp"), Refusal);
  assertEquals([full.code, full.message], ["unavailable", "the server is full, try again in 10 s"]);
  anns[0]![Symbol.dispose]();
  anns[0]![Symbol.dispose](); // twice is once
  assertEquals(limits.open, 4);
  others.push(limits.connect("192.0.2.4", "tcp"));
  [...anns, ...others].forEach((one) => one[Symbol.dispose]());
  assertEquals(limits.open, 0);
});

Deno.test("a connection that never opens is given up after 10 s, and one that has opened is not", () => {
  const { clock, limits } = create({ addressConnections: 2 });
  limits.awaitOpen(limits.connect(ANN, "tcp"));
  limits.awaitOpen(limits.connect(ANN, "tcp"))();
  clock.advance(9_999);
  assertThrows(() => limits.connect(ANN, "tcp"), Refusal);
  clock.advance(1);
  limits.connect(ANN, "tcp");
  clock.advance(60_000);
  assertThrows(() => limits.connect(ANN, "tcp"), Refusal);
});

Deno.test("addresses that tell nothing any more are forgotten, and no others", () => {
  const { clock, limits } = create({ requests: { perSecond: 1, burst: 1 } });
  using _open = limits.connect(ANN, "tcp");
  limits.request(ANN);
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 900; n++) limits.request(`10.0.${n >> 8}.${n & 255}`);
    clock.advance(1000);
  }
  limits.request(ANN);
  for (let n = 0; n < 2000; n++) limits.request(`10.1.${n >> 8}.${n & 255}`);
  assertThrows(() => limits.request(ANN), Refusal);
});

Deno.test("an IPv6 address stands for its /64, and an IPv4 address for itself however it is written", () => {
  const cases = [
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2::6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ];
  for (const [address, key] of cases) assertEquals(clientKey(address!), key, address);
});
