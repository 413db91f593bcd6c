import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { isChange, Messages } from "../../../lib/client/mod.ts";
import { changedBy } from "../../../lib/model/change.ts";
import type { Change, Entry, Message } from "../../../lib/model/message.ts";
import { message } from "../../support/fakes.ts";

function edit(seq: number, ref: number, text = `edit ${seq}`): Change {
  return { type: "edit", seq, at: seq, from: "ann", ref, text };
}

Deno.test("a message is another object exactly when it has changed", () => {
  const messages = new Messages();
  const [first] = messages.add([message(1), message(2)]);
  assertEquals(messages.change(edit(3, 1)), { ...first!, text: "edit 3", edited: 3, changed: 3 });
  assertEquals(messages.get(1)?.text, "edit 3");
  assertEquals(messages.change(edit(3, 1)), undefined, "it shows it already");
  assertEquals(messages.change(edit(4, 9)), undefined, "it is not shown");
  assertStrictEquals(messages.add([message(1)])[0], messages.get(1)!, "a page that was older");
  const newer = { ...message(1), text: "later", edited: 5, changed: 5 };
  assertStrictEquals(messages.add([newer])[0], newer);
  assertEquals(messages.change(edit(5, 1)), undefined);
});

Deno.test("a page that was read before a change and comes after it shows the change", () => {
  const messages = new Messages();
  messages.change(edit(12, 3));
  assertEquals(messages.add([message(3)])[0]?.text, "edit 12");
  messages.forget(3);
  assertEquals(
    messages.change({ type: "delete", seq: 13, at: 13, from: "ann", ref: 3 }),
    undefined,
  );
  assertEquals(messages.add([message(3)])[0]?.deleted, true);
  messages.clear();
  assertEquals(messages.add([message(3)])[0], message(3), "another log has other changes");
});

Deno.test("memory stays bounded, whatever is changed that is not shown", () => {
  const messages = new Messages();
  for (let seq = 2; seq < 100_000; seq++) messages.change(edit(seq, 1));
  const [shown] = messages.add([message(1)]);
  assertEquals(shown?.text, "edit 99999");
});

/** A log of messages and changes of them. */
const logs = fc.array(
  fc.record({
    kind: fc.constantFrom("message", "message", "edit", "delete", "reaction", "topic"),
    which: fc.nat(),
    emoji: fc.constantFrom("👍", "🎉", "❤️"),
    count: fc.nat(3),
  }),
  { maxLength: 60 },
).map((steps) => {
  const log: Entry[] = [];
  for (const { kind, which, emoji, count } of steps) {
    const seq = log.length + 1;
    const known = log.filter(({ type }) => type === "message");
    const ref = known[which % known.length]?.seq;
    const all = { seq, at: seq, from: "ann" };
    const names = ["ann", "bob", "cyd"].slice(0, count);
    if (kind === "message" || ref === undefined) log.push(message(seq, { from: "ann" }));
    else if (kind === "edit") log.push({ ...all, type: kind, ref, text: `text ${seq}` });
    else if (kind === "delete") log.push({ ...all, type: kind, ref });
    else if (kind === "topic") log.push({ ...all, type: kind, text: "tea" });
    else log.push({ ...all, type: "reaction", ref, emoji, on: count > 0, count, names });
  }
  return log;
});

/** The entries up to `seq`, each as it is told then. */
function told(log: readonly Entry[], seq: number): Entry[] {
  const before = log.slice(0, seq);
  return before.map((entry) => before.filter(isChange).reduce(changedBy, entry));
}

function take(messages: Messages, entries: readonly Entry[]): void {
  for (const entry of entries) {
    if (entry.type === "message") messages.add([entry]);
    else if (isChange(entry)) messages.change(entry);
  }
}

function shown(messages: Messages, log: readonly Entry[]): Message[] {
  return log.flatMap(({ seq }) => messages.get(seq) ?? []);
}

Deno.test("who resumed anywhere, and read pages of history of any age in between, sees what is there", () => {
  fc.assert(fc.property(logs, fc.array(fc.nat(60), { maxLength: 6 }), (log, cuts) => {
    const messages = new Messages();
    let at = 0;
    // Each connection tells what is after the cursor as it is when it is opened, and then goes on.
    for (const cut of [...cuts.toSorted((a, b) => a - b), log.length]) {
      const opened = Math.max(at, Math.min(cut, log.length));
      take(messages, told(log, opened).slice(at));
      at = Math.min(opened + 2, log.length);
      take(messages, log.slice(opened, at));
      // A page of history that was read at some time before or after what has come so far.
      const page = told(log, (cut * 7) % (log.length + 1));
      messages.add(page.filter((entry) => entry.type === "message").filter(({ seq }) => seq <= at));
    }
    take(messages, log.slice(at));
    const now = told(log, log.length).filter((entry) => entry.type === "message");
    assertEquals(shown(messages, log), now);
    assert(now.every(({ seq }) => messages.get(seq)));
  }));
});
