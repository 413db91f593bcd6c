import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Log } from "../../lib/log/log.ts";
import { allChangedBy } from "../../lib/model/change.ts";
import type {
  DeleteDraft,
  Draft,
  EditDraft,
  MessageDraft,
  ReactionDraft,
} from "../../lib/model/draft.ts";
import {
  type Entry,
  isChange,
  LIMITS,
  type Message,
  type Outcome,
} from "../../lib/model/message.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import type { ContractOptions } from "./log_contract.ts";

const ANN = { sender: "session-a", from: "ann" };
const BOB = { sender: "session-b", from: "bob" };
type By = typeof ANN;
interface More {
  readonly by?: By;
  readonly id?: string;
}

export function say(text: string, fields: Partial<MessageDraft> = {}): MessageDraft {
  return { ...ANN, text, ...fields };
}

export function edit(
  ref: number,
  text: string,
  { by = ANN, id, notBefore = -Infinity }: More & { notBefore?: number } = {},
): EditDraft {
  return { type: "edit", ...by, ref, text, notBefore, ...(id !== undefined && { id }) };
}

export function remove(
  ref: number,
  { by = ANN, id, operator }: More & { operator?: true } = {},
): DeleteDraft {
  return {
    type: "delete",
    ...by,
    ref,
    ...(operator && { operator }),
    ...(id !== undefined && { id }),
  };
}

export function react(
  ref: number,
  emoji: string,
  { by = ANN, id, on = true }: More & { on?: boolean } = {},
): ReactionDraft {
  return { type: "reaction", ...by, ref, emoji, on, ...(id !== undefined && { id }) };
}

/** An outcome in one word: where it is, `=` before it where it was there already; or why not. */
function told(outcome: Outcome): string {
  if (outcome instanceof Refusal) return outcome.code;
  return `${outcome.duplicate ? "=" : ""}${outcome.seq}`;
}

/** What somebody shows who takes entries as they come. */
function folded(entries: readonly Entry[]): Entry[] {
  const shown: Entry[] = [];
  for (const entry of entries) {
    if (isChange(entry)) shown.splice(0, shown.length, ...allChangedBy(shown, [entry]));
    shown.push(entry);
  }
  return shown;
}

const FILE = { id: "f1", name: "a.png", type: "image/png", size: 3, width: 1, height: 2 };

/** Holds a log to what it promises of messages that are answered, changed, deleted and reacted to. */
export function changesContract(
  name: string,
  { create, gone, test: make = Deno.test }: ContractOptions,
): void {
  function test(promise: string, check: (log: Log) => Promise<void>): void {
    make(`${name}: ${promise}`, async () => {
      await using store = await create();
      await using log = await store.open();
      await check(log);
    });
  }

  async function append(log: Log, ...drafts: Draft[]): Promise<string[]> {
    return (await log.append(drafts)).map(told);
  }

  async function at(log: Log, seq: number): Promise<Message> {
    const [message] = await log.readMessages({ after: seq - 1, limit: 1 });
    assertEquals(message?.seq, seq);
    return message!;
  }

  test("a message is read as it is now, and what made it so in its place", async (log) => {
    await append(log, say("one"), say("two"));
    assertEquals(
      await append(log, edit(1, "ONE"), react(1, "👍"), react(1, "👍", { by: BOB }), remove(2)),
      ["3", "4", "5", "6"],
    );
    const entries = await log.read({ after: 0, limit: 10 });
    const ats = entries.map(({ at }) => at);
    assertEquals(entries, [
      {
        type: "message",
        seq: 1,
        at: ats[0]!,
        from: "ann",
        text: "ONE",
        edited: ats[2]!,
        reactions: [{ emoji: "👍", count: 2, names: ["ann", "bob"] }],
        changed: 5,
      },
      { type: "message", seq: 2, at: ats[1]!, from: "ann", text: "", deleted: true, changed: 6 },
      { type: "edit", seq: 3, at: ats[2]!, from: "ann", ref: 1, text: "ONE" },
      {
        type: "reaction",
        seq: 4,
        at: ats[3]!,
        from: "ann",
        ref: 1,
        emoji: "👍",
        on: true,
        count: 1,
        names: ["ann"],
      },
      {
        type: "reaction",
        seq: 5,
        at: ats[4]!,
        from: "bob",
        ref: 1,
        emoji: "👍",
        on: true,
        count: 2,
        names: ["ann", "bob"],
      },
      { type: "delete", seq: 6, at: ats[5]!, from: "ann", ref: 2 },
    ]);
    assertEquals(await log.readMessages({ after: 0, limit: 10 }), entries.slice(0, 2) as Message[]);
    assertEquals(await log.readMessages({ before: 9, limit: 1 }), [entries[1] as Message]);
  });

  test("a message can answer another one, also one that was deleted, and nothing else", async (log) => {
    await append(log, say("one", BOB), say("two"), remove(2), say("three", { re: 1 }));
    assertEquals(
      await append(
        log,
        say("four", { re: 2 }),
        say("five", { re: 3 }),
        say("six", { re: 99 }),
        say("seven", { re: 7 }),
        say("eight", { re: 6 }),
      ),
      ["5", "bad_request", "not_found", "not_found", "not_found"],
    );
    const [answer, another] = [await at(log, 4), await at(log, 5)];
    assertEquals([answer.re, answer.to, answer.text], [1, "bob", "three"]);
    assertEquals([another.re, another.to], [2, "ann"]);
  });

  test("a refused draft keeps no other from being stored, and takes no seq", async (log) => {
    assertEquals(
      await append(log, say("one"), edit(9, "x"), say("two"), remove(1, { by: BOB }), say("three")),
      ["1", "not_found", "2", "forbidden", "3"],
    );
    assertEquals(log.last, 3);
  });

  test("one's own messages alone can be edited, and for so long; an operator deletes all", async (log) => {
    await append(log, say("one"), say("two", BOB));
    const { at: then } = await at(log, 1);
    assertEquals(
      await append(
        log,
        edit(1, "mine", { by: BOB }),
        edit(1, "late", { notBefore: then + 1 }),
        edit(1, "in time", { notBefore: then }),
        remove(2),
        remove(2, { operator: true }),
        remove(1, { by: BOB }),
        remove(1),
      ),
      ["forbidden", "forbidden", "3", "forbidden", "4", "forbidden", "5"],
    );
  });

  test("a message that was deleted stays so, whatever comes after it, in one batch or later", async (log) => {
    await append(log, say("one"));
    const after = [edit(1, "x"), remove(1), react(1, "👍"), remove(1, { operator: true })];
    assertEquals(await append(log, remove(1), ...after), [
      "2",
      ...after.map(() => "bad_request"),
    ]);
    assertEquals(await append(log, ...after), after.map(() => "bad_request"));
    assertEquals((await at(log, 1)).deleted, true);
  });

  test("what is no message cannot be changed", async (log) => {
    await append(log, say("one"), { type: "topic", ...ANN, text: "tea" }, edit(1, "x"));
    for (const ref of [2, 3]) {
      assertEquals(
        await append(log, edit(ref, "y"), remove(ref), react(ref, "👍")),
        ["bad_request", "bad_request", "bad_request"],
      );
    }
    for (const ref of [0, -1, 4, 1e9]) {
      assertEquals(
        await append(log, edit(ref, "y"), remove(ref), react(ref, "👍")),
        ["not_found", "not_found", "not_found"],
      );
    }
  });

  test("what is announced is as it is once the changes after it are applied", async (log) => {
    const heard: Entry[] = [];
    using _ = log.watch((entries) => void heard.push(...entries));
    await append(log, say("secret"), edit(1, "other secret"), react(1, "👍"), remove(1));
    const now = await log.read({ after: 0, limit: 10 });
    assertEquals(folded(heard), now as Entry[]);
    assert(!JSON.stringify(now).includes("secret"));
  });

  test("texts of edits are gone with their message, all others stay", async (log) => {
    await append(log, say("a"), say("b"), edit(1, "a1"), edit(2, "b1"), edit(1, "a2"));
    await append(log, edit(1, "a3"), remove(1));
    const edits = (await log.read({ after: 0, limit: 10 })).filter((each) => each.type === "edit");
    assertEquals(edits.map(({ ref, text }) => [ref, text]), [[1, ""], [2, "b1"], [1, ""], [1, ""]]);
    assertEquals((await log.search({ query: "a", limit: 9 })).entries, []);
  });

  test("one person has one of each emoji; what changes nothing is told where it was made so", async (log) => {
    await append(log, say("one"));
    assertEquals(
      await append(
        log,
        react(1, "👍", { on: false }),
        react(1, "👍"),
        react(1, "👍"),
        react(1, "👍", { by: BOB }),
        react(1, "🎉"),
      ),
      ["=1", "2", "=2", "3", "4"],
    );
    assertEquals((await at(log, 1)).reactions, [
      { emoji: "👍", count: 2, names: ["ann", "bob"] },
      { emoji: "🎉", count: 1, names: ["ann"] },
    ]);
    assertEquals(
      await append(log, react(1, "👍", { on: false }), react(1, "👍", { on: false })),
      ["5", "=5"],
    );
    assertEquals((await at(log, 1)).reactions?.[0], { emoji: "👍", count: 1, names: ["bob"] });
    assertEquals(await append(log, react(1, "👍")), ["6"]);
    assertEquals((await at(log, 1)).reactions?.[0]?.names, ["bob", "ann"]);
    await append(log, react(1, "🎉", { on: false }));
    assertEquals((await at(log, 1)).reactions?.length, 1);
  });

  test("the id of a reaction that changed nothing is free", async (log) => {
    await append(log, say("one"), react(1, "👍", { id: "a" }));
    assertEquals(await append(log, react(1, "👍", { id: "b" })), ["=2"]);
    assertEquals(await append(log, say("two", { id: "b" }), react(1, "👍", { id: "b" })), [
      "3",
      "bad_request",
    ]);
  });

  test("20 names are told of those who reacted, the first first, and all are counted", async (log) => {
    const people = Array.from({ length: 25 }, (_, i) => ({ sender: `s${i}`, from: `p${i}` }));
    await append(log, say("one"), ...people.map((by) => react(1, "👍", { by })));
    const reaction = async () => (await at(log, 1)).reactions?.[0];
    assertEquals(await reaction(), {
      emoji: "👍",
      count: 25,
      names: people.slice(0, LIMITS.reactors).map(({ from }) => from),
    });
    await append(log, react(1, "👍", { by: people[3]!, on: false }));
    const names = people.filter((_, i) => i !== 3).slice(0, LIMITS.reactors);
    assertEquals(await reaction(), {
      emoji: "👍",
      count: 24,
      names: names.map(({ from }) => from),
    });
  });

  test("a message has 20 different emoji at most", async (log) => {
    const emoji = Array.from({ length: 21 }, (_, i) => String.fromCodePoint(0x1f600 + i));
    await append(log, say("one"));
    const outcomes = await append(log, ...emoji.map((each) => react(1, each)));
    assertEquals(outcomes.at(-1), "bad_request");
    assertEquals(outcomes.length - 1, outcomes.filter((each) => /^\d+$/.test(each)).length);
    assertEquals(
      await append(
        log,
        react(1, emoji[0]!, { by: BOB }),
        react(1, emoji[1]!, { on: false }),
        react(1, emoji[20]!),
      ),
      ["22", "23", "24"],
    );
  });

  test("an id that was used for something else is refused, whatever has become of that", async (log) => {
    const files = [FILE];
    const drafts: Draft[] = [
      say("one", { id: "a" }),
      say("two", { id: "b", re: 1 }),
      say("three", { id: "c", files }),
      edit(1, "ONE", { id: "d" }),
      edit(2, "TWO", { id: "e" }),
      react(3, "👍", { id: "f" }),
      remove(2, { id: "g" }),
      { type: "topic", ...ANN, text: "tea", id: "h" },
    ];
    const others: Draft[] = [
      say("ONE", { id: "a" }),
      say("one", { id: "a", re: 2 }),
      say("one", { id: "a", files }),
      say("two", { id: "b" }),
      say("", { id: "b", re: 1 }),
      say("three", { id: "c", files: [{ ...FILE, id: "f2" }] }),
      edit(1, "one", { id: "d" }),
      edit(2, "ONE", { id: "d" }),
      edit(2, "", { id: "e" }),
      react(3, "🎉", { id: "f" }),
      react(3, "👍", { id: "f", on: false }),
      react(1, "👍", { id: "f" }),
      remove(1, { id: "g" }),
      { type: "topic", ...ANN, text: "ONE", id: "h" },
      say("tea", { id: "h" }),
      remove(1, { id: "a" }),
    ];
    const seqs = drafts.map((_, i) => `${i + 1}`);
    assertEquals(await append(log, ...drafts), seqs);
    const check = async () => {
      const { last } = log;
      assertEquals(await append(log, ...drafts), seqs.map((seq) => `=${seq}`));
      assertEquals(await append(log, ...others), others.map(() => "bad_request"));
      assertEquals(log.last, last);
    };
    await check();
    await append(log, remove(1), edit(3, "THREE"), remove(3));
    await check();
    await append(log, say("the newest"));
    assertEquals(await log.trim(log.last, 100), log.last - 1);
    await check();
  });

  test("a search finds messages as they are now, never what they were", async (log) => {
    await append(log, say("apple pie"), say("apple cake"), say("apple tart"));
    const find = async (query: string) =>
      (await log.search({ query, limit: 9 })).entries.map(({ seq, text }) => `${seq} ${text}`);
    await append(log, edit(1, "pear pie"), remove(2), react(3, "👍"));
    assertEquals(await find("apple"), ["3 apple tart"]);
    assertEquals(await find("pear"), ["1 pear pie"]);
    assertEquals(await find("👍"), []);
    const [found] = (await log.search({ query: "tart", limit: 9 })).entries;
    assertEquals(found, await at(log, 3));
  });

  test("missing files keep a message from being stored, and none that was stored from being known", async (log) => {
    const missing = (id: string) =>
      say("look", { id, files: { ids: [FILE.id], why: new Refusal("not_found", "no such file") } });
    await append(log, say("look", { id: "a", files: [FILE] }));
    const check = async (...outcomes: string[]) => {
      assertEquals(await append(log, missing("a"), missing("b")), outcomes);
    };
    await check("=1", "not_found");
    await append(log, remove(1));
    await check("=1", "not_found");
    await append(log, say("the newest"));
    await log.trim(log.last, 100);
    await check("=1", "not_found");
  });

  test("somebody's last message is their newest that is not deleted", async (log) => {
    assertEquals(await log.lastMessageOf(ANN.sender), undefined);
    await append(log, say("one"), say("two"), say("three", BOB), edit(1, "ONE"), react(3, "👍"));
    assertEquals(await log.lastMessageOf(ANN.sender), 2);
    await append(log, edit(2, "TWO"));
    assertEquals(await log.lastMessageOf(ANN.sender), 2);
    await append(log, remove(2));
    assertEquals(await log.lastMessageOf(ANN.sender), 1);
    assertEquals(await log.lastMessageOf(BOB.sender), 3);
  });

  test("files belong to the messages that have them", async (log) => {
    await append(log, say("one", { files: [FILE] }), say("", { files: [FILE] }), say("none"));
    assertEquals((await at(log, 2)).files, [FILE]);
    assertEquals(await log.hasFile(FILE.id), true);
    assertEquals(await log.hasFile("f2"), false);
    await append(log, remove(1));
    assertEquals([(await at(log, 1)).files, await log.hasFile(FILE.id)], [undefined, true]);
    await append(log, remove(2));
    assertEquals(await log.hasFile(FILE.id), false);
  });

  test("what is trimmed takes with it what belongs to it", async (log) => {
    await append(
      log,
      say("one", { files: [FILE] }),
      react(1, "👍"),
      say("two"),
      edit(1, "ONE", { id: "e" }),
      edit(3, "TWO"),
      say("three", { re: 1 }),
    );
    assertEquals(await log.trim(3, 10), 2);
    assertEquals(await log.hasFile(FILE.id), false);
    const entries = await log.read({ after: 0, limit: 9 });
    assertEquals(entries.map((each) => "text" in each ? each.text : ""), [
      "TWO",
      "",
      "TWO",
      "three",
    ]);
    assertEquals(
      await append(
        log,
        edit(1, "x"),
        react(2, "👍"),
        say("four", { re: 1 }),
        edit(1, "ONE", {
          id: "e",
        }),
      ),
      ["not_found", "not_found", "not_found", "=4"],
    );
    assertEquals([(await at(log, 6)).re, (await at(log, 6)).to], [1, "ann"]);
  });

  test("entries read at any time, and the changes after them, lead to the same view", async (log) => {
    const early: (readonly Entry[])[] = [];
    const batches: Draft[][] = [
      [say("a"), say("b"), say("c")],
      [edit(1, "A"), react(2, "👍"), say("d", { re: 1 })],
      [react(2, "👍", { by: BOB }), react(2, "👍", { on: false }), edit(3, "C")],
      [remove(3), edit(1, "AA"), react(1, "🎉")],
    ];
    for (const batch of batches) {
      await append(log, ...batch);
      early.push(await log.read({ after: 0, limit: 100 }));
    }
    const now = early.at(-1)!;
    for (const before of early) {
      const view = [...before, ...now.slice(before.length)];
      assertEquals(allChangedBy(view, now.filter(isChange)), now as Entry[]);
    }
  });

  make(
    `${name}: from any prefix, any cursor and any repetition, the view is that of the history`,
    async () => {
      const act = fc.record({
        by: fc.constantFrom(ANN, BOB),
        what: fc.constantFrom("say", "say", "edit", "delete", "react", "react", "take back"),
        back: fc.nat(6),
        emoji: fc.constantFrom("👍", "🎉"),
        id: fc.constantFrom(undefined, undefined, "a", "b"),
      });
      const story = fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { maxLength: 12 });
      const picks = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), {
        minLength: 5,
        maxLength: 5,
      });
      await fc.assert(
        fc.asyncProperty(story, picks, async (batches, picks) => {
          await using store = await create();
          await using log = await store.open();
          const live: Entry[] = [];
          using _ = log.watch((entries) => void live.push(...entries));
          const loads: (readonly Entry[])[] = [[]];
          for (const batch of batches) {
            await log.append(batch.map(({ by, what, back, emoji, id }) => {
              const ref = Math.max(1, log.last + 2 - back);
              const more = { by, ...(id !== undefined && { id }) };
              if (what === "edit") return edit(ref, `edit ${back}`, more);
              if (what === "delete") return remove(ref, more);
              if (what === "say") return { ...by, text: "text", ...(id !== undefined && { id }) };
              return react(ref, emoji, { ...more, on: what === "react" });
            }));
            loads.push(await log.read({ after: 0, limit: 1000 }));
          }
          const now = loads.at(-1)!;
          assertEquals(folded(live), now as Entry[], "live from the beginning");
          for (const [load, cut, again] of picks) {
            const loaded = loads[load % loads.length]!;
            const cursor = cut % (loaded.length + 1);
            const view = [
              ...loaded.slice(0, cursor),
              ...await log.read({ after: cursor, limit: 1000 }),
            ];
            const told = view.filter(isChange);
            const repeated = told.slice(again % (told.length + 1));
            assertEquals(allChangedBy(folded(view), repeated), now as Entry[]);
          }
        }),
        { numRuns: 40 },
      );
    },
  );

  if (gone !== undefined) return;
  make(`${name}: changes are there again when it is opened again`, async () => {
    await using store = await create();
    let before;
    {
      await using log = await store.open();
      await append(log, say("one"), say("two"), react(1, "👍"), edit(1, "ONE", { id: "e" }));
      await append(log, remove(2));
      before = await log.read({ after: 0, limit: 100 });
    }
    await using log = await store.open();
    assertEquals(await log.read({ after: 0, limit: 100 }), before);
    assertEquals(
      await append(log, react(1, "👍"), edit(1, "ONE", { id: "e" }), react(1, "👍", { by: BOB })),
      ["=3", "=4", "6"],
    );
    assertEquals((await at(log, 1)).reactions, [{
      emoji: "👍",
      count: 2,
      names: ["ann", "bob"],
    }]);
  });
}
