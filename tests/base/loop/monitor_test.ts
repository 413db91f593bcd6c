import { assert, assertEquals } from "@std/assert";
import { systemLoop } from "../../../lib/base/event_loop.ts";
import { LoopMonitor, SLOW_TURN_MS } from "../../../lib/base/loop/monitor.ts";
import { ManualClock } from "../../support/manual_clock.ts";

/** A loop of which a test says how long each piece of work takes. */
class BusyLoop extends ManualClock {
  #busy = 0;

  override monotonic(): number {
    return super.monotonic() + this.#busy;
  }

  /** Work that takes so long: what is due meanwhile is late. */
  readonly spend = (ms: number) => () => void (this.#busy += ms);
}

function watch() {
  const loop = new BusyLoop();
  const reports: string[] = [];
  const monitor = new LoopMonitor(loop, (what) => reports.push(what));
  monitor.start();
  return { loop, reports, monitor };
}

Deno.test("how late the loop was is counted all the time", () => {
  const { loop, monitor } = watch();
  for (let i = 0; i < 8; i++) loop.advance(20);
  assertEquals([monitor.delay.count, monitor.delay.max, monitor.delay.sum], [8, 0, 0]);
  loop.spend(7)();
  loop.advance(20);
  const { count, max, sum, buckets } = monitor.delay;
  assertEquals([count, max, sum], [9, 7, 7]);
  assertEquals(buckets.filter(({ count }) => count > 0), [
    { atMost: 1, count: 8 },
    { atMost: 10, count: 1 },
  ]);
  assertEquals(buckets.at(-1), { atMost: Infinity, count: 0 });
  monitor[Symbol.dispose]();
  assertEquals(loop.pending, 0);
});

Deno.test("a slow turn is reported with what it did, what took longest first", () => {
  const { loop, reports, monitor } = watch();
  monitor.soon(loop.spend(3), "storing messages");
  monitor.soon(loop.spend(30), "pages of the history");
  monitor.after(0, loop.spend(30), "pages of the history");
  monitor.soon(loop.spend(20));
  loop.advance(20);
  assertEquals(reports, [
    "the event loop stood still for 83 ms (pages of the history 60 ms in 2, storing messages 3 ms in 1)",
  ]);
});

Deno.test("a turn that is not slow is not reported, nor what was done before", () => {
  const { loop, reports, monitor } = watch();
  monitor.soon(loop.spend(SLOW_TURN_MS), "storing messages");
  loop.advance(20);
  assertEquals(reports, []);
  loop.spend(SLOW_TURN_MS + 1)();
  loop.advance(20);
  assertEquals(reports, [
    "the event loop stood still for 51 ms (with nothing that is known by name)",
  ]);
});

Deno.test("slow turns are reported once a minute, and the others are counted", () => {
  const { loop, reports, monitor } = watch();
  for (const ms of [60, 70, 400, 80]) {
    loop.spend(ms)();
    loop.advance(20);
  }
  assertEquals(reports.length, 1);
  loop.advance(60_000);
  loop.spend(90)();
  loop.advance(20);
  assertEquals(reports.slice(1), [
    "the event loop stood still for 90 ms (with nothing that is known by name)" +
    "; 3 more since the last report, up to 400 ms",
  ]);
  monitor[Symbol.dispose]();
});

Deno.test("work that throws is measured too, and its error goes on", () => {
  const { loop, reports, monitor } = watch();
  let thrown = "";
  monitor.soon(() => {
    loop.spend(100)();
    throw new Error("broken");
  }, "storing messages");
  try {
    loop.turn();
  } catch (error) {
    thrown = (error as Error).message;
  }
  loop.advance(20);
  assertEquals(thrown, "broken");
  assertEquals(reports, [
    "the event loop stood still for 100 ms (storing messages 100 ms in 1)",
  ]);
});

Deno.test("work that gives way leaves the loop alone from time to time", () => {
  const { loop, monitor } = watch();
  const ways: string[] = [];
  const { after, soon } = loop;
  loop.after = (ms, action) => (ways.push("alone"), after.call(loop, ms, action));
  loop.soon = (action) => {
    ways.push("at once");
    after.call(loop, 0, action);
  };
  let turns = 0;
  const work = () => {
    loop.spend(3)();
    if (++turns < 6) monitor.giveWay(work, "pages of the history");
  };
  monitor.giveWay(work, "pages of the history");
  loop.advance(0);
  assertEquals(ways, ["alone", "at once", "at once", "alone", "at once", "at once"]);
  loop.soon = soon;
});

Deno.test("what arrives while work goes on turn after turn is seen before the work is done", async () => {
  using monitor = new LoopMonitor(systemLoop, () => {});
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepting = listener.accept();
  using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port });
  using server = await accepting;
  let turns = 0;
  const { promise: worked, resolve } = Promise.withResolvers<void>();
  const work = () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
    if (++turns < 100) monitor.giveWay(work);
    else resolve();
  };
  let seenAt = Infinity;
  const seeing = server.read(new Uint8Array(1)).then(() => seenAt = turns);
  await client.write(new Uint8Array(1));
  work();
  await Promise.all([worked, seeing]);
  assert(seenAt < 30, `seen after ${seenAt} turns`);
});
