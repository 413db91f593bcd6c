// What of the life of messages is pure, without a browser.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readEmojiList } from "../../lib/emoji/mod.ts";
import { changedBy } from "../../lib/model/change.ts";
import { ALL_FEATURES } from "../../lib/model/features.ts";
import { type Abilities, abilitiesOf } from "../../static/actions/abilities.ts";
import { findEmoji } from "../../static/emoji/find_emoji.ts";
import { OwnEmoji, toned } from "../../static/emoji/own_emoji.ts";
import { type OutgoingChange, OwnChanges } from "../../static/outgoing/own_changes.ts";
import { Quotes } from "../../static/replies/quotes.ts";
import { FakeStorage, message } from "../support/fakes.ts";

const NOW = 1795215600000;
const SELF = {
  self: "ann",
  operator: false,
  features: ALL_FEATURES,
  editFor: 3600,
  limit: 4000,
  now: NOW,
};

function can(abilities: Abilities): string {
  return Object.entries(abilities).filter(([, is]) => is).map(([name]) => name).join(" ");
}

Deno.test("what cannot be done with a message is not offered", () => {
  const mine = message(1, { from: "ann" });
  const theirs = message(2, { from: "bob" });
  assertEquals(can(abilitiesOf(mine, SELF)), "reply react edit delete copyText");
  assertEquals(can(abilitiesOf(theirs, SELF)), "reply react copyText");
  const late = { ...SELF, now: NOW + 3_600_000 };
  assertEquals(can(abilitiesOf(mine, late)), "reply react delete copyText");
  assertEquals(abilitiesOf(mine, { ...late, editFor: undefined }).edit, true, "for ever");
  assertEquals(abilitiesOf(mine, { ...SELF, editFor: 0 }).edit, false, "not at all");
  const operator = { ...SELF, operator: true };
  assertEquals(can(abilitiesOf(theirs, operator)), "reply react delete copyText moderate");
  const gone = message(3, { from: "ann", text: "", deleted: true });
  assertEquals(can(abilitiesOf(gone, operator)), "");
  const reader = { ...SELF, features: { ...ALL_FEATURES, write: false } };
  assertEquals(can(abilitiesOf(mine, reader)), "copyText");
  assertEquals(
    can(abilitiesOf(message(1, { from: "ann" }), { ...SELF, self: undefined })),
    "reply react copyText",
  );
});

function outgoing(change: Record<string, unknown>): OutgoingChange {
  return { id: "x", at: NOW, state: "waiting", ref: 1, ...change } as OutgoingChange;
}

Deno.test("what one does is seen at once; what failed is not, and other messages are as they are", () => {
  const own = new OwnChanges();
  const entry = message(1, { from: "ann", text: "helo", changed: 9 });
  const edit = outgoing({ type: "edit", text: "hello" });
  assertEquals(own.replace([edit], true), [1]);
  assertEquals(own.apply(entry, "ann").text, "hello");
  assertEquals(own.apply(message(2), "ann"), message(2));
  assertEquals(own.replace([edit], true), [], "nothing has changed");
  assertEquals(own.replace([edit], false), [1], "it waits now");
  assertEquals(own.replace([{ ...edit, state: "failed" } as OutgoingChange], true), [1]);
  assertEquals(own.apply(entry, "ann"), entry);
  assertEquals(own.replace([], true), [1]);
  own.delete(1, true);
  assertEquals(own.apply(entry, "ann").deleted, true);
  assertEquals(own.apply(entry, "ann").text, "");
  own.delete(1, false);
  assertEquals(own.apply(entry, "ann"), entry);
});

Deno.test("law: a reaction that has come is shown as one that is under way, and never twice", () => {
  const names = fc.uniqueArray(fc.constantFrom("ann", "bob", "carl", "dora"));
  fc.assert(fc.property(names, fc.boolean(), (before, on) => {
    const reactions = before.length > 0
      ? [{ emoji: "👍", count: before.length, names: before }]
      : [];
    const entry = message(1, reactions.length > 0 ? { reactions } : {});
    const own = new OwnChanges();
    own.replace([outgoing({ type: "reaction", emoji: "👍", on })], true);
    const expected = own.apply(entry, "ann").reactions ?? [];
    const others = before.filter((name) => name !== "ann");
    const after = on ? [...others, "ann"] : others;
    assertEquals(expected[0]?.count ?? 0, after.length);
    assertEquals([...expected[0]?.names ?? []].sort(), after.toSorted());
    const change = {
      type: "reaction",
      seq: 5,
      at: NOW,
      from: "ann",
      ref: 1,
      emoji: "👍",
      on,
    } as const;
    const stored = changedBy(entry, { ...change, count: after.length, names: after });
    // The outbox may still have it when the entry comes.
    const both = own.apply(stored, "ann").reactions ?? [];
    assertEquals(both[0]?.count ?? 0, after.length);
  }));
});

Deno.test("an answered message keeps up with the log, is asked for once, and is forgotten in time", () => {
  const quotes = new Quotes();
  assert(quotes.isWanted(1));
  assert(!quotes.isWanted(1), "somebody has asked");
  quotes.fail(1);
  assert(quotes.isWanted(1));
  quotes.set(1, message(1, { text: "secret" }));
  assert(!quotes.isWanted(1));
  quotes.change({ type: "delete", seq: 9, at: NOW, from: "ann", ref: 1 });
  assertEquals(quotes.get(1), message(1, { text: "", deleted: true, changed: 9 }));
  quotes.set(2, "missing");
  quotes.change({ type: "edit", seq: 10, at: NOW, from: "ann", ref: 2, text: "x" });
  assertEquals(quotes.get(2), "missing");
  for (let seq = 10; seq < 1010; seq++) quotes.set(seq, "missing");
  assertEquals(quotes.get(1), undefined);
  assert(quotes.isWanted(1));
});

Deno.test("emoji are found by name, shortcode, word or themselves, the nearest first, in each language", async () => {
  const { emoji } = await readEmojiList("en");
  const first = (query: string) => findEmoji(emoji, query)[0]?.[0];
  assertEquals([":tada:", "+1", "thumbs up", "heart", "PIZZA", "flag japan", "🎉"].map(first), [
    "🎉",
    "👍",
    "👍",
    "❤️",
    "🍕",
    "🇯🇵",
    "🎉",
  ]);
  assertEquals(findEmoji(emoji, "  "), []);
  assertEquals(findEmoji(emoji, "qqqq"), []);
  assert(findEmoji(emoji, "e").length <= 120);
  const korean = (await readEmojiList("ko")).emoji;
  assertEquals(findEmoji(korean, "파티")[0]?.[0], "🎉");
  assertEquals(findEmoji(korean, "tada")[0]?.[0], "🎉", "shortcodes are the same everywhere");
});

Deno.test("the emoji chosen lately come first, and a skin tone is kept; what else is stored does no harm", async () => {
  const storage = new FakeStorage();
  const own = new OwnEmoji(storage);
  assertEquals(own.recent.length, 6);
  own.chose("🍕");
  own.chose("🎉");
  own.chose("🍕");
  assertEquals(own.recent.slice(0, 2), ["🍕", "🎉"]);
  assertEquals(own.recent.length, 6, "the usual ones fill up");
  for (let i = 0; i < 40; i++) own.chose(String.fromCodePoint(0x1f600 + i));
  assertEquals(own.recent.length, 16);
  own.tone = 3;
  assertEquals(new OwnEmoji(storage).tone, 3);
  const wave = (await readEmojiList("en")).emoji.find(([emoji]) => emoji === "👋")!;
  assertEquals([toned(wave, 0), toned(wave, 3)], ["👋", "👋🏽"]);
  for (const kept of ["{", "7", `[1,null]`, `"x"`]) {
    storage.setItem("partyline.emoji", kept);
    storage.setItem("partyline.tone", kept);
    assertEquals([own.recent[0], own.tone], ["👍", 0], kept);
  }
});
