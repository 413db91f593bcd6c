import { assert, assertEquals, assertMatch, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { changesContract } from "./changes_contract.ts";
import type { Log, MessageRange } from "../../lib/log/log.ts";
import type { MessageDraft, TopicDraft } from "../../lib/model/draft.ts";
import { type Entry, textOf } from "../../lib/model/message.ts";

/** One log of its own for a test, gone when disposed. */
export interface Store extends AsyncDisposable {
  /** The log; again after it was closed, where the store is durable. */
  open(): Promise<Log>;
}

export interface ContractOptions {
  readonly create: () => Promise<Store>;
  /** Why the log cannot be opened again after it was closed, where it cannot. */
  readonly gone?: string;
  /** What makes tests of it: they are skipped where the log cannot be had. */
  readonly test?: (name: string, fn: () => Promise<void>) => void;
}

export function draft(text: string, fields: Partial<MessageDraft> = {}): MessageDraft {
  return { sender: "session-a", from: "ann", text, ...fields };
}

export function topicDraft(text: string, id?: string): TopicDraft {
  return { type: "topic", sender: "session-a", from: "ann", text, ...(id !== undefined && { id }) };
}

export function all(log: Log): Promise<readonly Entry[]> {
  return log.read({ after: 0, limit: 100_000 });
}

/** Holds a log to every promise in the docstring of `Log`. */
export function logContract(name: string, options: ContractOptions): void {
  const { create, gone, test: make = Deno.test } = options;
  function test(promise: string, check: (log: Log, store: Store) => Promise<void>): void {
    make(`${name}: ${promise}`, async () => {
      await using store = await create();
      await using log = await store.open();
      await check(log, store);
    });
  }

  function durable(promise: string, check: (store: Store) => Promise<void>): void {
    if (gone !== undefined) {
      Deno.test.ignore(`${name}: ${promise} (not here: ${gone})`, () => {});
      return;
    }
    make(`${name}: ${promise}`, async () => {
      await using store = await create();
      await check(store);
    });
  }

  test("a new log is empty, and its epoch fits in a cursor", async (log) => {
    assertEquals([log.first, log.last], [1, 0]);
    assertEquals(await all(log), []);
    assertEquals(await log.read({ before: 10, limit: 10 }), []);
    assertEquals(await log.search({ query: "hi", limit: 10 }), { entries: [] });
    assertMatch(log.epoch, /^[a-z][a-z0-9]{0,31}$/);
  });

  test("seq is dense in the order of append, and entries come back as they were", async (log) => {
    const before = Date.now();
    assertEquals(await log.append([draft("one"), draft("two", { id: "c-7f" })]), [
      { seq: 1, duplicate: false },
      { seq: 2, duplicate: false },
    ]);
    assertEquals(await log.append([draft("three", { from: "bob" })]), [
      { seq: 3, duplicate: false },
    ]);
    assertEquals([log.first, log.last], [1, 3]);
    const entries = await all(log);
    const at = entries.map((entry) => entry.at);
    assertEquals(entries, [
      { type: "message", seq: 1, at: at[0]!, from: "ann", text: "one" },
      { type: "message", seq: 2, at: at[1]!, id: "c-7f", from: "ann", text: "two" },
      { type: "message", seq: 3, at: at[2]!, from: "bob", text: "three" },
    ]);
    assertEquals(at, at.toSorted((a, b) => a - b));
    assert(at[0]! >= before - 1000 && at[2]! <= Date.now() + 1000);
  });

  test("texts and names come back to the letter", async (log) => {
    const text = fc.string({ unit: "grapheme", minLength: 1, maxLength: 50 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(text, text), { minLength: 1 }), async (pairs) => {
        const after = log.last;
        await log.append(pairs.map(([from, text]) => draft(text, { from })));
        const entries = await log.read({ after, limit: 100 });
        assertEquals(entries.map((entry) => [entry.from, textOf(entry)]), pairs);
      }),
      { numRuns: 20 },
    );
  });

  test("an id its sender has used stores nothing, and answers with the first seq", async (log) => {
    const first = draft("first", { id: "x" });
    assertEquals(await log.append([first, first, draft("next")]), [
      { seq: 1, duplicate: false },
      { seq: 1, duplicate: true },
      { seq: 2, duplicate: false },
    ]);
    // As somebody is called now.
    assertEquals(await log.append([{ ...first, from: "annabel" }]), [{ seq: 1, duplicate: true }]);
    assertEquals((await all(log)).map(textOf), ["first", "next"]);
    assertEquals(log.last, 2);
  });

  test("the same id from another sender, and no id at all, is a new message", async (log) => {
    await log.append([draft("a", { id: "x" }), draft("b", { id: "x", sender: "session-b" })]);
    await log.append([draft("c"), draft("c"), draft("d", { id: "X" })]);
    assertEquals((await all(log)).map(textOf), ["a", "b", "c", "c", "d"]);
  });

  test("each entry is announced once, in order, before its receipt", async (log) => {
    const heard: Entry[][] = [];
    const lasts: number[] = [];
    using _first = log.watch((entries) => {
      heard.push([...entries]);
      lasts.push(log.last);
    });
    const also: Entry[] = [];
    const second = log.watch((entries) => also.push(...entries));
    await log.append([draft("a", { id: "x" }), draft("b")]);
    assertEquals(heard.flat().map(textOf), ["a", "b"]);
    second[Symbol.dispose]();
    second[Symbol.dispose]();
    await log.append([draft("a", { id: "x" })]);
    await log.append([draft("a", { id: "x" }), draft("c")]);
    assertEquals(heard.flat(), await all(log) as Entry[]);
    assertEquals(also.map(textOf), ["a", "b"]);
    assert(heard.every((entries) => entries.length > 0), "announced nothing");
    assertEquals(lasts, heard.map((entries) => entries.at(-1)!.seq));
  });

  test("what is announced can be read at once, and nothing newer", async (log) => {
    const reads: Promise<void>[] = [];
    using _watching = log.watch(() => {
      const { last } = log;
      reads.push(all(log).then((entries) => assertEquals(entries.at(-1)?.seq, last)));
    });
    for (let i = 0; i < 5; i++) await log.append([draft(`text ${i}`)]);
    await Promise.all(reads);
    assertEquals(reads.length, 5);
  });

  test("a page holds what is next to its position, in order", async (log) => {
    await log.append(Array.from({ length: 30 }, (_, i) => draft(`text ${i + 1}`)));
    const entries = await all(log);
    const position = fc.integer({ min: -2, max: 35 });
    await fc.assert(fc.asyncProperty(position, fc.nat(40), async (position, limit) => {
      assertEquals(
        await log.read({ after: position, limit }),
        entries.filter(({ seq }) => seq > position).slice(0, limit),
      );
      assertEquals(
        await log.read({ before: position, limit }),
        entries.filter(({ seq }) => seq < position).slice(limit === 0 ? 30 : -limit),
      );
    }));
  });

  test("replay after any cursor plus live equals the log", async (log) => {
    const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(5), fc.nat(), async (sizes, joins, place) => {
        const after = place % (log.last + 1);
        const live: Entry[] = [];
        let replayed: readonly Entry[] = [];
        using _watching = log.watch((entries) => live.push(...entries));
        for (const [i, size] of sizes.entries()) {
          if (i === joins) replayed = await log.read({ after, limit: 100_000 });
          await log.append(Array.from({ length: size }, () => draft("x")));
        }
        if (joins >= sizes.length) replayed = await log.read({ after, limit: 100_000 });
        const seam = replayed.at(-1)?.seq ?? after;
        const seen = [...replayed, ...live.filter(({ seq }) => seq > seam)];
        assertEquals(seen, await log.read({ after, limit: 100_000 }) as Entry[]);
        assertEquals(seen.map(({ seq }) => seq), seen.map((_, i) => after + 1 + i));
      }),
      { numRuns: 20 },
    );
  });

  test("a search finds the texts that have all words, newest first", async (log) => {
    await log.append([
      draft("the quick brown fox"),
      draft("a BROWN dog"),
      draft("nothing to see"),
      draft("brownie for the fox"),
    ]);
    const find = async (query: string, more: { before?: number; limit?: number } = {}) =>
      (await log.search({ query, limit: 10, ...more })).entries.map(({ seq }) => seq);
    assertEquals(await find("brown"), [4, 2, 1]);
    assertEquals(await find("fox  brown"), [4, 1]);
    assertEquals(await find("rown fo"), [4, 1]);
    assertEquals(await find("a dog"), [2]);
    assertEquals(await find("o"), [4, 3, 2, 1]);
    assertEquals(await find("cat"), []);
    assertEquals(await find(" \n "), []);
    assertEquals(await find("brown", { limit: 2 }), [4, 2]);
    assertEquals(await find("brown", { before: 4 }), [2, 1]);
    assertEquals(await find("brown", { before: 4, limit: 1 }), [2]);
    assertEquals(await find("brown", { before: 1 }), []);
    assertEquals((await log.search({ query: "dog", limit: 1 })).entries[0]?.text, "a BROWN dog");
  });

  test("a search finds words in any place, script and case, and signs as themselves", async (log) => {
    const texts = [
      "明日の会議は九時です",
      "안녕하세요 여러분",
      "Straße nach ÄGYPTEN",
      "ΟΔΟΣ и ПРИВЕТ",
      `100% of "quotes" it's`,
      "snake_case -- C:\\temp\\x* (a OR b) NEAR/2 ^c",
    ];
    await log.append(texts.map((text) => draft(text)));
    const cases: [string, number[]][] = [
      ["会議", [1]],
      ["会議は", [1]],
      ["안녕", [2]],
      ["여러분 안녕하", [2]],
      ["ägypten", [3]],
      ["äg", [3]],
      ["οδος", [4]],
      ["привет", [4]],
      ["100%", [5]],
      ["0%", [5]],
      ["1%0", []],
      ['"quotes"', [5]],
      ['"', [5]],
      ["it's", [5]],
      ["snake_case", [6]],
      ["snake%case", []],
      ["e_c", [6]],
      ["s_ake", []],
      ["\\temp\\", [6]],
      ["x*", [6]],
      ["sna*", []],
      ["(a", [6]],
      ["NEAR/2 ^c", [6]],
      ["--", [6]],
    ];
    for (const [query, seqs] of cases) {
      const { entries } = await log.search({ query, limit: 10 });
      assertEquals(entries.map(({ seq }) => seq), seqs, query);
    }
  });

  test("whatever is searched for, the search is answered", async (log) => {
    await log.append([draft("hi")]);
    const unit = fc.constantFrom(..."\x00\"'%_*()^-+:{} ab\ud800é漢", "AND ", "NEAR(", '""');
    await fc.assert(
      fc.asyncProperty(fc.string({ unit }), async (query) => {
        assert(Array.isArray((await log.search({ query, limit: 10 })).entries));
      }),
      { numRuns: 200 },
    );
    await log.search({ query: "ab ".repeat(100), limit: 10 });
    await log.search({ query: "abc ".repeat(50), limit: 10 });
  });

  test("trim forgets the oldest, at most so many, and never the newest", async (log) => {
    await log.append(Array.from({ length: 10 }, (_, i) => draft(`text ${i + 1}`, { id: `${i}` })));
    const seqs = async () => (await all(log)).map(({ seq }) => seq);
    assertEquals(await log.trim(1, 100), 0);
    assertEquals(await log.trim(4, 2), 2);
    assertEquals([log.first, log.last], [3, 10]);
    assertEquals(await seqs(), [3, 4, 5, 6, 7, 8, 9, 10]);
    assertEquals(await log.trim(4, 100), 1);
    assertEquals(await log.trim(4, 100), 0);
    assertEquals((await log.search({ query: "text", limit: 100 })).entries.length, 7);
    assertEquals(await log.trim(1000, 1000), 6);
    assertEquals([log.first, log.last, ...await seqs()], [10, 10, 10]);
    assertEquals(await log.append([draft("text 3", { id: "2" }), draft("next")]), [
      { seq: 3, duplicate: true },
      { seq: 11, duplicate: false },
    ]);
    assertEquals(await log.read({ before: 11, limit: 10 }), await log.read({ after: 0, limit: 1 }));
  });

  test("a topic is an entry in order, and no message", async (log) => {
    const topic = topicDraft("tea", "t-1");
    await log.append([draft("tea one"), topic, draft("tea two")]);
    const entries = await all(log);
    assertEquals(entries.map(({ type }) => type), ["message", "topic", "message"]);
    assertEquals(entries[1], log.topic!);
    assertEquals([log.topic?.seq, log.topic?.text, log.topic?.id], [2, "tea", "t-1"]);
    assertEquals(await log.append([topic]), [{ seq: 2, duplicate: true }]);
    const seqs = async (range: MessageRange) =>
      (await log.readMessages(range)).map(({ seq }) => seq);
    assertEquals(await seqs({ after: 0, limit: 10 }), [1, 3]);
    assertEquals(await seqs({ before: 4, limit: 2 }), [1, 3]);
    assertEquals(await seqs({ before: 3, limit: 1 }), [1]);
    const { entries: found } = await log.search({ query: "tea", limit: 10 });
    assertEquals(found.map(({ seq }) => seq), [3, 1]);
  });

  test("the topic is known also when its entry is forgotten", async (log) => {
    await log.append([topicDraft("tea"), draft("one"), draft("two")]);
    const { topic } = log;
    assertEquals(await log.trim(3, 10), 2);
    assertEquals(log.topic, topic);
    await log.append([topicDraft("")]);
    assertEquals([log.topic?.seq, log.topic?.text], [4, ""]);
  });

  durable("the topic is the same after opening it again, forgotten or not", async (store) => {
    for (const trim of [false, true]) {
      await using log = await store.open();
      await log.append([topicDraft(`tea ${trim}`), draft("one"), draft("two")]);
      if (trim) await log.trim(log.last, 100);
      const { topic } = log;
      assertEquals(topic?.text, `tea ${trim}`);
      await log[Symbol.asyncDispose]();
      await using again = await store.open();
      assertEquals(again.topic, topic);
    }
  });

  test("after it is closed it refuses to append, and closing again is nothing", async (log) => {
    await log.append([draft("one")]);
    await log[Symbol.asyncDispose]();
    await assertRejects(() => log.append([draft("lost")]));
    await log[Symbol.asyncDispose]();
  });

  test("a log that stores is not broken", async (log) => {
    await log.append([draft("one")]);
    assertEquals(log.broken, undefined);
  });

  test("a search beside writing finds each entry once", async (log) => {
    await log.append(Array.from({ length: 500 }, (_, i) => draft(`a text ${i}`)));
    const searches = [];
    for (let i = 0; i < 5; i++) {
      searches.push(log.search({ query: "te", limit: 1000 }));
      await log.append([draft(`a text later ${i}`)]);
    }
    for (const { entries } of await Promise.all(searches)) {
      const seqs = entries.map(({ seq }) => seq);
      assertEquals(seqs, seqs.map((_, i) => seqs[0]! - i));
      assertEquals(seqs.at(-1), 1);
    }
  });

  make(`${name}: two logs never share an epoch`, async () => {
    await using store = await create();
    await using other = await create();
    await using log = await store.open();
    await using otherLog = await other.open();
    assertNotEquals(log.epoch, otherLog.epoch);
  });

  durable("all of it is there again when it is opened again", async (store) => {
    let before;
    {
      await using log = await store.open();
      await log.append([draft("one", { id: "x" }), draft("two"), draft("three")]);
      await log.trim(2, 1);
      before = { epoch: log.epoch, first: log.first, last: log.last, entries: await all(log) };
    }
    await using log = await store.open();
    assertEquals(
      { epoch: log.epoch, first: log.first, last: log.last, entries: await all(log) },
      before,
    );
    assertEquals(await log.append([draft("one", { id: "x" }), draft("four")]), [
      { seq: 1, duplicate: true },
      { seq: 4, duplicate: false },
    ]);
    assertEquals((await log.search({ query: "t", limit: 10 })).entries.map(({ seq }) => seq), [
      3,
      2,
    ]);
  });

  changesContract(name, options);
}
