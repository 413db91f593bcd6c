import { assertEquals, assertRejects } from "@std/assert";
import type { Frame } from "../../lib/client/carrier.ts";
import { NotConnected } from "../../lib/client/errors.ts";
import { Outbox } from "../../lib/client/outbox/outbox.ts";
import type { Outgoing } from "../../lib/client/outbox/outgoing.ts";
import type { Welcome } from "../../lib/model/events.ts";
import type { Code } from "../../lib/model/refusal.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { FakeStorage, message } from "../support/fakes.ts";
import { ManualClock } from "../support/manual_clock.ts";

interface FakeError {
  readonly code: Code;
  readonly retry_after?: number;
}

/** An outbox, and a server that answers as it is told, and otherwise stores. */
function openOutbox(storage = new FakeStorage()) {
  const clock = new ManualClock();
  const shown: (readonly Outgoing[])[] = [];
  const outbox = new Outbox({ clock, storage, changed: (outgoing) => shown.push(outgoing) });
  const stored: { id: string; text: string }[] = [];
  /** All that was sent, of whatever kind. */
  const frames: Frame[] = [];
  /** What the next messages are answered with. */
  const errors: (FakeError | "nothing")[] = [];
  return {
    outbox,
    clock,
    shown,
    stored,
    frames,
    errors,
    texts: () => stored.map(({ text }) => text),
    states: () => outbox.outgoing.map(({ state }) => state),
    connect(limits?: Welcome["limits"]) {
      outbox.attach({
        send(frame) {
          frames.push(frame);
          const error = errors.shift();
          if (error === "nothing") return;
          queueMicrotask(() => {
            const { id, text = "" } = frame as { id: string; text?: string };
            if (error) return outbox.answered({ type: "error", message: "", id, ...error });
            outbox.answered({
              type: "ack",
              id,
              seq: stored.push({ id, text }),
              duplicate: false,
            });
          });
        },
        giveUp: () => outbox.detach(),
      }, limits);
    },
  };
}

const said = (text: string) => ({ type: "message", text }) as const;

function texts(outgoing: readonly Outgoing[]): string[] {
  return outgoing.flatMap((one) => one.type === "message" ? [one.text] : []);
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("what is said is sent, stays until it comes back through the log, and is gone then", async () => {
  const { outbox, stored, texts, states, connect } = openOutbox();
  connect();
  outbox.say(said("hi"));
  assertEquals(states(), ["waiting"]);
  await settled();
  assertEquals([texts(), states()], [["hi"], ["stored"]]);
  outbox.seen(message(1, { id: stored[0]!.id }), "ann");
  assertEquals(outbox.outgoing, []);
});

Deno.test("what comes through the log before it is acked is shown once, and acked all the same", async () => {
  const { outbox, errors, shown, connect } = openOutbox();
  errors.push("nothing");
  connect();
  const receipt = outbox.say(said("hi"), "x");
  outbox.seen(message(1, { id: "x", from: "bob" }), "ann");
  assertEquals(outbox.outgoing.length, 1, "somebody else may have used the same id");
  outbox.seen(message(2, { id: "x" }), "ann");
  assertEquals(shown.at(-1), []);
  outbox.answered({ type: "ack", id: "x", seq: 2, duplicate: false });
  assertEquals(await receipt, { seq: 2, duplicate: false });
  assertEquals([outbox.outgoing, outbox.idle], [[], true]);
});

Deno.test("what was stored before a reset is not waited for", async () => {
  const { outbox, states, connect } = openOutbox();
  connect();
  outbox.say(said("hi"));
  await settled();
  assertEquals(states(), ["stored"]);
  outbox.seen({ type: "reset", reason: "gap", epoch: "k", first: 90, last: 99 }, "ann");
  assertEquals(states(), []);
});

Deno.test("without a connection it waits, and goes out in the order it was written", async () => {
  const { outbox, texts, states, connect } = openOutbox();
  for (const text of ["one", "two", "three"]) outbox.say(said(text));
  assertEquals([texts(), states()], [[], ["waiting", "waiting", "waiting"]]);
  connect();
  await settled();
  assertEquals(texts(), ["one", "two", "three"]);
});

Deno.test("a restart finds what was not stored, under the id it was given first", async () => {
  const storage = new FakeStorage();
  const before = openOutbox(storage);
  before.connect();
  before.outbox.say(said("stored"));
  await settled();
  before.outbox.detach();
  before.outbox.say(said("not stored"));
  before.outbox.close(new NotConnected("we leave"));
  const { id } = before.outbox.outgoing[1]!;
  const after = openOutbox(storage);
  assertEquals(after.outbox.idle, false);
  after.connect();
  await settled();
  assertEquals(after.stored, [{ id, text: "not stored" }]);
});

Deno.test("while it waits as long as told it tells why and until when, and then tries again by itself", async () => {
  const { outbox, clock, errors, texts, shown, connect } = openOutbox();
  errors.push({ code: "rate_limited", retry_after: 2 }, { code: "unavailable", retry_after: 5 });
  connect();
  outbox.say(said("hi"));
  await settled();
  clock.advance(1999);
  assertEquals(texts(), []);
  clock.advance(1);
  await settled();
  clock.advance(5000);
  await settled();
  assertEquals(texts(), ["hi"]);
  assertEquals(shown.map(([message]) => [message!.state, message!.code, message!.until]), [
    ["waiting", undefined, undefined],
    ["waiting", "rate_limited", 2000],
    ["waiting", "unavailable", 7000],
    ["stored", undefined, undefined],
  ]);
});

Deno.test("a message that its own pace holds back says why and until when, as a refused one does", async () => {
  const { outbox, clock, texts, connect } = openOutbox();
  connect({ text: 4000, name: 32, rate: 1, burst: 1 });
  outbox.say(said("one"));
  await settled();
  outbox.say(said("two"));
  const [, { code, until } = {}] = outbox.outgoing;
  assertEquals([code, until], ["rate_limited", 1000]);
  clock.advance(1000);
  await settled();
  assertEquals(texts(), ["one", "two"]);
});

Deno.test("what is refused for good keeps its reason and holds up nobody; it can be retried", async () => {
  const { outbox, errors, texts, states, connect } = openOutbox();
  errors.push({ code: "too_long" });
  connect();
  const long = assertRejects(() => outbox.say(said("long")), Refusal);
  outbox.say(said("short"));
  await settled();
  await long;
  assertEquals([texts(), states()], [["short"], ["failed", "stored"]]);
  const { id, code } = outbox.outgoing[0]!;
  assertEquals(code, "too_long");
  outbox.retry(id);
  await settled();
  assertEquals([texts(), states()], [["short", "long"], ["stored", "stored"]]);
});

Deno.test("what is tried again waits for what is under way", async () => {
  const { outbox, errors, texts, connect } = openOutbox();
  errors.push({ code: "too_long" }, "nothing");
  connect();
  outbox.say(said("failed"), "a");
  outbox.say(said("under way"), "b");
  await settled();
  outbox.retry("a");
  assertEquals(texts(), []);
  outbox.answered({ type: "ack", id: "b", seq: 1, duplicate: false });
  await settled();
  assertEquals(texts(), ["failed"]);
});

Deno.test("what is discarded is not sent, and holds up nobody", async () => {
  const { outbox, errors, texts, connect } = openOutbox();
  errors.push("nothing");
  connect();
  outbox.say(said("under way"), "a");
  outbox.say(said("waiting"), "b");
  outbox.say(said("last"), "c");
  outbox.discard("b");
  outbox.discard("a");
  await settled();
  assertEquals(texts(), ["last"]);
});

Deno.test("the same id again is the same message", async () => {
  const { outbox, texts, connect } = openOutbox();
  const first = outbox.say(said("hi"), "x");
  assertEquals(outbox.say(said("hi"), "x"), first);
  connect();
  await settled();
  assertEquals([texts(), await first], [["hi"], { seq: 1, duplicate: false }]);
});

Deno.test("an answer to something else is nobody's", () => {
  const { outbox, errors, connect } = openOutbox();
  errors.push("nothing");
  connect();
  outbox.say(said("hi"), "x");
  for (const id of [{}, { id: "y" }]) {
    assertEquals(outbox.answered({ type: "ack", seq: 1, duplicate: false, ...id }), false);
    const error = { type: "error", code: "forbidden", message: "" } as const;
    assertEquals(outbox.answered({ ...error, ...id }), false);
  }
  assertEquals(outbox.idle, false);
  outbox.detach();
});

Deno.test("what another tab has written is not lost by what this one writes", () => {
  const storage = new FakeStorage();
  const [here, there] = [openOutbox(storage), openOutbox(storage)];
  here.outbox.say(said("here"));
  there.outbox.say(said("there"));
  here.outbox.discard(here.outbox.outgoing[0]!.id);
  assertEquals(texts(openOutbox(storage).outbox.outgoing), ["there"]);
});

Deno.test("a storage that holds nonsense is an empty one, and a full one is none", async () => {
  for (const nonsense of ["", "{", "null", "1", `[1,null,{"id":1}]`]) {
    const storage = new FakeStorage();
    storage.setItem("partyline.outbox", nonsense);
    assertEquals(openOutbox(storage).outbox.outgoing, []);
  }
  const full = new FakeStorage();
  full.setItem = () => {
    throw new Error("the quota is exceeded");
  };
  const { outbox, texts, connect } = openOutbox(full);
  connect();
  outbox.say(said("hi"));
  await settled();
  assertEquals(texts(), ["hi"]);
});

Deno.test("edits, deletes and reactions go out in order with messages, and are gone when they come back", async () => {
  const { outbox, frames, states, connect } = openOutbox();
  const receipts = [
    outbox.say(said("hi"), "a"),
    outbox.say({ type: "edit", ref: 7, text: "hey" }, "b"),
    outbox.say({ type: "reaction", ref: 7, emoji: "👍", on: true }, "c"),
    outbox.say({ type: "delete", ref: 7 }, "d"),
  ];
  connect();
  await settled();
  assertEquals(frames, [
    { type: "message", id: "a", text: "hi" },
    { type: "edit", id: "b", ref: 7, text: "hey" },
    { type: "reaction", id: "c", ref: 7, emoji: "👍", on: true },
    { type: "delete", id: "d", ref: 7 },
  ]);
  assertEquals((await Promise.all(receipts)).map((receipt) => receipt?.seq), [1, 2, 3, 4]);
  outbox.seen({ type: "live", seq: 3 }, "ann");
  assertEquals(states(), ["stored"]);
  outbox.seen({ type: "delete", seq: 4, at: 0, id: "d", from: "ann", ref: 7 }, "ann");
  assertEquals(states(), []);
});

Deno.test("a reaction that changes nothing is not waited for: what made it so has come long ago", async () => {
  const { outbox, errors, connect } = openOutbox();
  outbox.seen({ type: "live", seq: 9 }, "ann");
  errors.push("nothing");
  connect();
  const receipt = outbox.say({ type: "reaction", ref: 7, emoji: "👍", on: true }, "a");
  outbox.answered({ type: "ack", id: "a", seq: 8, duplicate: true });
  assertEquals([await receipt, outbox.outgoing], [{ seq: 8, duplicate: true }, []]);
});

Deno.test("a message that was never sent is edited and deleted where it waits", async () => {
  const { outbox, frames, connect } = openOutbox();
  const first = outbox.say(said("one"), "a");
  assertEquals(outbox.say({ type: "edit", ref: "a", text: "1" }), first);
  const second = outbox.say(said("two"), "b");
  assertEquals(await outbox.say({ type: "delete", ref: "b" }), undefined);
  await assertRejects(() => second, NotConnected);
  connect();
  await settled();
  assertEquals(frames, [{ type: "message", id: "a", text: "1" }]);
  assertEquals(await first, { seq: 1, duplicate: false });
});

Deno.test("what changes a message that may be stored waits for its seq, over a restart too", async () => {
  const storage = new FakeStorage();
  const before = openOutbox(storage);
  before.errors.push("nothing");
  before.connect();
  before.outbox.say(said("one"), "a");
  before.outbox.say({ type: "edit", ref: "a", text: "1" }, "b");
  before.outbox.say({ ...said("two"), re: "a" }, "c");
  before.outbox.close(new NotConnected("we leave"));
  const after = openOutbox(storage);
  after.outbox.say({ type: "delete", ref: "a" }, "d");
  after.connect();
  await settled();
  assertEquals(after.frames, [
    { type: "message", id: "a", text: "one" },
    { type: "edit", id: "b", ref: 1, text: "1" },
    { type: "message", id: "c", text: "two", re: 1 },
    { type: "delete", id: "d", ref: 1 },
  ]);
  after.outbox.say({ type: "reaction", ref: "a", emoji: "👍", on: true }, "e");
  await settled();
  assertEquals(after.frames.at(-1), {
    type: "reaction",
    id: "e",
    ref: 1,
    emoji: "👍",
    on: true,
  }, "it is known by its id for a while after it is stored");
});

Deno.test("what is about a message that was not stored is refused, and holds up nobody", async () => {
  const { outbox, errors, frames, texts, connect } = openOutbox();
  errors.push("nothing", { code: "forbidden" });
  connect();
  const refused = outbox.say(said("one"), "a");
  const edit = outbox.say({ type: "edit", ref: "a", text: "1" }, "b");
  const unknown = outbox.say({ type: "delete", ref: "nobody's" }, "c");
  outbox.say(said("two"), "d");
  outbox.detach();
  connect();
  await assertRejects(() => refused, Refusal);
  await assertRejects(() => edit, Refusal, "was not stored");
  await assertRejects(() => unknown, Refusal, "was not stored");
  await settled();
  assertEquals(texts(), ["two"]);
  assertEquals(frames.map((frame) => "ref" in frame), [false, false, false]);
});

Deno.test("a message that was refused can be corrected, and is tried again in its place", async () => {
  const { outbox, errors, states, texts, connect } = openOutbox();
  errors.push({ code: "too_long" });
  connect();
  const long = outbox.say(said("long"), "a");
  await assertRejects(() => long, Refusal);
  assertEquals(await outbox.say({ type: "edit", ref: "a", text: "short" }), {
    seq: 1,
    duplicate: false,
  });
  assertEquals([texts(), states()], [["short"], ["stored"]]);
});

Deno.test("files go out as their ids", async () => {
  const { outbox, frames, connect } = openOutbox();
  const file = { id: "f1", name: "a.png", type: "image/png", size: 3, width: 1, height: 1 };
  connect();
  outbox.say({ type: "message", text: "", files: [file] }, "a");
  await settled();
  assertEquals(frames, [{ type: "message", id: "a", text: "", files: ["f1"] }]);
});

Deno.test("what a server does not know and never answers does not hold up what it does know", async () => {
  const { outbox, clock, errors, texts, connect } = openOutbox();
  errors.push("nothing", "nothing", "nothing");
  connect();
  const edit = outbox.say({ type: "edit", ref: 7, text: "1" });
  outbox.say(said("hi"));
  for (let i = 0; i < 2; i++) {
    clock.advance(30_000);
    connect();
  }
  clock.advance(30_000);
  await assertRejects(() => edit, Refusal, "does not answer");
  await settled();
  assertEquals(texts(), ["hi"]);
});
