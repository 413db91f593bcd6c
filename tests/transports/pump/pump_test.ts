import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { silent } from "../../../lib/base/observe/logger.ts";
import type { RoomEvent } from "../../../lib/model/events.ts";
import { Refusal } from "../../../lib/model/refusal.ts";
import { Visit } from "../../../lib/room/visit.ts";
import { type Outcome, pump } from "../../../lib/transports/pump/pump.ts";
import { Journal } from "../../../lib/transports/pump/stay.ts";
import { Watchdog } from "../../../lib/transports/pump/watchdog.ts";
import type { Writer } from "../../../lib/transports/pump/writer.ts";
import { TestRoom } from "../../support/fakes.ts";

/** Takes what it is handed when a test says so, or at once. */
class FakeWriter implements Writer<string> {
  readonly frames: string[] = [];
  /** What `write` returns; by default all is taken at once. */
  answer: () => boolean | Promise<boolean> = () => true;
  aborted = false;
  takenSoFar: number | undefined;

  write(frame: string): boolean | Promise<boolean> {
    this.frames.push(frame);
    return this.answer();
  }

  taken(): number | undefined {
    return this.takenSoFar;
  }

  buffered(): number {
    return 0;
  }

  abort(): void {
    this.aborted = true;
  }
}

/** Somebody with the cursor `since`, whose events are written as their types. */
function start(
  test: TestRoom,
  { since = test.log.last, shown = (_: RoomEvent): boolean => true } = {},
) {
  const watchdog = new Watchdog(test.clock);
  const writer = new FakeWriter();
  const journal = new Journal(silent, test.clock);
  const visit = new Visit(test.room, { id: "s-ann", name: "ann", token: "" }, {
    cursor: { seq: since },
  });
  let outcome: Outcome | undefined;
  pump(visit, {
    writer,
    encode: ({ events }) => events.filter(shown).map(({ type }) => type).join(" "),
    watchdog,
    stay: journal.stay({ transport: "sse", address: "192.0.2.1" }),
  }).then((how) => outcome = how);
  return { visit, writer, watchdog, journal, outcome: () => outcome };
}

function isHere(test: TestRoom, session = "s-ann"): boolean {
  return test.room.people.find(session) !== undefined;
}

Deno.test("what the reader yields is written in order, and leaving ends it", async () => {
  await using test = new TestRoom();
  const { visit, writer, outcome } = start(test);
  await test.post("one");
  await test.turn();
  assertEquals(writer.frames, ["welcome live", "message"]);
  visit.leave(true);
  await test.turn();
  assertEquals(outcome(), "ended");
  assert(!isHere(test));
});

Deno.test("what encodes to nothing is not written, and the next batch is", async () => {
  await using test = new TestRoom();
  const { visit, writer } = start(test, { shown: ({ type }) => type !== "typing" });
  await test.turn();
  visit.typing();
  await test.turn();
  await test.post("one");
  await test.turn();
  assertEquals(writer.frames, ["welcome live", "message"]);
  visit.leave(true);
});

Deno.test("nothing is written before the writer is ready, and then all there is at once", async () => {
  await using test = new TestRoom();
  const { visit, writer } = start(test);
  const gate = Promise.withResolvers<boolean>();
  writer.answer = () => gate.promise;
  await test.turn();
  for (const text of ["one", "two", "three"]) await test.post(text);
  assertEquals(writer.frames, ["welcome live"]);
  gate.resolve(true);
  await test.turn();
  assertEquals(writer.frames, ["welcome live", "message message message"]);
  visit.leave(true);
});

Deno.test("a writer that finds nobody any more ends it, and the person leaves", async () => {
  await using test = new TestRoom();
  const { writer, outcome } = start(test);
  writer.answer = () => Promise.resolve(false);
  await test.turn();
  assertEquals([outcome(), isHere(test)], ["ended", false]);
});

Deno.test("a read that fails is reported, told as internal, and the person leaves", async () => {
  await using test = new TestRoom();
  await test.overflow();
  test.log.failure = new Error("the disk is gone");
  const { writer, outcome } = start(test, { since: 0 });
  await test.turn();
  assertEquals([outcome(), isHere(test)], ["failed", false]);
  assertEquals(writer.frames, ["error"]);
  assertEquals(test.reports, ["cannot read on for a client"]);
  test.log.failure = undefined;
});

Deno.test("a writer that throws ends it as failed, and the person leaves", async () => {
  await using test = new TestRoom();
  const { writer, outcome } = start(test);
  writer.answer = () => Promise.reject(new Error("broken"));
  await test.turn();
  assertEquals([outcome(), isHere(test)], ["failed", false]);
});

Deno.test("a peer that takes nothing for a minute is given up, and the person leaves", async () => {
  await using test = new TestRoom();
  const { writer, watchdog, outcome } = start(test);
  const gate = Promise.withResolvers<boolean>();
  writer.answer = () => gate.promise;
  writer.takenSoFar = 0;
  await test.turn();
  await test.turn(60_000);
  assertEquals([outcome(), writer.aborted, isHere(test)], [undefined, false, true]);
  await test.turn(5_000);
  assertEquals([writer.aborted, isHere(test)], [true, false]);
  gate.resolve(false); // as an aborted writer does
  await test.turn();
  assertEquals(outcome(), "stalled");
  watchdog[Symbol.dispose]();
});

Deno.test("a pump that has ended is not watched any more", async () => {
  await using test = new TestRoom();
  const { visit, writer, outcome } = start(test);
  await test.turn();
  visit.leave(true);
  await test.turn();
  assertEquals(outcome(), "ended");
  writer.takenSoFar = 0;
  await test.turn(600_000);
  assertEquals(writer.aborted, false);
});

Deno.test("who is sent away is told so next, whatever there is to read, and says nothing more", async () => {
  await using test = new TestRoom();
  await test.overflow();
  const { visit, writer, outcome } = start(test, { since: 0 });
  visit.dismiss("unauthorized", "this sign-in was ended");
  visit.dismiss("forbidden", "twice is once");
  await assertRejects(() => visit.post({ text: "but", id: undefined }), Refusal, "was ended");
  assertThrows(() => visit.rename("eve"), Refusal, "was ended");
  await test.turn();
  assertEquals(writer.frames.at(-1), "error");
  assert(writer.frames.length <= 2, "a page that was on its way may come before");
  assertEquals([outcome(), isHere(test)], ["unauthorized", false]);
});

Deno.test("who is sent away and takes nothing is dropped after two seconds", async () => {
  await using test = new TestRoom();
  const { visit, writer, outcome } = start(test);
  await test.turn();
  const gate = Promise.withResolvers<boolean>();
  writer.answer = () => gate.promise;
  await test.post("one");
  await test.turn();
  visit.dismiss("forbidden", "you are banned");
  await test.turn();
  assertEquals([outcome(), writer.aborted], [undefined, false]);
  test.clock.advance(2000);
  assert(writer.aborted);
  gate.resolve(false);
  await test.turn();
  assertEquals([outcome(), isHere(test)], ["forbidden", false]);
});
