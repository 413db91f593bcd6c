import { assert, assertEquals, assertRejects } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../../lib/log/sqlite/schema.ts";
import {
  prepareToSearch,
  SCAN_STEP,
  search,
  SEARCH_MS,
  type SearchQuery,
  wordsOf,
} from "../../../lib/log/sqlite/searching/search.ts";
import {
  SEARCHES_AT_ONCE,
  SEARCHES_WAITING,
  SearchLine,
} from "../../../lib/log/sqlite/searching/search_line.ts";
import { SearchWorker } from "../../../lib/log/sqlite/searching/search_worker.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { Refusal } from "../../../lib/model/refusal.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { draft } from "../log_contract.ts";
import { createFile } from "../sqlite_stores.ts";

const STEPS = 10;
const LAST = STEPS * SCAN_STEP;

/** A log in memory of ten steps, with a needle at the end of each, of which nothing is indexed. */
function createHaystack(): Disposable & { db: DatabaseSync } {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  prepareToSearch(db);
  db.prepare(
    `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
     INSERT INTO entries (seq, at, sender, name, text)
     SELECT n, 0, 's', 'ann', iif(n % ? = 0, 'needle', 'hay') FROM numbers`,
  ).run(LAST, SCAN_STEP);
  return { db, [Symbol.dispose]: () => db.close() };
}

function query(text: string, fields: Partial<SearchQuery> = {}): SearchQuery {
  return { words: wordsOf(text), first: 1, end: LAST + 1, indexed: 0, limit: 1000, ...fields };
}

/** Runs it on a loop that counts; `onStep` is called between two steps. */
async function run(db: DatabaseSync, wanted: SearchQuery, onStep = (_step: number) => {}) {
  const clock = new ManualClock();
  const controller = new AbortController();
  let steps = 1;
  const loop = Object.assign(clock, {
    soon(action: () => void) {
      onStep(steps++);
      queueMicrotask(action);
    },
  });
  const found = search(db, wanted, { loop, signal: controller.signal });
  return { found: await found, steps };
}

Deno.test("a search reads a step of the texts at a time, and others have their turn between", async () => {
  using haystack = createHaystack();
  const { found, steps } = await run(haystack.db, query("needle"));
  assertEquals(
    found.entries.map(({ seq }) => seq),
    [10, 9, 8, 7, 6, 5, 4, 3, 2, 1].map((n) => n * SCAN_STEP),
  );
  assertEquals([found.unfinished, steps], [undefined, STEPS]);
});

Deno.test("a search that has found enough looks no further", async () => {
  using haystack = createHaystack();
  const { found, steps } = await run(haystack.db, query("needle", { limit: 3 }));
  assertEquals([found.entries.length, found.unfinished, steps], [3, undefined, 3]);
});

Deno.test("a search that nobody waits for any more stops at its next step", async () => {
  using haystack = createHaystack();
  const controller = new AbortController();
  const clock = new ManualClock();
  const finding = search(haystack.db, query("needle"), { loop: clock, signal: controller.signal });
  for (let step = 0; step < 2; step++) {
    clock.turn();
    await settle();
  }
  controller.abort();
  clock.turn();
  const { entries, unfinished } = await finding;
  assertEquals([entries.length, unfinished, clock.pending], [3, LAST + 1 - 3 * SCAN_STEP, 0]);
});

Deno.test("a search whose time is over answers with what it found, and where to go on", async () => {
  using haystack = createHaystack();
  const clock = new ManualClock();
  const signal = new AbortController().signal;
  const finding = search(haystack.db, query("needle"), { loop: clock, signal });
  clock.advance(SEARCH_MS);
  const { entries, unfinished } = await finding;
  assertEquals([entries.length, unfinished], [1, LAST + 1 - SCAN_STEP]);
  const { found } = await run(haystack.db, query("needle", { end: unfinished! }));
  assertEquals([...entries, ...found.entries].length, STEPS);
});

Deno.test("searches at the same time are few, and the others have their turn in order", async () => {
  const line = new SearchLine();
  const { signal } = new AbortController();
  const begun: number[] = [];
  const ends: (() => void)[] = [];
  const searches = Array.from({ length: 5 }, (_, i) =>
    line.run(() => {
      begun.push(i);
      return new Promise<void>((resolve) => ends.push(resolve));
    }, signal));
  await settle();
  assertEquals(begun, [0, 1].slice(0, SEARCHES_AT_ONCE));
  for (let i = 0; i < 5; i++) {
    ends[i]!();
    const late = line.run(() => Promise.resolve(begun.push(100 + i)), signal);
    await settle();
    assert(begun.filter((n) => n < 100).length <= SEARCHES_AT_ONCE + i + 1);
    searches.push(late.then(() => {}));
  }
  await Promise.all(searches);
  assertEquals(begun, [0, 1, 2, 3, 4, 100, 101, 102, 103, 104]);
});

Deno.test("a search that is given up while it waits leaves the line, and too many are refused", async () => {
  const line = new SearchLine();
  const busy = Promise.withResolvers<void>();
  const { signal } = new AbortController();
  const running = Array.from(
    { length: SEARCHES_AT_ONCE },
    () => line.run(() => busy.promise, signal),
  );
  const leaving = new AbortController();
  const left = line.run(() => Promise.resolve("left"), leaving.signal);
  const waiting = Array.from(
    { length: SEARCHES_WAITING - 1 },
    () => line.run(() => Promise.resolve(), signal),
  );
  const { code } = await assertRejects(() => line.run(() => Promise.resolve(), signal), Refusal);
  assertEquals(code, "unavailable");
  leaving.abort();
  assertEquals(await left, "left");
  waiting.push(line.run(() => Promise.resolve(), signal));
  busy.resolve();
  await Promise.all([...running, ...waiting]);
  assertEquals(await line.run(() => Promise.resolve("free"), signal), "free");
});

Deno.test("whose messages: with any form of the name, with words or without, and nothing that was deleted", async () => {
  await using log = new SqliteLog(":memory:", new ManualClock());
  const say = (from: string, text: string) => log.append([{ sender: from, from, text }]);
  await say("Zoë", "tea");
  await say("ann", "tea");
  await say("Zoë", "taken back");
  await say("zoey", "tea");
  await log.append([{ type: "delete", sender: "Zoë", from: "Zoë", ref: 3 }]);
  const find = async (query: string, filters: { from?: string; after?: number; before?: number }) =>
    (await log.search({ query, limit: 9, ...filters })).entries.map(({ seq }) => seq);
  assertEquals(await find("", { from: "ZOE" }), [1]);
  assertEquals(await find("te", { from: "zoë" }), [1]);
  assertEquals(await find("tea", { from: "zoey" }), [4]);
  assertEquals(await find("", { after: 1 }), [4, 2]);
  assertEquals(await find("tea", { after: 1, before: 4 }), [2]);
  assertEquals(await find(" ", {}), []);
});

Deno.test("the worker searches the file, and only the history that it was given", async () => {
  await using store = await createFile();
  await using log = new SqliteLog(store.path, new ManualClock());
  await log.append([draft("a needle"), draft("hay")]);
  const { signal } = new AbortController();
  const wanted = { words: wordsOf("needle"), first: 1, end: 3, indexed: 0, limit: 9 };
  {
    await using worker = new SearchWorker({ path: store.path, epoch: log.epoch });
    const { entries } = await worker.search(wanted, signal);
    assertEquals(entries.map(({ text }) => text), ["a needle"]);
    const aborted = await worker.search({ ...wanted, words: ["X"] }, AbortSignal.abort());
    assertEquals(aborted.entries, []);
  }
  await using worker = new SearchWorker({ path: store.path, epoch: "another" });
  await assertRejects(() => worker.search(wanted, signal), Error, "it holds another history");
});

Deno.test("where the file cannot be searched beside the traffic, it is searched all the same", async () => {
  await using store = await createFile();
  const reports: string[] = [];
  await using log = new SqliteLog(store.path, new ManualClock(), {
    report: (what) => reports.push(what),
  });
  await log.append([draft("a needle")]);
  await Deno.rename(store.path, `${store.path}-moved`);
  for (let times = 0; times < 2; times++) {
    const { entries } = await log.search({ query: "needle", limit: 9 });
    assertEquals(entries.map(({ text }) => text), ["a needle"]);
  }
  assertEquals(reports, ["cannot search beside the traffic; searching takes its time now"]);
});

Deno.test("a log that is closed while people search leaves no connection and no thread", async () => {
  await using store = await createFile();
  {
    await using log = await store.open();
    await log.append(Array.from({ length: 2000 }, (_, i) => draft(`text ${i}`)));
    const searches = Array.from({ length: 5 }, () => log.search({ query: "te", limit: 9 }));
    await log[Symbol.asyncDispose]();
    await Promise.all(searches);
  }
  // The last connection removes the write-ahead log.
  const files = Array.from(Deno.readDirSync(store.dir), ({ name }) => name);
  assertEquals(files, ["partyline.db"]);
});
