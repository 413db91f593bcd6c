import { assertEquals, assertRejects } from "@std/assert";
import { NotConnected } from "../../lib/client/errors.ts";
import { Outbox } from "../../lib/client/outbox/outbox.ts";
import type { OutgoingMessage } from "../../lib/client/outbox/outgoing.ts";
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
  const shown: (readonly OutgoingMessage[])[] = [];
  const outbox = new Outbox({ clock, storage, changed: (outgoing) => shown.push(outgoing) });
  const stored: { id: string; text: string }[] = [];
  /** What the next messages are answered with. */
  const errors: (FakeError | "nothing")[] = [];
  return {
    outbox,
    clock,
    shown,
    stored,
    errors,
    texts: () => stored.map(({ text }) => text),
    states: () => outbox.outgoing.map(({ state }) => state),
    connect(limits?: Welcome["limits"]) {
      outbox.attach({
        send(frame) {
          if (frame.type !== "message") return;
          const error = errors.shift();
          if (error === "nothing") return;
          queueMicrotask(() => {
            const { id, text } = frame;
            if (error) return outbox.answered({ type: "error", message: "", id, ...error });
            outbox.answered({
              type: "ack",
              id,
              seq: stored.push({ id, text }),
              duplicate: false,
            });
          });
        },
        giveUp() {},
      }, limits);
    },
  };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

Deno.test("what is said is sent, stays until it comes back through the log, and is gone then", async () => {
  const { outbox, stored, texts, states, connect } = openOutbox();
  connect();
  outbox.say("hi");
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
  const receipt = outbox.say("hi", "x");
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
  outbox.say("hi");
  await settled();
  assertEquals(states(), ["stored"]);
  outbox.seen({ type: "reset", reason: "gap", epoch: "k", first: 90, last: 99 }, "ann");
  assertEquals(states(), []);
});

Deno.test("without a connection it waits, and goes out in the order it was written", async () => {
  const { outbox, texts, states, connect } = openOutbox();
  for (const text of ["one", "two", "three"]) outbox.say(text);
  assertEquals([texts(), states()], [[], ["waiting", "waiting", "waiting"]]);
  connect();
  await settled();
  assertEquals(texts(), ["one", "two", "three"]);
});

Deno.test("a restart finds what was not stored, under the id it was given first", async () => {
  const storage = new FakeStorage();
  const before = openOutbox(storage);
  before.connect();
  before.outbox.say("stored");
  await settled();
  before.outbox.detach();
  before.outbox.say("not stored");
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
  outbox.say("hi");
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
  outbox.say("one");
  await settled();
  outbox.say("two");
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
  const long = assertRejects(() => outbox.say("long"), Refusal);
  outbox.say("short");
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
  outbox.say("failed", "a");
  outbox.say("under way", "b");
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
  outbox.say("under way", "a");
  outbox.say("waiting", "b");
  outbox.say("last", "c");
  outbox.discard("b");
  outbox.discard("a");
  await settled();
  assertEquals(texts(), ["last"]);
});

Deno.test("the same id again is the same message", async () => {
  const { outbox, texts, connect } = openOutbox();
  const first = outbox.say("hi", "x");
  assertEquals(outbox.say("hi", "x"), first);
  connect();
  await settled();
  assertEquals([texts(), await first], [["hi"], { seq: 1, duplicate: false }]);
});

Deno.test("an answer to something else is nobody's", () => {
  const { outbox, errors, connect } = openOutbox();
  errors.push("nothing");
  connect();
  outbox.say("hi", "x");
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
  here.outbox.say("here");
  there.outbox.say("there");
  here.outbox.discard(here.outbox.outgoing[0]!.id);
  assertEquals(openOutbox(storage).outbox.outgoing.map(({ text }) => text), ["there"]);
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
  outbox.say("hi");
  await settled();
  assertEquals(texts(), ["hi"]);
});
