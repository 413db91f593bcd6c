import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { PAGE, PAGES_A_TURN, READS_A_TURN } from "../../lib/room/catch_up.ts";
import { type Follower, TestRoom } from "../support/fakes.ts";
import { settle } from "../support/manual_clock.ts";
import { type Entry, textOf } from "../../lib/model/message.ts";

/** So many pages in the log, and nothing of them in the tail. */
async function pages(test: TestRoom, count: number, text?: string): Promise<void> {
  await test.fill(count * PAGE, text);
  await test.overflow();
  test.log.reads = 0;
}

/** One turn of the event loop, and what follows from it. */
async function turn(test: TestRoom): Promise<void> {
  test.clock.turn();
  await settle();
}

/** Turns until then; how many it took. */
async function turnsUntil(test: TestRoom, done: () => boolean): Promise<number> {
  for (let turns = 0;; turns++) {
    if (done()) return turns;
    assert(turns < 1000, "it never comes");
    await turn(test);
  }
}

function isLive(follower: Follower): boolean {
  return follower.types.includes("live");
}

Deno.test("readers at the same place have each page read once, and share it by identity", async () => {
  await using test = new TestRoom();
  await pages(test, 5);
  const followers = Array.from({ length: 40 }, () => test.follow(0));
  await turnsUntil(test, () => followers.every(isLive));
  assertEquals(test.log.reads, 6, "five pages, and one of what has left the tail");
  const [first] = followers;
  for (const follower of followers) {
    assertEquals(
      follower.entries.map(({ seq }) => seq),
      Array.from({ length: 1003 }, (_, i) => i + 1),
    );
    for (let i = 0; i < 5; i++) assertStrictEquals(follower.batches[i], first!.batches[i]);
  }
});

Deno.test("what is told to one reader beside a shared page is not in the page", async () => {
  await using test = new TestRoom();
  await test.fill(10);
  const [told, other] = [test.follow(0), test.follow(0)];
  told.reader.push({ type: "info", text: "for you alone" });
  await test.turn();
  assertEquals([told.types.filter((type) => type === "info").length, other.types.length], [1, 11]);
  const shared = [told, other].map(({ batches: [batch] }) =>
    batch!.parts!.find(({ events }) => events[0]?.type === "message")
  );
  assertStrictEquals(shared[0], shared[1]);
  assertEquals(shared[0]!.events.length, 10);
});

Deno.test("readers that began at different places need the same pages after the first", async () => {
  await using test = new TestRoom();
  await pages(test, 5);
  const followers = [0, 1, 50, 199].map((after) => test.follow(after));
  await turnsUntil(test, () => followers.every(isLive));
  assertEquals(test.log.reads, 4 + 4 + 1);
});

Deno.test("so many pages are read in one turn, and so many handed over, however many catch up", async () => {
  await using test = new TestRoom();
  await pages(test, 30);
  const followers = Array.from({ length: 60 }, (_, i) => test.follow((i % 30) * PAGE));
  const batches = () => followers.reduce((sum, { batches }) => sum + batches.length, 0);
  for (let turns = 0; !followers.every(isLive); turns++) {
    assert(turns < 1000);
    const before = { reads: test.log.reads, batches: batches() };
    await turn(test);
    const reads = test.log.reads - before.reads;
    const handed = batches() - before.batches;
    assert(reads <= READS_A_TURN, `${reads} pages were read in one turn`);
    assert(handed <= PAGES_A_TURN, `${handed} pages were handed over in one turn`);
  }
});

Deno.test("a message is stored and delivered between the pages of those who catch up", async () => {
  await using test = new TestRoom();
  await pages(test, 20);
  const live = test.follow();
  await test.turn();
  const behind = Array.from({ length: 100 }, () => test.follow(0));
  await turn(test);
  const posted = test.room.post({ sender: "s-ann", from: "ann", text: "now" });
  let acked = false;
  posted.then(() => acked = true);
  const turns = await turnsUntil(
    test,
    () => acked && live.entries.slice(-1).some((entry) => textOf(entry) === "now"),
  );
  assert(turns <= 3, `it took ${turns} turns`);
  assert(behind.every((follower) => !isLive(follower)));
});

Deno.test("the reader that has waited longest is served first", async () => {
  await using test = new TestRoom();
  await pages(test, 3);
  const followers = Array.from({ length: 3 * PAGES_A_TURN }, () => test.follow(0));
  await settle();
  for (let round = 0; round < 3; round++) {
    const served = followers.map(({ batches }) => batches.length > 0);
    assertEquals(served.indexOf(false), round === 2 ? -1 : (round + 1) * PAGES_A_TURN);
    await turn(test);
  }
});

Deno.test("an edit of what is no longer kept says nothing, from wherever it is read", async () => {
  await using test = new TestRoom();
  await test.fill(10);
  const edit = { type: "edit", sender: "s-ann", from: "ann", notBefore: 0 } as const;
  await test.log.append([{ ...edit, ref: 1, text: "old" }, { ...edit, ref: 9, text: "new" }]);
  const edits = async () => {
    const follower = test.follow(9);
    await turnsUntil(test, () => isLive(follower));
    return follower.entries.filter(({ type }) => type === "edit").map(textOf);
  };
  assertEquals(await edits(), ["old", "new"]);
  await test.log.trim(5, 1000);
  assertEquals(await edits(), ["", "new"], "the page is kept");
  await test.turn(20_000);
  assertEquals(await edits(), ["", "new"], "the page is made of the tail");
});

Deno.test("a page that was trimmed is not handed out, though it is still kept", async () => {
  await using test = new TestRoom({ recent: 0 });
  await pages(test, 2);
  const early = test.follow(0);
  await turnsUntil(test, () => isLive(early));
  await test.log.trim(201, 1000);
  const late = test.follow(0);
  const next = test.follow(PAGE);
  await test.turn();
  assertEquals(late.types, ["reset", "live"]);
  assertEquals(next.entries[0]?.seq, PAGE + 1);
});

Deno.test("a page that ended where the log did is read anew when there is more", async () => {
  await using test = new TestRoom();
  await test.fill(10);
  const early = test.follow(0);
  await test.turn();
  await test.post("eleven");
  const late = test.follow(0);
  await test.turn();
  assertEquals([early.entries.length, late.entries.length], [11, 11]);
  assertEquals(late.batches.length, 1);
  assert(late.batches[0]!.parts![0] !== early.batches[0]!.parts![0]);
});

Deno.test("what is kept of the pages is bounded, and dropped when nobody catches up", async () => {
  await using test = new TestRoom();
  await pages(test, 12, "x".repeat(500)); // a page has 100,000 characters, and is cut at 64 K
  const read = async (after: number) => {
    const before = test.log.reads;
    using reader = test.reader(after);
    const reading = reader.next();
    await turn(test);
    await reading;
    return test.log.reads - before;
  };
  assertEquals(await read(0), 1);
  assertEquals(await read(0), 0, "kept");
  const whole = test.follow(PAGE);
  await turnsUntil(test, () => isLive(whole));
  assertEquals(await read(0), 1, "a million characters have been read since");
  assertEquals(await read(0), 0);
  await test.turn(5_000);
  await test.turn(5_000);
  assertEquals(await read(0), 1, "nobody has needed it for a while");
});

Deno.test("nothing is read for readers that were closed while they waited", async () => {
  await using test = new TestRoom();
  await pages(test, 50);
  const followers = Array.from({ length: 50 }, (_, i) => test.follow(i * PAGE));
  await settle();
  const { reads } = test.log;
  assertEquals(reads, READS_A_TURN);
  const closing = followers.map((follower) => follower.close());
  await turn(test);
  await Promise.all(closing);
  assertEquals(test.log.reads, reads);
});

Deno.test("a log that fails while many wait fails each of them, and is asked again", async () => {
  await using test = new TestRoom();
  await pages(test, 2);
  test.log.failure = new Error("I/O error");
  const readers = Array.from({ length: 3 }, () => test.reader(0));
  const asked = readers.map((reader) => reader.next().then(() => "read", () => "failed"));
  assertEquals(await Promise.all(asked), ["failed", "failed", "failed"]);
  test.log.failure = undefined;
  for (const reader of readers) {
    const batch = await reader.next();
    assertEquals(batch.value?.events.length, PAGE);
    reader.close();
  }
});

const ANN = { sender: "s-ann", from: "ann" };

Deno.test("a page that is kept is told as it is after a change, and the other pages stay", async () => {
  await using test = new TestRoom();
  await test.fill(3 * PAGE);
  // So that the tail has none of it, and the pages of what it has stay small.
  for (let i = 0; i < 1100; i++) await test.log.append([{ ...ANN, text: "later" }]);
  const before = test.follow(0);
  await turnsUntil(test, () => isLive(before));
  const old = [...before.batches];
  await test.log.append([{ type: "delete", ...ANN, ref: 7 }]);
  await test.turn();
  const { reads } = test.log;
  const after = test.follow(0);
  await turnsUntil(test, () => isLive(after));
  assertEquals(test.log.reads - reads, 0, "the pages were kept");
  assertEquals(after.entries[6]?.type === "message" && after.entries[6].deleted, true);
  assertStrictEquals(after.batches[1], old[1]);
  assertEquals(textOf(old[0]!.events[6] as Entry), "filler", "what was handed out is not changed");
});

Deno.test("a page that is read while a change is stored is told as it is after it", async () => {
  await using test = new TestRoom();
  await pages(test, 1);
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const follower = test.follow(0);
  await test.turn();
  assertEquals([test.log.reads, follower.entries.length], [1, 0]);
  const deleting = test.log.append([{ type: "delete", ...ANN, ref: 7 }]);
  await test.turn();
  test.log.gate = undefined;
  gate.resolve();
  await deleting;
  await turnsUntil(test, () => isLive(follower));
  assertEquals(textOf(follower.entries[6]!), "");
});
