import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { Tail } from "../../lib/room/tail.ts";
import { message } from "../support/fakes.ts";
import { ManualClock } from "../support/manual_clock.ts";

const notice = { type: "join", name: "bob", count: 1 } as const;

Deno.test("a new tail stands at the end of the log", () => {
  const tail = new Tail(46, new ManualClock());
  assertEquals([tail.newest, tail.seq, tail.newestNotice], [0, 46, 0]);
  assertEquals([tail.at(0), tail.at(1)], [undefined, undefined]);
  assertEquals(tail.entries(46, 10), []);
  assertEquals(tail.entries(45, 10), undefined);
});

Deno.test("batches are numbered by turn, each with the seq of the newest entry so far", () => {
  const tail = new Tail(46, new ManualClock());
  tail.push([message(47), message(48)]);
  tail.push([notice]);
  tail.push([message(49)]);
  assertEquals([tail.newest, tail.seq, tail.newestNotice], [3, 49, 2]);
  assertEquals(tail.at(1), { events: [message(47), message(48)], seq: 48 });
  assertEquals(tail.at(2), { events: [notice], seq: 48 });
  assertEquals(tail.at(3)?.seq, 49);
  assertEquals([tail.at(0), tail.at(4)], [undefined, undefined]);
});

Deno.test("who has seen a turn gets what came after it, joined, and the very same as others", () => {
  const tail = new Tail(0, new ManualClock());
  tail.push([message(1)]);
  assertEquals(tail.serve(0), { batch: tail.at(1)!, number: 1 });
  tail.push([notice]);
  tail.push([message(2), message(3)]);
  const step = tail.serve(0);
  assertEquals(step, {
    batch: {
      events: [message(1), notice, message(2), message(3)],
      seq: 3,
      parts: [tail.at(1)!, tail.at(2)!, tail.at(3)!],
    },
    number: 3,
  });
  assertStrictEquals(tail.serve(0), step);
  assertStrictEquals(tail.serve(2)?.batch, tail.at(3));
});

Deno.test("entries that follow a gap are served to nobody who has not seen what is before it", () => {
  const tail = new Tail(0, new ManualClock());
  tail.push([message(1)]);
  tail.push([message(5)]);
  assertEquals([tail.seq, tail.serve(0), tail.serve(1)], [5, undefined, undefined]);
  tail.push([message(6)]);
  assertEquals(tail.serve(1), undefined);
  assertEquals(tail.serve(tail.newest - 1)?.batch.events, [message(6)]);
});

Deno.test("what is joined is no larger than what is stored together", () => {
  const tail = new Tail(0, new ManualClock());
  for (let seq = 1; seq <= 4; seq++) tail.push([message(seq, { text: "x".repeat(30_000) })]);
  assertEquals(tail.serve(0)?.number, 2);
  for (let seq = 5; seq <= 2000; seq++) tail.push([message(seq)]);
  assertEquals(tail.serve(4), undefined, "no longer there");
});

Deno.test("it is overfull while those who are being told cannot be told all", () => {
  const clock = new ManualClock();
  const tail = new Tail(0, clock);
  const turns: number[] = [];
  const waiters = Array.from({ length: 20 }, (_, i) => ({
    wake() {
      const turn = turns[i] = tail.serve(turns[i] ?? 0)!.number;
      tail.wait(this, turn, false);
    },
  }));
  waiters.forEach((waiter) => tail.wait(waiter, 0, false));
  tail.push([message(1, { text: "x".repeat(60_000) })]);
  assertEquals([tail.serving, tail.overfull], [true, false]);
  tail.push([message(2, { text: "x".repeat(60_000) })]);
  const overfull: boolean[] = [];
  for (const waiter of waiters.slice(16)) {
    waiter.wake(); // both at once are too much for them
    overfull.push(tail.overfull);
  }
  assertEquals(overfull, [true, true, true, true]);
  clock.advance(0);
  assertEquals([new Set(turns), tail.serving, tail.overfull], [new Set([2]), false, false]);
});

Deno.test("what the tail keeps is bounded in batches and in characters, the newest excepted", () => {
  const many = new Tail(0, new ManualClock());
  for (let seq = 1; seq <= 3000; seq++) many.push([message(seq)]);
  assertEquals([many.newest, many.seq], [3000, 3000]);
  assertEquals([many.at(3000 - 1024), many.at(3000 - 1023)?.seq], [undefined, 3000 - 1023]);

  const large = new Tail(0, new ManualClock());
  for (let seq = 1; seq <= 10; seq++) large.push([message(seq, { text: "x".repeat(300_000) })]);
  assertEquals([large.at(7), large.at(8)?.seq], [undefined, 8]);
  large.push([message(11, { text: "x".repeat(2_000_000) })]);
  assertEquals([large.at(10), large.at(11)?.seq], [undefined, 11]);
  for (let seq = 12; seq <= 500; seq++) large.push([message(seq)]);
  assertEquals([large.at(11), large.at(12)?.seq], [undefined, 12], "the giant went with the next");
});

Deno.test("entries come from the tail as from the log, or not at all", () => {
  const event = fc.nat(3).map((size) => size); // a batch of so many entries; 0 is a notice
  fc.assert(
    fc.property(fc.nat(5), fc.array(event), fc.nat(20), (before, sizes, limit) => {
      const tail = new Tail(before, new ManualClock());
      let seq = before;
      for (const size of sizes) {
        tail.push(size === 0 ? [notice] : Array.from({ length: size }, () => message(++seq)));
      }
      for (let after = 0; after <= seq; after++) {
        const expected = Array.from({ length: seq - after }, (_, i) => message(after + 1 + i));
        const found = tail.entries(after, limit);
        assertEquals(found, after < before ? undefined : expected.slice(0, limit));
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("entries that fell out of the tail are the log's to give", () => {
  const tail = new Tail(0, new ManualClock());
  for (let seq = 1; seq <= 1100; seq++) tail.push([message(seq)]);
  const oldest = 1100 - 1024 + 1;
  assertEquals(tail.entries(oldest - 2, 10), undefined);
  assertEquals(tail.entries(oldest - 1, 2)?.map(({ seq }) => seq), [oldest, oldest + 1]);
  assert(tail.entries(1090, 200)?.length === 10);
});

Deno.test("what a change concerns is told as it is from then on, and what was served before stays as it was", () => {
  const tail = new Tail(0, new ManualClock());
  tail.push([message(1), message(2)]);
  tail.push([notice]);
  tail.push([message(3)]);
  const [first, second, third] = [tail.at(1)!, tail.at(2)!, tail.at(3)!];
  const joined = tail.serve(0)!.batch;
  const by = { at: 9, from: "ann" };
  tail.push([{ type: "edit", seq: 4, ...by, ref: 2, text: "better" }]);
  const now = { ...message(2), text: "better", edited: 9, changed: 4 };
  assertEquals(tail.at(1), { events: [message(1), now], seq: 2 });
  assertStrictEquals(tail.at(2), second);
  assertStrictEquals(tail.at(3), third);
  assertEquals(tail.entries(1, 1), [now]);
  assertStrictEquals(tail.serve(0)!.batch.parts![0], tail.at(1));
  assertEquals(first.events, [message(1), message(2)]);
  assertEquals(joined.events, [message(1), message(2), notice, message(3)]);

  tail.push([{ type: "delete", seq: 5, ...by, ref: 2 }]);
  assertEquals(tail.at(4)?.events, [{ type: "edit", seq: 4, ...by, ref: 2, text: "" }]);
  const { seq, batch } = { seq: 5, batch: tail.at(1)! };
  assertEquals(batch.events[1], { ...message(2), text: "", deleted: true, changed: seq });
  // What it concerns may have left the tail, or may never have been in it.
  tail.push([{ type: "delete", seq: 6, ...by, ref: 99 }]);
  assertStrictEquals(tail.at(1), batch);
});

Deno.test("what a change adds to messages counts in what the tail keeps", () => {
  const tail = new Tail(0, new ManualClock());
  for (let seq = 1; seq <= 500; seq++) tail.push([message(seq)]);
  const text = "x".repeat(4000);
  for (let i = 1; i <= 500; i++) {
    tail.push([{ type: "edit", seq: 500 + i, at: 9, from: "ann", ref: i, text }]);
  }
  assertEquals(tail.at(1), undefined);
  assertEquals(tail.newest, 1000);
});
