import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { changedBy } from "../../lib/model/change.ts";
import type { Change, Edit, Message } from "../../lib/model/message.ts";
import { message } from "../support/fakes.ts";

const AT = 1795215600000;
const by = { at: AT, from: "ann" } as const;

function edit(seq: number, text: string, ref = 1): Edit {
  return { type: "edit", seq, ...by, ref, text };
}

function reaction(seq: number, emoji: string, names: readonly string[], ref = 1): Change {
  const [on, count] = [names.length > 0, names.length];
  return { type: "reaction", seq, ...by, ref, emoji, on, count, names };
}

Deno.test("an edit gives a message its text, and says when", () => {
  assertEquals(changedBy(message(1), edit(3, "better")), {
    ...message(1),
    text: "better",
    edited: AT,
    changed: 3,
  });
});

Deno.test("of a deleted message its place, its author and what it answered are left", () => {
  const before = { ...message(5, { id: "x" }), re: 1, to: "bob", edited: AT, changed: 6 };
  const files = [{ id: "f", name: "a.png", type: "image/png", size: 3 }];
  const gone = changedBy<Message>({ ...before, files }, { type: "delete", seq: 9, ...by, ref: 5 });
  assertEquals(gone, {
    ...message(5, { id: "x", text: "" }),
    re: 1,
    to: "bob",
    deleted: true,
    changed: 9,
  });
  assertEquals(changedBy(edit(6, "once", 5), { type: "delete", seq: 9, ...by, ref: 5 }).text, "");
});

Deno.test("emoji stand in the order in which they came, and go with the last who had one", () => {
  const changes = [
    reaction(2, "👍", ["ann"]),
    reaction(3, "❤️", ["bob"]),
    reaction(4, "👍", ["ann", "bob"]),
    reaction(5, "❤️", []),
    reaction(6, "❤️", ["cid"]),
  ];
  assertEquals(changes.reduce<Message>(changedBy, message(1)).reactions, [
    { emoji: "👍", count: 2, names: ["ann", "bob"] },
    { emoji: "❤️", count: 1, names: ["cid"] },
  ]);
  const none = changedBy(message(1, {}), reaction(2, "👍", []));
  assertEquals(none, { ...message(1), changed: 2 });
});

Deno.test("what does not concern an entry leaves it the same object", () => {
  const entry = message(1);
  assertStrictEquals(changedBy(entry, edit(3, "x", 2)), entry);
  const later = changedBy(entry, edit(5, "x"));
  assertStrictEquals(changedBy(later, edit(5, "x")), later);
  assertStrictEquals(changedBy(later, edit(4, "older")), later);
});

/** Changes of one message, in order. */
const changes = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.string().map((text) => ({ type: "edit", text } as const)) },
    {
      weight: 6,
      arbitrary: fc.record({
        type: fc.constant("reaction" as const),
        emoji: fc.constantFrom("👍", "❤️", "🎉"),
        names: fc.uniqueArray(fc.constantFrom("ann", "bob", "cid")),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ type: "delete" } as const) },
  ),
  { maxLength: 12 },
).map((each) =>
  each.map((change, i): Change => {
    const seq = i + 2;
    if (change.type === "edit") return edit(seq, change.text);
    if (change.type === "reaction") return reaction(seq, change.emoji, change.names);
    return { type: "delete", seq, ...by, ref: 1 };
  })
);

Deno.test("law: from whatever point and however often they are applied, changes lead to the same", () => {
  fc.assert(
    fc.property(changes, fc.nat(12), fc.nat(12), (all, read, resumed) => {
      const now = all.reduce<Message>(changedBy, message(1));
      // Read when `read` of them were stored, and followed from an earlier or later cursor on.
      const seen = all.slice(0, read).reduce<Message>(changedBy, message(1));
      const from = Math.min(resumed, read);
      assertEquals(all.slice(from).reduce(changedBy, seen), now);
      assertEquals([...all, ...all].reduce<Message>(changedBy, message(1)), now);
    }),
  );
});
