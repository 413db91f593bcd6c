import { assert, assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import type { Batch, RoomEvent } from "../../lib/model/events.ts";
import { type Entry, textOf } from "../../lib/model/message.ts";
import type { Reader } from "../../lib/room/reader.ts";
import { type Follower, LONGEST, TestRoom } from "../support/fakes.ts";

async function next(reader: Reader): Promise<Batch> {
  const { value, done } = await reader.next();
  assert(!done, "the reader has ended");
  return value;
}

function seqs(events: readonly RoomEvent[]): number[] {
  return events.filter((event) => event.type === "message").map(({ seq }) => seq);
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

const typing = { type: "typing", name: "ann" } as const;

Deno.test("a reader gets what is after its cursor, then live, then what happens", async () => {
  await using test = new TestRoom();
  await test.post("one", "two", "three");
  const follower = test.follow(1);
  await test.turn();
  assertEquals(follower.take(), [
    ...await test.log.read({ after: 1, limit: 9 }),
    { type: "live", seq: 3 },
  ]);
  await test.post("four");
  test.room.notify(typing);
  await test.turn();
  assertEquals(follower.take(), [...await test.log.read({ after: 3, limit: 9 }), typing]);
  assertEquals(follower.reader.seq, 4);
});

Deno.test("in an empty room, live comes at once", async () => {
  await using test = new TestRoom();
  assertEquals(await next(test.reader(0)), { events: [{ type: "live", seq: 0 }], seq: 0 });
});

Deno.test("a history comes in pages of 200 entries, and live with the last", async () => {
  await using test = new TestRoom();
  await test.fill(450);
  await test.overflow(); // from the log, not from the tail
  const reader = test.reader(0);
  const pages = [await next(reader), await next(reader), await next(reader)];
  assertEquals(pages.map(({ events }) => seqs(events)), [
    range(1, 200),
    range(201, 400),
    range(401, 450),
  ]);
  assertEquals(pages.map(({ seq }) => seq), [200, 400, 450]);
  await test.turn(); // the share of one turn of the event loop
  for (const seq of [451, 452]) assertEquals(seqs((await next(reader)).events), [seq]);
  const last = await next(reader);
  assertEquals(last.events.map(({ type }) => type), ["message", "live"]);
});

Deno.test("a page whose end is the end of the log is live, though it is full", async () => {
  await using test = new TestRoom();
  await test.fill(200);
  const { events } = await next(test.reader(0));
  assertEquals([events.length, events.at(-1)], [201, { type: "live", seq: 200 }]);
});

Deno.test("a page holds 64 K characters at most", async () => {
  await using test = new TestRoom();
  await test.post(...Array(41).fill(LONGEST));
  const reader = test.reader(0);
  const sizes: number[] = [];
  for (let seq = 0; seq < 41;) {
    const page = await next(reader);
    sizes.push(seqs(page.events).length);
    seq = page.seq;
  }
  assertEquals(sizes, [16, 16, 9]);
});

Deno.test("all who are caught up get the very same batch", async () => {
  await using test = new TestRoom();
  const early = test.follow();
  const late = test.follow();
  const stalled = test.follow();
  await test.turn();
  stalled.pause();
  await test.post("one", "two");
  await test.post("three");
  stalled.resume();
  await test.turn();
  assertEquals(early.batches.map(({ events }) => events.length), [1, 2, 1]);
  for (const other of [late, stalled]) {
    for (const i of [1, 2]) assertStrictEquals(other.batches[i], early.batches[i]);
  }
});

Deno.test("who falls out of the tail reads on from the log, and is told who is here", async () => {
  await using test = new TestRoom();
  test.visit("s-ann", "ann");
  const follower = test.follow();
  await test.turn();
  follower.pause();
  await test.post("seen before it stopped");
  follower.take();
  await test.overflow();
  test.visit("s-bob", "bob");
  await test.overflow();
  const { reads } = test.log;
  follower.resume();
  await test.turn();
  assert(test.log.reads > reads, "the tail would have done");
  assertEquals(seqs(follower.events), range(2, 7));
  assertEquals(follower.events.at(-1), { type: "presence", count: 2, names: ["ann", "bob"] });
  assertEquals(follower.types.filter((type) => type !== "message"), ["presence"]);
});

Deno.test("who misses notices between its welcome and live is told who is here", async () => {
  await using test = new TestRoom();
  await test.fill(300);
  const follower = test.follow(0);
  follower.pause();
  const leaving = test.visit("s-bob", "bob");
  leaving.leave(true);
  await test.turn();
  follower.resume();
  await test.turn();
  assertEquals(follower.events.slice(-2), [
    { type: "live", seq: 300 },
    { type: "presence", count: 0, names: [] },
  ]);
});

Deno.test("what is told to one reader comes to it alone, and before what is not under way", async () => {
  await using test = new TestRoom();
  await test.post("one");
  const told = test.reader(0);
  const other = test.follow(0);
  told.push({ type: "info", text: "welcome" });
  assertEquals((await next(told)).events.map(({ type }) => type), ["info", "message", "live"]);
  await test.post("two");
  told.push({ type: "info", text: "answer" });
  assertEquals((await next(told)).events, [{ type: "info", text: "answer" }]);
  assertEquals(seqs((await next(told)).events), [2]);
  assert(!other.types.includes("info"));
});

Deno.test("the answers of one turn go out together", async () => {
  await using test = new TestRoom();
  const follower = test.follow();
  await test.turn();
  for (let i = 0; i < 100; i++) {
    Promise.resolve().then(() => follower.reader.push({ type: "ack", seq: i, duplicate: false }));
  }
  await test.turn();
  assertEquals(follower.batches.map(({ events }) => events.length), [1, 100]);
  assertEquals(follower.reader.backlog, 0);
});

Deno.test("what is told to one who does not read is counted", async () => {
  await using test = new TestRoom();
  const reader = test.reader();
  for (let i = 0; i < 7; i++) reader.push({ type: "info", text: "?" });
  await test.turn();
  assertEquals(reader.backlog, 7);
});

Deno.test("a seek goes on from another place, as a new reader would", async () => {
  await using test = new TestRoom();
  await test.post("one", "two", "three");
  const follower = test.follow();
  await test.turn();
  follower.take();
  test.room.notify(typing);
  await test.turn();
  follower.take();
  follower.reader.seek({ after: 1, resumed: true });
  await test.turn();
  assertEquals([seqs(follower.events), follower.types.at(-1)], [[2, 3], "live"]);
  follower.take();
  await test.post("four");
  assertEquals(seqs(follower.events), [4]);
});

Deno.test("a seek while a page is being read forgets that page", async () => {
  await using test = new TestRoom();
  await test.fill(10);
  await test.overflow();
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const follower = test.follow(0);
  await test.turn();
  follower.reader.seek({ after: 8, resumed: true });
  test.log.gate = undefined;
  gate.resolve();
  await test.turn();
  assertEquals(seqs(follower.events), range(9, 13));
});

Deno.test("however often a reader is moved while it waits for a page, it asks for one at a time", async () => {
  await using test = new TestRoom();
  await test.fill(400);
  await test.overflow();
  const follower = test.follow(0);
  for (let i = 0; i < 1000; i++) follower.reader.seek({ after: i % 2, resumed: true });
  const { reads } = test.log;
  assertEquals(reads, 1);
  await test.turn();
  assertEquals(seqs(follower.events), range(2, 403));
});

Deno.test("entries that come while a page is being read are neither lost nor doubled", async () => {
  await using test = new TestRoom();
  await test.fill(10);
  await test.overflow();
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const follower = test.follow(0);
  await test.turn();
  test.log.gate = undefined;
  await test.post("meanwhile");
  await test.overflow();
  gate.resolve();
  await test.turn();
  assertEquals(seqs(follower.events), range(1, 17));
});

Deno.test("who stands before what was trimmed is told of the gap, never led over it", async () => {
  await using test = new TestRoom({ recent: 2 });
  await test.fill(10);
  const follower = test.follow(3);
  follower.pause();
  await test.turn();
  follower.take();
  await test.overflow();
  await test.log.trim(13, 100);
  follower.resume();
  await test.turn();
  follower.reader.seek({ after: 5, resumed: true });
  await test.turn();
  const { epoch } = test.log;
  assertEquals(follower.events.filter(({ type }) => type === "reset"), [
    { type: "reset", reason: "gap", epoch, first: 13, last: 13, asked: 10 },
    { type: "reset", reason: "gap", epoch, first: 13, last: 13, asked: 5 },
  ]);
  assertEquals(seqs(follower.events), [13, 13]);
});

Deno.test("who finishes gets all there is, and what it was told, and then the end", async () => {
  await using test = new TestRoom();
  await test.fill(250);
  const behind = test.follow(0);
  behind.reader.finish();
  behind.reader.push({ type: "info", text: "bye" });
  await behind.ended;
  assertEquals(seqs(behind.events), range(1, 250));
  assert(behind.types.includes("info"));

  const waiting = test.follow();
  await test.turn();
  waiting.reader.finish();
  await waiting.ended;
  assertEquals(waiting.types, ["live"]);
});

Deno.test("a reader that is closed ends at once, whatever it was doing, and stays so", async () => {
  await using test = new TestRoom();
  await test.overflow();
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const reading = test.follow(0);
  const waiting = test.follow();
  await test.turn();
  reading.reader.close();
  waiting.reader.close();
  waiting.reader.close();
  gate.resolve();
  await Promise.all([reading.ended, waiting.ended]);
  assertEquals([reading.types, waiting.types], [[], ["live"]]);
  waiting.reader.push({ type: "info", text: "too late" });
  assertEquals(await waiting.reader.next(), { value: undefined, done: true });
  test.log.gate = undefined;
  await test.post("after the end");
  assertEquals(waiting.types, ["live"]);
});

Deno.test("who leaves the loop has ended the reader", async () => {
  await using test = new TestRoom();
  const reader = test.reader();
  for await (const _ of reader) break;
  assertEquals((await reader.next()).done, true);
  using disposed = test.reader();
  disposed[Symbol.dispose]();
  assertEquals((await disposed.next()).done, true);
});

Deno.test("what is delivered is what iterating yields, in order, until the reader ends", async () => {
  await using test = new TestRoom();
  await test.fill(450);
  const [delivered, iterated] = [test.reader(0), test.follow(0)];
  const batches: Batch[] = [];
  const ends: unknown[][] = [];
  delivered.deliver((batch) => batches.push(batch) > 0, (...error) => ends.push(error));
  await test.turn();
  await test.post("a");
  delivered.push({ type: "info", text: "for you alone" });
  await test.post("b");
  const own = batches.flatMap(({ events }) => events).filter(({ type }) => type === "info");
  assertEquals(own.length, 1);
  const shared = batches.flatMap(({ events }) => events).filter(({ type }) => type !== "info");
  assertEquals(shared, iterated.events);
  assertEquals(ends, []);
  delivered.close();
  assertEquals(ends, [[]]);
  await test.post("c");
  assertEquals([delivered.seq, ends.length], [452, 1]);
});

Deno.test("a reader that becomes urgent while it waits is served before the others", async () => {
  await using test = new TestRoom();
  const served: number[] = [];
  const readers = Array.from({ length: 40 }, () => test.reader());
  for (const [i, reader] of readers.entries()) {
    reader.deliver(() => served.push(i) > 0, () => {});
  }
  await test.turn();
  served.length = 0;
  readers[39]!.urgent = true;
  await test.post("one");
  assertEquals([served[0], served.length], [39, 40]);
});

Deno.test("nothing is delivered until there may be more, nor after a no or a failure", async () => {
  await using test = new TestRoom();
  const may = Promise.withResolvers<boolean>();
  const failure = new Error("cannot write");
  const cases = [
    { write: () => may.promise, ends: [] },
    { write: () => false, ends: [[]] },
    { write: () => Promise.resolve(false), ends: [[]] },
    { write: () => Promise.reject(failure), ends: [[failure]] },
    {
      write: () => {
        throw failure;
      },
      ends: [[failure]],
    },
  ];
  const found = cases.map(({ write }) => {
    const [batches, ends]: [Batch[], unknown[][]] = [[], []];
    test.reader().deliver(
      (batch) => (batches.push(batch), write()),
      (...error) => ends.push(error),
    );
    return { batches, ends };
  });
  await test.turn();
  await test.post("a");
  await test.post("b");
  assertEquals(found.map(({ ends }) => ends), cases.map(({ ends }) => ends));
  assertEquals(found.map(({ batches }) => batches.length), [1, 1, 1, 1, 1]);
  may.resolve(true);
  await test.turn();
  const [waited] = found;
  assertEquals(seqs(waited!.batches.flatMap(({ events }) => [...events])), [1, 2]);
});

Deno.test("a log that cannot be read ends a delivery with why", async () => {
  await using test = new TestRoom();
  await test.overflow();
  test.log.failure = new Error("I/O error");
  const ends: unknown[][] = [];
  test.reader(0).deliver(() => true, (...error) => ends.push(error));
  await test.turn();
  assertEquals(ends, [[test.log.failure]]);
});

Deno.test("a log that cannot be read fails the reader's turn, and the next may succeed", async () => {
  await using test = new TestRoom();
  await test.overflow();
  const reader = test.reader(0);
  reader.push({ type: "info", text: "kept" });
  test.log.failure = new Error("I/O error");
  await assertRejects(() => reader.next(), Error, "I/O error");
  test.log.failure = undefined;
  assertEquals((await next(reader)).events.map(({ type }) => type), ["info", "message"]);
});

/** One reader of the model: where it was put, and what must have come since. */
interface Watched {
  readonly follower: Follower;
  /** Names as it knows them from its welcome, the notices and `presence`. */
  readonly names: Set<string>;
  after: number;
  closed: boolean;
}

function hear(watched: Watched, log: readonly Entry[]): void {
  for (const event of watched.follower.take()) {
    if (event.type === "message") assertEquals(event, log[watched.after++], "a hole or a double");
    if (event.type === "live") assertEquals(event.seq, watched.after);
    if (event.type === "join") watched.names.add(event.name);
    if (event.type === "leave") watched.names.delete(event.name);
    if (event.type === "presence") {
      watched.names.clear();
      for (const name of event.names!) watched.names.add(name);
    }
  }
}

Deno.test("whatever happens, a reader sees the log after its cursor, without holes or doubles", async () => {
  const who = fc.nat(4);
  const place = fc.double({ min: 0, max: 1, noNaN: true });
  const operation = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({
        type: fc.constant("post" as const),
        size: fc.constantFrom(1, 10, 1000, 3900),
        times: fc.constantFrom(1, 1, 1, 8, 100),
      }),
    },
    { weight: 3, arbitrary: fc.record({ type: fc.constant("turn" as const) }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("read" as const), place }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("stall" as const), who }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constant("resume" as const), who }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("seek" as const), who, place }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("close" as const), who }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("enter" as const), who }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constant("leave" as const), who }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 50 }), async (operations) => {
      await using test = new TestRoom();
      const readers: Watched[] = [];
      const members = new Map<number, { leave(goodbye: boolean): void }>();
      let posted = 0;
      const log = async () => await test.log.read({ after: 0, limit: 10_000 });
      for (const op of operations) {
        const reader = "who" in op ? readers[op.who % (readers.length || 1)] : undefined;
        switch (op.type) {
          case "post":
            for (let i = 0; i < op.times; i++) {
              const text = `${++posted} ${"x".repeat(op.size)}`;
              test.room.post({ sender: "s", from: "ann", text });
            }
            break;
          case "turn":
            await test.turn();
            break;
          case "read": {
            const after = Math.round(op.place * test.log.last);
            const names = new Set(test.room.presence().names);
            readers.push({ follower: test.follow(after), names, after, closed: false });
            break;
          }
          case "stall":
            reader?.follower.pause();
            break;
          case "resume":
            reader?.follower.resume();
            break;
          case "seek": {
            if (!reader || reader.closed) break;
            await test.turn(); // what was under way has arrived
            hear(reader, await log());
            reader.after = Math.round(op.place * test.log.last);
            reader.follower.reader.seek({ after: reader.after, resumed: true });
            break;
          }
          case "close":
            if (!reader) break;
            reader.closed = true;
            reader.follower.reader.close();
            break;
          case "enter":
            if (!members.has(op.who)) {
              // What was announced before is pushed by it, and then known from the welcome.
              members.set(op.who, test.visit(`s-${op.who}`, `p${op.who}`));
            }
            break;
          case "leave":
            members.get(op.who)?.leave(true);
            members.delete(op.who);
        }
      }
      for (const { follower } of readers) follower.resume();
      do await test.turn(); while (test.log.last < posted);
      const entries = await log();
      assertEquals(entries.map((entry) => Number(textOf(entry).split(" ")[0])), range(1, posted));
      for (const watched of readers) {
        hear(watched, entries);
        if (watched.closed) continue;
        assertEquals(watched.after, posted, "it has not seen the end");
        assertEquals([...watched.names].sort(), [...test.room.presence().names!].sort());
      }
    }),
    { numRuns: 100 },
  );
});
