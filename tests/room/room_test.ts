import { assert, assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import fc from "fast-check";
import { createEncodings } from "../../lib/wire/encodings.ts";
import type { Batch, RoomEvent } from "../../lib/model/events.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import type { Visit } from "../../lib/room/visit.ts";
import { LONGEST, TestRoom } from "../support/fakes.ts";
import { settle } from "../support/manual_clock.ts";
import { textOf } from "../../lib/model/message.ts";

async function refused(promise: Promise<unknown>) {
  const { code, message, retryAfter } = await assertRejects(() => promise, Refusal);
  return [code, message, retryAfter] as const;
}

Deno.test("a message comes back to its sender the way everybody gets it", async () => {
  await using test = new TestRoom();
  const ann = test.visit("s-ann", "ann");
  const [own, other] = [test.follow(), test.follow()];
  await test.turn();
  const posted = ann.post({ text: "hi\x07", id: "c-7f" });
  await test.turn();
  assertEquals(await posted, { seq: 1, duplicate: false });
  const entry = { type: "message", seq: 1, at: 0, id: "c-7f", from: "ann", text: "hi" } as const;
  assertEquals([own.entries, other.entries], [[entry], [entry]]);
});

Deno.test("what comes in during one turn is one transaction, one batch and one encoding", async () => {
  await using test = new TestRoom();
  const readers = Array.from({ length: 20 }, () => test.follow());
  await test.turn();
  readers.forEach((reader) => reader.take());
  const people = Array.from({ length: 10 }, (_, i) => test.visit(`s-${i}`, `p${i}`));
  await test.turn();
  readers.forEach((reader) => reader.take());
  const posts = people.flatMap((person) =>
    Array.from({ length: 30 }, (_, i) => person.post({ text: `${i}` }))
  );
  await test.turn();
  await Promise.all(posts);
  assertEquals(test.log.appends, [300]);
  assertEquals(test.log.reads, 0);
  assertEquals(new Set(readers.flatMap(({ batches }) => batches)).size, 1);
  assert(readers.every(({ batches }) => batches.length === 1));

  let stringified = 0;
  const encode = createEncodings("k");
  const counted: Batch = {
    seq: 300,
    events: readers[0]!.events.map((event) => ({ ...event, toJSON: () => (stringified++, event) })),
  };
  for (const _ of readers) encode.frame(counted);
  assertEquals(stringified, 300);
});

Deno.test("no more is stored than those who read can take", async () => {
  await using test = new TestRoom();
  const readers = Array.from({ length: 40 }, () => test.follow());
  await test.turn();
  const BATCH = 16;
  const posts: Promise<unknown>[] = [];
  let most = 0;
  for (let more = true; more || posts.length < 8 * BATCH;) {
    // A batch of which two do not fit in one frame.
    for (let i = 0; i < BATCH && posts.length < 8 * BATCH; i++) {
      posts.push(test.room.post({ sender: "s", from: "ann", text: LONGEST }));
    }
    await settle();
    more = test.clock.turn();
    await settle();
    const least = Math.min(...readers.map(({ entries }) => entries.length));
    most = Math.max(most, test.log.last - least);
  }
  await Promise.all(posts);
  assertEquals(most, 2 * BATCH, "the third batch has to wait");
  for (const { entries } of readers) {
    assertEquals(entries.map(({ seq }) => seq), Array.from({ length: 8 * BATCH }, (_, i) => i + 1));
  }
});

Deno.test("a message alone is stored at the end of its turn", async () => {
  await using test = new TestRoom();
  await test.post("alone");
  assertEquals(test.log.appends, [1]);
  assertEquals(test.clock.now(), 0);
});

Deno.test("a batch holds 512 messages and 64 K characters at most, in the order of posting", async () => {
  await using test = new TestRoom();
  await test.post(...Array.from({ length: 1100 }, (_, i) => `${i}`));
  assertEquals(test.log.appends.splice(0), [512, 512, 76]);
  await test.post(...Array(22).fill(LONGEST));
  assertEquals(test.log.appends, [16, 6]);
  const texts = (await test.log.read({ after: 0, limit: 1100 })).map(textOf);
  assertEquals(texts, texts.map((_, i) => `${i}`));
});

Deno.test("what comes in while the log is storing is the next batch", async () => {
  await using test = new TestRoom();
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const first = test.room.post({ sender: "s", from: "ann", text: "first" });
  await test.turn();
  const rest = [1, 2, 3].map((i) => test.room.post({ sender: "s", from: "ann", text: `${i}` }));
  await test.turn();
  assertEquals(test.log.appends, [1]);
  gate.resolve();
  await test.turn();
  assertEquals((await first).seq, 1);
  assertEquals((await Promise.all(rest)).map(({ seq }) => seq), [2, 3, 4]);
  assertEquals(test.log.appends, [1, 3]);
});

Deno.test("a retry is a duplicate, in the same turn, in flight and later; nobody sees it twice", async () => {
  await using test = new TestRoom();
  const [one, two] = [test.visit("s-ann", "ann"), test.visit("s-ann", "ann")];
  const bob = test.visit("s-bob", "bob");
  const follower = test.follow();
  const post = (member: Visit) => member.post({ text: "hi", id: "x" });
  const together = [post(one), post(two), post(bob)];
  await test.turn();
  const later = post(two);
  await test.turn();
  assertEquals(await Promise.all([...together, later]), [
    { seq: 1, duplicate: false },
    { seq: 1, duplicate: true },
    { seq: 2, duplicate: false },
    { seq: 1, duplicate: true },
  ]);
  assertEquals(follower.entries.map(({ seq }) => seq), [1, 2]);
});

Deno.test("what is no message is refused before anything is stored", async () => {
  await using test = new TestRoom();
  const ann = test.visit("s-ann", "ann");
  assertEquals((await refused(ann.post({ text: "" })))[0], "bad_request");
  assertEquals((await refused(ann.post({ text: 7 })))[0], "bad_request");
  assertEquals((await refused(ann.post({ text: "hi", id: "" })))[0], "bad_request");
  assertEquals((await refused(ann.post({ text: "x".repeat(4001) })))[0], "too_long");
  await test.turn();
  assertEquals(test.log.appends, []);
});

Deno.test("who posts too fast is told when to try again, and then may", async () => {
  await using test = new TestRoom({ rate: { perSecond: 5, burst: 10 } });
  const ann = test.visit("s-ann", "ann");
  const bob = test.visit("s-bob", "bob");
  const posts = Array.from({ length: 10 }, () => ann.post({ text: "hi" }));
  assertEquals(await refused(ann.post({ text: "one more" })), [
    "rate_limited",
    "rate limited, try again in 1 s",
    1,
  ]);
  posts.push(bob.post({ text: "not limited" }));
  await test.turn(1000);
  posts.push(ann.post({ text: "later" }));
  await test.turn();
  assertEquals((await Promise.all(posts)).map(({ seq }) => seq).at(-1), 12);
});

Deno.test("what was said can be edited for so long, and deleted and reacted to for ever", async () => {
  await using test = new TestRoom({ editForMs: 60_000 });
  const ann = test.visit("s-ann", "ann");
  const edit = (text: string, id?: string) => ann.post({ type: "edit", ref: 1, text, id });
  const said = ann.post({ text: "hi" });
  await test.turn(60_000);
  await said;
  const inTime = edit("hi!", "c-1");
  await test.turn(1);
  await inTime;
  const late = refused(edit("hi?"));
  const again = edit("hi!", "c-1");
  await test.turn();
  assertEquals(await late, ["forbidden", "#1 is too old to be edited", undefined]);
  assertEquals(await again, { seq: 2, duplicate: true });
  const reacted = ann.post({ type: "reaction", ref: 1, emoji: "👍", on: true });
  const deleted = ann.post({ type: "delete", ref: 1 });
  await test.turn();
  assertEquals([(await reacted).seq, (await deleted).seq], [3, 4]);
});

Deno.test("the rate limit counts all that somebody stores", async () => {
  await using test = new TestRoom({ rate: { perSecond: 1, burst: 3 } });
  const ann = test.visit("s-ann", "ann");
  const posts = [
    ann.post({ text: "hi" }),
    ann.post({ type: "edit", ref: 1, text: "hi!" }),
    ann.post({ type: "reaction", ref: 1, emoji: "👍", on: true }),
  ];
  assertEquals((await refused(ann.post({ type: "delete", ref: 1 })))[0], "rate_limited");
  await test.turn();
  assertEquals((await Promise.all(posts)).map(({ seq }) => seq), [1, 2, 3]);
});

Deno.test("without a session nothing is changed, and no file is had without somebody who knows it", async () => {
  await using test = new TestRoom();
  const nobody = { sender: "anonymous:x", from: "guest" };
  for (
    const fields of [
      { type: "edit", ref: 1, text: "x" },
      { type: "delete", ref: 1 },
      { type: "reaction", ref: 1, emoji: "👍", on: true },
    ] as const
  ) {
    assertEquals((await refused(test.room.post({ ...nobody, ...fields })))[0], "unauthorized");
  }
  assertEquals(await refused(test.room.post({ ...nobody, text: "x", files: ["f"] })), [
    "bad_request",
    "this server takes no files; send the text alone",
    undefined,
  ]);
});

Deno.test("files are told as they are known to whoever keeps them, by the session that asks", async () => {
  const file = { id: "f", name: "a.txt", type: "text/plain", size: 1 };
  const asked: unknown[] = [];
  await using test = new TestRoom({
    files: {
      limit: 100,
      resolveFiles(ids, session) {
        asked.push([ids, session]);
        return [file];
      },
    },
  });
  const ann = test.visit("s-ann", "ann");
  const follower = test.follow();
  const said = ann.post({ text: "", files: ["f"] });
  await test.turn();
  assertEquals(await said, { seq: 1, duplicate: false });
  assertEquals(asked, [[["f"], "s-ann"]]);
  const [message] = follower.entries;
  assert(message?.type === "message");
  assertEquals([message.text, message.files], ["", [file]]);
});

Deno.test("a limit may be another's than the sender's", async () => {
  await using test = new TestRoom({ rate: { perSecond: 1, burst: 1 } });
  const post = (sender: string, limited: string) =>
    test.room.post({ sender, from: "guest", text: "hi" }, { limited });
  const first = post("a", "address");
  assertEquals((await refused(post("b", "address")))[0], "rate_limited");
  const other = post("b", "another address");
  await test.turn();
  await Promise.all([first, other]);
});

Deno.test("while the log fails, posting says so and reading goes on; then it recovers", async () => {
  await using test = new TestRoom();
  await test.post("before");
  const follower = test.follow(0);
  test.log.failure = new Error("disk full at /secret/path");
  for (let i = 0; i < 2; i++) {
    const posts = ["a", "b"].map((text) => test.room.post({ sender: "s", from: "ann", text }));
    const answers = Promise.all(posts.map(refused));
    await test.turn();
    const answer = ["unavailable", "messages cannot be stored at the moment, try again in 5 s", 5];
    assertEquals<unknown>(await answers, [answer, answer]);
  }
  test.room.notify({ type: "typing", name: "ann" });
  await test.turn();
  assertEquals(follower.types, ["message", "live", "typing"]);
  test.log.failure = undefined;
  assertEquals(await test.post("after"), [{ seq: 2, duplicate: false }]);
  assertEquals(follower.entries.map(textOf), ["before", "after"]);
  assertEquals(test.reports, ["cannot store messages", "messages are stored again"]);
});

Deno.test("when more waits than can be stored, the room says so instead of growing", async () => {
  await using test = new TestRoom();
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const post = () => test.room.post({ sender: "s", from: "ann", text: "x" });
  const waiting = [post()];
  await test.turn();
  for (let i = 0; i < 8192; i++) waiting.push(post());
  assertEquals(await refused(post()), [
    "unavailable",
    "more messages are waiting than can be stored, try again in 1 s",
    1,
  ]);
  test.log.gate = undefined;
  gate.resolve();
  for (let i = 0; i < 20; i++) await test.turn();
  assertEquals((await Promise.all(waiting)).at(-1)?.seq, 8193);
});

Deno.test("a reader starts at its cursor, or before the end where it has none", async () => {
  await using test = new TestRoom({ recent: 3 });
  await test.post(..."abcdefgh");
  const { room, log: { epoch } } = test;
  assertEquals(room.locate(undefined), { after: 5, resumed: false });
  assertEquals(room.locate(undefined, 500), { after: 0, resumed: false });
  assertEquals(room.locate({ epoch, seq: 2 }), { after: 2, resumed: true });
  assertEquals(room.locate({ seq: 9 }), { after: 5, resumed: false, reset: "future" });
  assertEquals(room.locate("unknown", 0), { after: 8, resumed: false, reset: "epoch" });
  await test.log.trim(5, 100);
  assertEquals(room.locate({ seq: 2 }), { after: 5, resumed: false, reset: "gap" });
});

Deno.test("who comes in is in the welcome's names, and not told of its own coming", async () => {
  await using test = new TestRoom();
  const other = test.follow();
  await test.turn();
  const ann = test.visit("s-ann", "ann");
  assertEquals(test.room.presence(), { type: "presence", count: 1, names: ["ann"] });
  const own = test.follow();
  await test.turn();
  assertEquals([own.types, other.types], [["live"], ["live", "join"]]);
  assertEquals([ann.name, test.room.people.find("s-ann")?.name], ["ann", "ann"]);
  assert(test.room.people.taken("ANN"));
});

Deno.test("a rename is of the person, on each of their connections", async () => {
  await using test = new TestRoom();
  const [one, two] = [test.visit("s-ann", "ann"), test.visit("s-ann", "x")];
  test.visit("s-bob", "bob");
  const follower = test.follow();
  one.rename(" rob ");
  assertEquals([one.name, two.name], ["rob", "rob"]);
  assertEquals(assertThrows(() => two.rename("BOB"), Refusal).code, "name_taken");
  assertEquals(assertThrows(() => two.rename(""), Refusal).code, "bad_request");
  const posted = two.post({ text: "hi" });
  await test.turn();
  await posted;
  assertEquals(follower.entries[0]?.from, "rob");
  assertEquals(follower.types, ["live", "rename", "message"]);
});

Deno.test("typing is told at most once in 3 s of each connection, and not after it left", async () => {
  await using test = new TestRoom();
  const [ann, bob] = [test.visit("s-ann", "ann"), test.visit("s-bob", "bob")];
  const follower = test.follow();
  await test.turn();
  follower.take();
  const typed = async (ms: number, ...members: Visit[]) => {
    await test.turn(ms);
    for (let i = 0; i < 5; i++) for (const member of members) member.typing();
    await test.turn();
    return follower.take().map((event) => event.type === "typing" ? event.name : event.type);
  };
  assertEquals(await typed(0, ann, bob), ["ann", "bob"]);
  assertEquals(await typed(2999, ann), []);
  assertEquals(await typed(1, ann), ["ann"]);
  ann.leave(true);
  assertEquals(await typed(3000, ann), ["leave"]);
});

Deno.test("leaving twice is leaving once; without a goodbye the grace comes first", async () => {
  await using test = new TestRoom({ graceMs: 5000 });
  const [one, two] = [test.visit("s-ann", "ann"), test.visit("s-ann", "ann")];
  const follower = test.follow();
  one.leave();
  one.leave();
  one.leave(true);
  assertEquals(test.room.presence().count, 1);
  two.leave();
  await test.turn(4999);
  assertEquals(follower.types, ["live"]);
  await test.turn(1);
  assertEquals(follower.events.at(-1), { type: "leave", name: "ann", count: 0 });
});

Deno.test("above 200 people nobody is told of each who comes, but of how many there are", async () => {
  await using test = new TestRoom();
  for (let i = 0; i < 200; i++) test.visit(`s-${i}`, `p${i}`);
  const follower = test.follow();
  await test.turn();
  follower.take();
  for (let i = 200; i < 300; i++) test.visit(`s-${i}`, `p${i}`);
  await test.turn(999);
  assertEquals(follower.take(), []);
  await test.turn(1);
  assertEquals(follower.take(), [{ type: "presence", count: 300 }]);
  assertEquals(test.room.presence(), { type: "presence", count: 300 });
});

Deno.test("a silent room pings every 15 s, all with one batch", async () => {
  await using test = new TestRoom();
  await test.post("one");
  const [a, b] = [test.follow(), test.follow()];
  await test.turn(15_000);
  await test.turn(15_000);
  assertEquals(a.types, ["message", "live", "ping", "ping"].slice(1));
  assertEquals(a.events.at(-1), { type: "ping", last: 1 });
  assert(a.batches.at(-1) === b.batches.at(-1));
});

Deno.test("when the room closes, each reader's last event is a bye with its own time", async () => {
  await using test = new TestRoom();
  await test.fill(250);
  const followers = Array.from({ length: 50 }, (_, i) => test.follow(i * 5));
  const stalled = test.follow();
  await test.turn();
  stalled.pause();
  await test.post("unseen by the stalled");
  await test.room.close(4000);
  test.room.notify({ type: "typing", name: "ann" });
  stalled.resume();
  await test.turn();
  await Promise.all([...followers, stalled].map(({ ended }) => ended));
  const byes = [...followers, stalled].map(({ events }) => events.at(-1)!);
  const times = byes.map((bye) => bye.type === "bye" ? bye.reconnect_ms : NaN);
  assert(times.every((ms) => ms >= 500 && ms <= 4500), "each waits for a while");
  assert(new Set(times).size > 20, "they do not come back together");
  assert(stalled.entries.some((entry) => textOf(entry) === "unseen by the stalled"));
});

Deno.test("what was accepted before the close is stored, seen and acked before the bye", async () => {
  await using test = new TestRoom();
  const follower = test.follow();
  await test.turn();
  const gate = Promise.withResolvers<void>();
  test.log.gate = gate.promise;
  const ack = (event: RoomEvent) => follower.reader.push(event);
  const post = (text: string) =>
    test.room.post({ sender: "s", from: "ann", text })
      .then((receipt) => ack({ type: "ack", ...receipt }));
  const posts = [post("under way")];
  await test.turn();
  posts.push(post("waiting"));
  const closing = test.room.close(1000);
  assert(test.room.draining);
  assertEquals(
    (await refused(test.room.post({ sender: "s", from: "a", text: "late" })))[0],
    "unavailable",
  );
  gate.resolve();
  for (let i = 0; i < 5; i++) await test.turn();
  await Promise.all([...posts, closing, follower.ended]);
  assertEquals(follower.types, ["live", "message", "ack", "message", "ack", "bye"]);
});

Deno.test("nothing comes after the bye, whatever goes on in the room", async () => {
  await using test = new TestRoom();
  const ann = test.visit("s-ann", "ann");
  const reader = test.reader();
  await reader.next();
  await test.room.close(1000);
  assertEquals((await reader.next()).value?.events[0].type, "bye");
  ann.leave(true);
  reader.push({ type: "info", text: "too late" });
  await test.turn();
  assertEquals((await reader.next()).done, true);
});

Deno.test("a room that is closed twice says bye once", async () => {
  await using test = new TestRoom();
  const follower = test.follow();
  await Promise.all([test.room.close(1000), test.room.close(1000)]);
  await follower.ended;
  assertEquals(follower.types, ["live", "bye"]);
});

Deno.test("readers and people that are gone leave nothing behind", async () => {
  await using test = new TestRoom({ graceMs: 5000 });
  const idle = test.clock.pending;
  const gone = Array.from({ length: 100 }, (_, i) => {
    const member = test.visit(`s-${i}`, `p${i}`);
    return { member, follower: test.follow() };
  });
  await test.turn();
  for (const { member, follower } of gone) {
    await follower.close();
    member.leave();
  }
  await test.turn(5000);
  assertEquals([test.room.presence().count, test.clock.pending], [0, idle]);
  assert(gone.every(({ follower }) => !follower.types.includes("leave")));
  test.room[Symbol.dispose]();
  assertEquals(test.clock.pending, 0);
});

Deno.test("whatever is posted by whom, all see one order, and each post is there once", async () => {
  const post = fc.record({ who: fc.nat(3), id: fc.option(fc.nat(5)), turns: fc.nat(1) });
  await fc.assert(
    fc.asyncProperty(fc.array(post, { minLength: 1, maxLength: 40 }), async (posts) => {
      await using test = new TestRoom();
      const members = [0, 1, 2, 3].map((i) => test.visit(`s-${i}`, `p${i}`));
      const followers = [test.follow(0)];
      const receipts = [];
      for (const [n, { who, id, turns }] of posts.entries()) {
        const key = id === null ? {} : { id: `${id}` };
        receipts.push(members[who]!.post({ text: id === null ? `${n}` : `as ${id}`, ...key }));
        if (turns > 0) await test.turn();
        if (n === 20) followers.push(test.follow(0));
      }
      await test.turn();
      const answers = await Promise.all(receipts);
      const [entries] = followers.map((follower) => follower.entries);
      for (const follower of followers) assertEquals(follower.entries, entries!);
      assertEquals(entries!.map(({ seq }) => seq), entries!.map((_, i) => i + 1));
      const first = new Map<string, number>();
      for (const [n, { who, id }] of posts.entries()) {
        const key = id === null ? `post ${n}` : `${who} ${id}`;
        const known = first.get(key);
        assertEquals(answers[n]!.duplicate, known !== undefined);
        assertEquals(answers[n]!.seq, known ?? first.size + 1);
        if (known === undefined) first.set(key, first.size + 1);
        assertMatch(entries![answers[n]!.seq - 1]!.from, new RegExp(`^p${who}$`));
      }
      assertEquals(entries!.length, first.size);
    }),
    { numRuns: 50 },
  );
});
