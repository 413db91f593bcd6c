import { assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { exportLines } from "../../lib/log/sqlite_export.ts";
import { importLines } from "../../lib/log/sqlite_import.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import type { Draft } from "../../lib/model/draft.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { edit, react, remove } from "./changes_contract.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { all, draft, topicDraft } from "./log_contract.ts";
import { createFile } from "./sqlite_stores.ts";
import { textOf } from "../../lib/model/message.ts";

const HEAD = { type: "log", v: 1, epoch: "kanother" };

function entry(seq: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: "message", seq, at: 1000 + seq, sender: "s", from: "ann", text: "hi", ...fields };
}

function forgotten(seq: number, fields: Record<string, unknown> = {}): Record<string, unknown> {
  return { type: "forgotten", seq, sender: "s", id: `id-${seq}`, ...fields };
}

const DELETE = entry(2, { type: "delete", ref: 1 });
const EDIT = entry(2, { type: "edit", ref: 1, text: "HI" });
const REACTION = entry(2, {
  type: "reaction",
  ref: 1,
  emoji: "👍",
  on: true,
  count: 1,
  names: ["ann"],
});
const FILE = { id: "f", name: "a.png", type: "image/png", size: 3 };

async function* linesOf(rows: readonly (Record<string, unknown> | string)[]) {
  for (const row of rows) yield typeof row === "string" ? row : JSON.stringify(row);
}

Deno.test("what is imported is what was exported, under a new epoch", async () => {
  await using from = await createFile();
  await using to = await createFile();
  const clock = new ManualClock();
  let entries, epoch;
  {
    await using log = new SqliteLog(from.path, clock);
    for (let i = 1; i <= 9; i++) {
      clock.advance(1000);
      const id = i % 2 ? { id: `id-${i}` } : {};
      await log.append([draft(`text ${i}, "quoted"\n\\ 😀`, { sender: `s-${i % 3}`, ...id })]);
    }
    await log.trim(4, 9);
    [entries, epoch] = [await all(log), log.epoch];
  }
  const lines = [...exportLines(from.path)];
  assertEquals(lines[0], `{"type":"log","v":1,"epoch":"${epoch}","messages":6,"forgotten":2}`);
  assertEquals(await importLines(to.path, linesOf(lines)), { count: 6, cleaned: 0 });
  assertEquals([...exportLines(to.path)].slice(1), lines.slice(1));
  await using log = new SqliteLog(to.path, clock);
  assertEquals(await all(log), entries);
  assertNotEquals(log.epoch, epoch);
  assertEquals(
    await log.append([
      draft(`text 1, "quoted"\n\\ 😀`, { sender: "s-1", id: "id-1" }),
      draft("new"),
    ]),
    [{ seq: 1, duplicate: true }, { seq: 10, duplicate: false }],
  );
});

Deno.test("topics are exported and imported in their places, the present one also where it is forgotten", async () => {
  for (const forget of [false, true]) {
    await using from = await createFile();
    await using to = await createFile();
    const clock = new ManualClock();
    clock.advance(1000);
    let before;
    {
      await using log = new SqliteLog(from.path, clock);
      await log.append([draft("one"), topicDraft("tea", "t"), draft("two")]);
      if (forget) await log.trim(3, 9);
      before = { entries: await all(log), topic: log.topic && { ...log.topic, id: undefined } };
    }
    const lines = [...exportLines(from.path)];
    await importLines(to.path, linesOf(lines));
    assertEquals([...exportLines(to.path)].slice(1), lines.slice(1));
    await using log = new SqliteLog(to.path, new ManualClock());
    const topic = log.topic && { ...log.topic, id: undefined };
    assertEquals({ entries: await all(log), topic }, before);
    assertEquals(log.topic?.text, "tea");
  }
});

Deno.test("messages with a life are exported and imported with all that has become of them", async () => {
  const file = { id: "f-1", name: "a.png", type: "image/png", size: 3, width: 1, height: 2 };
  const files = [file, { ...file, id: "f-2" }];
  const people = Array.from({ length: 25 }, (_, i) => ({ sender: `s${i}`, from: `p${i}` }));
  for (const trimTo of [1, 3, 8]) {
    await using from = await createFile();
    await using to = await createFile();
    const clock = new ManualClock();
    clock.advance(1000);
    const drafts: Draft[] = [
      draft("one", { id: "1" }),
      draft("two", { id: "2", re: 1 }),
      draft("", { files }),
      edit(1, "ONE", { id: "e1" }),
      edit(2, "TWO", { id: "e2" }),
      remove(1, { id: "d1" }),
      draft("last", { re: 2 }),
      ...people.map((by) => react(2, "👍", { by })),
      ...people.map((by) => react(7, "👍", { by })),
      react(7, "👍", { by: people[2]!, on: false, id: "r" }),
      edit(7, "LAST"),
      remove(7, { by: people[3]!, operator: true }),
      draft("after", { re: 7 }),
      react(61, "🎉"),
    ];
    const again = async (log: SqliteLog) => {
      const outcomes = await log.append([
        ...drafts,
        draft("other", { id: "1" }),
        edit(2, "other", { id: "e2" }),
        react(61, "🎉", { by: people[0]! }),
        react(61, "🎉", { on: false }),
      ]);
      return outcomes.map((each) => each instanceof Refusal ? each.message : each);
    };
    {
      await using log = new SqliteLog(from.path, clock);
      await log.append(drafts);
      await log.trim(trimTo, 100);
    }
    const lines = [...exportLines(from.path)];
    await importLines(to.path, linesOf(lines));
    assertEquals([...exportLines(to.path)].slice(1), lines.slice(1), `from ${trimTo}`);
    await using before = new SqliteLog(from.path, clock);
    await using after = new SqliteLog(to.path, clock);
    assertEquals(await all(after), await all(before));
    assertEquals(await after.hasFile("f-2"), await before.hasFile("f-2"));
    assertEquals(await again(after), await again(before));
    assertEquals(await all(after), await all(before));
  }
});

Deno.test("an export that lacks a change is refused", async () => {
  await using store = await createFile();
  await assertRejects(
    () =>
      importLines(store.path, linesOf([{ ...HEAD, messages: 1, changes: 2 }, entry(1), DELETE])),
    StartupError,
    "1 of 1 messages, 1 of 2 changes",
  );
});

Deno.test("an export that lacks a topic is refused", async () => {
  await using store = await createFile();
  await assertRejects(
    () => importLines(store.path, linesOf([{ ...HEAD, messages: 1, topics: 1 }, entry(1)])),
    StartupError,
    "1 of 1 messages, 0 of 1 topics",
  );
});

Deno.test("clients that know a log which was empty are told that the imported one is another", async () => {
  await using store = await createFile();
  let before;
  {
    await using log = await store.open();
    before = log.epoch;
  }
  await importLines(store.path, linesOf([HEAD, entry(1)]));
  await using log = await store.open();
  assertNotEquals(log.epoch, before);
  assertNotEquals(log.epoch, HEAD.epoch);
});

Deno.test("what is imported is cleaned as what is posted, and counted", async () => {
  await using store = await createFile();
  const imported = await importLines(
    store.path,
    linesOf([
      HEAD,
      entry(1, { text: "plain\n\ttext" }),
      entry(2, { text: "\x1b[31mred\x1b[0m \x9b2Jgone \u202eevil\u2066" }),
      entry(3, { from: "\x1b[1man\u202en\x07" }),
      entry(4, { from: "  ﬁona   two " }),
    ]),
  );
  assertEquals(imported, { count: 4, cleaned: 3 });
  await using log = await store.open();
  assertEquals((await all(log)).map((entry) => [entry.from, textOf(entry)]), [
    ["ann", "plain\n\ttext"],
    ["ann", "red gone evil"],
    ["ann", "hi"],
    ["fiona two", "hi"],
  ]);
});

for (
  const [what, rows, reason] of [
    ["no line at all", [], /^cannot import: there are no lines$/],
    ["no head", [entry(1)], /line 1: an export begins with/],
    ["two exports in one", [HEAD, entry(1), HEAD], /line 3: a second export begins here/],
    ["another version", [{ ...HEAD, v: 2 }], /line 1: unknown version 2; wanted 1/],
    ["an unknown type", [HEAD, { type: "x" }], /line 2: unknown type "x"/],
    ["no JSON", [HEAD, "{"], /line 2: .*JSON/],
    ["no object", [HEAD, "[]"], /line 2: wanted a JSON object/],
    ["a hole", [HEAD, entry(1), entry(3)], /line 3: seq 3 follows 1; wanted 2/],
    ["time that runs back", [HEAD, entry(1, { at: 9 }), entry(2, { at: 8 })], /line 3: "at" 8 is/],
    ["a seq that is none", [HEAD, entry(0)], /line 2: "seq" must be a whole number from 1/],
    ["no sender", [HEAD, entry(1, { sender: "" })], /line 2: "sender" must be a text/],
    ["an id that is none", [HEAD, entry(1, { id: "\n" })], /line 2: "id" must be 1 to 64/],
    [
      "a text that is empty when cleaned",
      [HEAD, entry(1, { text: "\x1b[0m " })],
      /the text is empty/,
    ],
    [
      "a text that is too long",
      [HEAD, entry(1, { text: "x".repeat(4001) })],
      /has 4001 characters/,
    ],
    ["a name that cannot be shown", [HEAD, entry(1, { from: "a\u200bb" })], /line 2: the name has/],
    [
      "an id used twice",
      [HEAD, entry(1, { id: "x" }), entry(2, { id: "x" })],
      /line 3: it is what 1 is/,
    ],
    ["a forgotten id of a kept message", [HEAD, entry(5), forgotten(5)], /line 3: the id of mess/],
    ["forgotten ids alone", [HEAD, forgotten(1)], /line 2: the id of message 1 is said/],
    ["an edit of nothing", [HEAD, entry(1), { ...EDIT, ref: 3 }], /line 3: there is no message #3/],
    ["a ref that is none", [HEAD, entry(1), { ...EDIT, ref: "1" }], /line 3: "ref" must be the/],
    ["an edit of others", [HEAD, entry(1), { ...EDIT, sender: "x" }], /line 3: #1 is not yours/],
    [
      "an edit of a topic",
      [HEAD, entry(1, { type: "topic" }), EDIT],
      /line 3: #1 is not a message/,
    ],
    [
      "an edit that is long",
      [HEAD, entry(1), { ...EDIT, text: "x".repeat(4001) }],
      /line 3: the te/,
    ],
    [
      "an edit of what is deleted",
      [HEAD, entry(1), DELETE, { ...EDIT, seq: 3, at: 2000 }],
      /line 4/,
    ],
    [
      "an edit without a text",
      [HEAD, entry(1), { ...EDIT, text: "" }],
      /message 1 has no text, and/,
    ],
    [
      "a text that is gone",
      [HEAD, entry(1, { deleted: true })],
      /message 1 has no text, and no line/,
    ],
    [
      "a print that is none",
      [HEAD, entry(1, { print: 2 ** 32 })],
      /"print" must be .* to 4294967295/,
    ],
    [
      "an answer to nothing",
      [HEAD, entry(1, { re: 1, to: "bob" })],
      /line 2: there is no message #1/,
    ],
    ["a late answer to nobody", [HEAD, entry(5, { re: 1 })], /line 2: "to" must be a text/],
    [
      "no emoji",
      [HEAD, entry(1), { ...REACTION, emoji: "x" }],
      /line 3: "emoji" must be one emoji/,
    ],
    [
      "a reaction that is neither",
      [HEAD, entry(1), { ...REACTION, on: 1 }],
      /line 3: "on" must be/,
    ],
    ["half a reaction", [HEAD, entry(1), { ...REACTION, count: -1 }], /line 3: "count" must be/],
    [
      "names that are none",
      [HEAD, entry(1), { ...REACTION, names: [1] }],
      /line 3: "name" must be/,
    ],
    [
      "a reaction twice",
      [HEAD, entry(1), REACTION, { ...REACTION, seq: 3, at: 2000 }],
      /is what 2 is/,
    ],
    ["files that are none", [HEAD, entry(1, { files: {} })], /line 2: "files" must be a list/],
    ["a file that is none", [HEAD, entry(1, { files: ["x"] })], /line 2: a file must be an object/],
    [
      "a file's path",
      [HEAD, entry(1, { files: [{ ...FILE, name: "../x" }] })],
      /line 2: the name of a/,
    ],
    [
      "a file's id",
      [HEAD, entry(1, { files: [{ ...FILE, id: "../x" }] })],
      /line 2: the id of a file/,
    ],
    [
      "a file's type",
      [HEAD, entry(1, { files: [{ ...FILE, type: "x" }] })],
      /line 2: the type of a fi/,
    ],
    [
      "a file's size",
      [HEAD, entry(1, { files: [{ ...FILE, size: -1 }] })],
      /line 2: "size" must be/,
    ],
    [
      "an end that is missing",
      [{ ...HEAD, messages: 3 }, entry(1)],
      /the export has 1 of 3 messages and 0 of 0 ids/,
    ],
    [
      "ids that are missing",
      [{ ...HEAD, messages: 1, forgotten: 2 }, entry(9), forgotten(1)],
      /the export has 1 of 1 messages and 1 of 2 ids/,
    ],
  ] satisfies [string, (Record<string, unknown> | string)[], RegExp][]
) {
  Deno.test(`an import with ${what} stores nothing, and says where it stopped`, async () => {
    await using store = await createFile();
    const { message } = await assertRejects(
      () => importLines(store.path, linesOf(rows)),
      StartupError,
    );
    assertMatch(message, reason);
    assertMatch(message, /^cannot import[^\n]+$/);
    await using log = await store.open();
    assertEquals([log.last, (await all(log)).length], [0, 0]);
  });
}

Deno.test("an export of the time when its head did not count the rest is imported", async () => {
  await using store = await createFile();
  assertEquals(
    await importLines(store.path, linesOf([HEAD, "", entry(5), entry(6), forgotten(4), " "])),
    { count: 2, cleaned: 0 },
  );
});

Deno.test("nothing is imported into a log that has messages", async () => {
  await using store = await createFile();
  {
    await using log = await store.open();
    await log.append([draft("mine")]);
  }
  const before = [...exportLines(store.path)];
  const { message } = await assertRejects(
    () => importLines(store.path, linesOf([HEAD, entry(1)])),
    StartupError,
  );
  assertEquals(message, `${store.path} has messages; import into an empty --data directory`);
  assertEquals([...exportLines(store.path)], before);
});
