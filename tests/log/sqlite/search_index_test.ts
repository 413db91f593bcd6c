import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { fold } from "../../../lib/model/search/fold.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { draft } from "../log_contract.ts";
import { createFile } from "../sqlite_stores.ts";

const searched = [
  "The quick brown fox",
  "ÄPFEL und Birnen, Straße, STRASSE",
  "Ὀδυσσεύς ΟΔΟΣ İstanbul ǅ ﬁn K",
  "明日の会議は九時です",
  "안녕하세요 여러분",
  "Café Crème, naïve Ångström; señor Øyvind Łódź, cafe",
  "Tiếng Việt, ΆΝΘΡΩΠΟΣ άνθρωπος, ёлка, שָׁלוֹם مَرْحَبًا",
  `100% "quoted" snake_case a\\b`,
];

Deno.test("a text is indexed when nobody has written for a while, in small steps", async () => {
  const clock = new ManualClock();
  await using log = new SqliteLog(":memory:", clock);
  await log.append(Array.from({ length: 120 }, (_, i) => draft(`text ${i}`)));
  clock.advance(499);
  await log.append([draft("text last")]);
  assertEquals(clock.pending, 1);
  clock.advance(499);
  assertEquals(clock.pending, 1, "the wait began anew");
  clock.advance(1);
  assertEquals(clock.pending, 0, "nothing left to index");
  assertEquals((await log.search({ query: "text", limit: 200 })).entries.length, 121);
});

Deno.test("a search finds the same before, while and after the texts are indexed", async () => {
  const clocks = [0, 1, 2].map(() => new ManualClock());
  const logs = clocks.map((clock) => new SqliteLog(":memory:", clock));
  for (const [i, log] of logs.entries()) {
    await log.append(searched.map((text) => draft(text)));
    if (i > 0) clocks[i]!.advance(500); // the first is never indexed, the second in part
    await log.append(searched.map((text) => draft(text)));
    if (i > 1) clocks[i]!.advance(500);
  }
  const part = fc.tuple(fc.nat(searched.length - 1), fc.nat(40), fc.integer({ min: 1, max: 6 }))
    .map(([i, from, length]) => [...searched[i]!].slice(from, from + length).join(""));
  const turned = fc.tuple(part, fc.constantFrom("toUpperCase", "toLowerCase", "trim"))
    .map(([text, turn]) => text[turn as "trim"]());
  const query = fc.array(turned, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
  await fc.assert(
    fc.asyncProperty(query, async (query) => {
      const found = await Promise.all(logs.map((log) => log.search({ query, limit: 100 })));
      const [none, some, every] = found.map(({ entries }) => entries.map(({ seq }) => seq));
      assertEquals([some, every], [none, none]);
    }),
    { numRuns: 1000 },
  );
  for (const log of logs) await log[Symbol.asyncDispose]();
});

Deno.test("what a search finds is what has the words", async () => {
  await using log = new SqliteLog(":memory:", new ManualClock());
  await log.append(searched.map((text) => draft(text)));
  const place = fc.tuple(fc.nat(searched.length - 1), fc.nat(40), fc.integer({ min: 1, max: 6 }));
  await fc.assert(fc.asyncProperty(place, async ([i, from, length]) => {
    const word = searched[i]!.slice(from, from + length).split(/\s/)[0]!;
    const seqs = (await log.search({ query: word, limit: 100 })).entries.map(({ seq }) => seq);
    if (fold(word) !== "") assert(seqs.includes(i + 1), word);
    for (const seq of seqs) {
      assert(fold(searched[seq - 1]!).includes(fold(word)), word);
    }
  }));
});

Deno.test("an accent is found without it, and the other way round, indexed or not", async () => {
  const clock = new ManualClock();
  await using log = new SqliteLog(":memory:", clock);
  await log.append(
    ["Café", "CAFE", "bjorn", "Björn", "smørrebrød", "안녕"].map((text) => draft(text)),
  );
  const find = async (query: string) =>
    (await log.search({ query, limit: 9 })).entries.map(({ text }) => text);
  for (const wait of [0, 500]) {
    clock.advance(wait);
    assertEquals(await find("cafe"), ["CAFE", "Café"]);
    assertEquals(await find("CAFÉ"), ["CAFE", "Café"]);
    assertEquals(await find("björn"), ["Björn", "bjorn"]);
    assertEquals(await find("smorrebrod"), ["smørrebrød"]);
    assertEquals(await find("ö"), ["smørrebrød", "Björn", "bjorn"]);
    assertEquals(await find("안"), ["안녕"]);
  }
});

/** As an older version folded, which kept accents. */
function foldBefore(text: unknown): string {
  return String(text).toLowerCase().toUpperCase();
}

Deno.test("what an older version indexed is found without accents, and indexed anew beside the traffic", async () => {
  await using store = await createFile();
  const texts = Array.from({ length: 1200 }, (_, i) => i % 10 === 0 ? `Café ${i}` : `tea ${i}`);
  {
    await using log = new SqliteLog(store.path, new ManualClock());
    await log.append(texts.map((text) => draft(text)));
  }
  {
    using db = new DatabaseSync(store.path);
    db.function("fold", foldBefore);
    db.exec(
      `INSERT INTO words (rowid, text) SELECT seq, fold(text) FROM entries;
       UPDATE meta SET value = 1200 WHERE key = 'indexed'; DELETE FROM meta WHERE key = 'folding'`,
    );
  }
  const found = async (log: SqliteLog, query: string) =>
    (await log.search({ query, limit: 500 })).entries.map(({ seq }) => seq);
  const every = Array.from({ length: 120 }, (_, i) => 1191 - 10 * i);
  const steps: number[] = [];
  // Each life ends after a few steps more; what was done before need not be done again.
  for (let life = 1; life <= 4; life++) {
    const clock = new CountingClock(life * 2);
    await using log = new SqliteLog(store.path, clock);
    assertEquals(await found(log, "cafe"), every, `before life ${life}`);
    clock.advance(500);
    steps.push(clock.steps);
    assertEquals(await found(log, "cafe"), every, `in life ${life}`);
    assertEquals(await found(log, "CAFÉ 1190"), [1191]);
    assertEquals((await found(log, "tea")).length, 500);
  }
  // 120 of the texts are folded otherwise, 20 in a step; one more looks at those behind the last.
  assertEquals(steps, [2, 4, 1, 0]);
  using db = new DatabaseSync(store.path);
  const rows = db.prepare("SELECT rowid FROM words WHERE words MATCH 'CAFE' ORDER BY rowid").all();
  assertEquals(rows.map(({ rowid }) => rowid), every.toReversed());
  assertEquals(db.prepare("SELECT rowid FROM words WHERE words MATCH '\"CAFÉ\"'").all(), []);
});

/** A clock on which something may be done so many times and no more. */
class CountingClock extends ManualClock {
  steps = 0;
  readonly #most: number;

  constructor(most: number) {
    super();
    this.#most = most;
  }

  override after(ms: number, action: () => void): Disposable {
    return super.after(ms, () => {
      if (this.steps === this.#most) return;
      this.steps++;
      action();
    });
  }
}

Deno.test("what was written before a restart is found after it, indexed or not", async () => {
  await using store = await createFile();
  for (const wait of [0, 500]) {
    const clock = new ManualClock();
    await using log = new SqliteLog(store.path, clock);
    await log.append([draft("needle in a haystack")]);
    clock.advance(wait);
  }
  const clock = new ManualClock();
  await using log = new SqliteLog(store.path, clock);
  const seqs = async () =>
    (await log.search({ query: "needle", limit: 9 })).entries.map(({ seq }) => seq);
  assertEquals(await seqs(), [2, 1]);
  clock.advance(500);
  assertEquals(await seqs(), [2, 1]);
});

Deno.test("what was trimmed is not found, whether it was indexed or not", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  {
    await using log = new SqliteLog(store.path, clock);
    await log.append([draft("needle a"), draft("needle b")]);
    clock.advance(500);
    await log.append([draft("needle c"), draft("needle d"), draft("needle e")]);
    await log.trim(2, 1);
    await log.trim(5, 9);
    await log.append([draft("needle f")]);
  }
  await using log = new SqliteLog(store.path, clock);
  for (const wait of [0, 500]) {
    clock.advance(wait);
    const { entries } = await log.search({ query: "needle", limit: 9 });
    assertEquals(entries.map(({ text }) => text), ["needle f", "needle e"]);
  }
});

Deno.test("a search during which the index catches up finds each text once", async () => {
  const clock = new ManualClock();
  await using log = new SqliteLog(":memory:", clock);
  const drafts = Array.from({ length: 6000 }, (_, i) => draft(i < 40 ? "needle" : "haystack"));
  await log.append(drafts);
  const found = log.search({ query: "needle", limit: 100 });
  clock.advance(500); // everything is indexed before the search has read the second half of it
  await settle();
  clock.advance(0);
  assertEquals(
    (await found).entries.map(({ seq }) => seq),
    Array.from({ length: 40 }, (_, i) => 40 - i),
  );
});

Deno.test("a clock that is set back does not keep texts from being indexed", async () => {
  const clock = new ManualClock();
  await using log = new SqliteLog(":memory:", clock);
  await log.append([draft("a text")]);
  clock.jump(-86_400_000);
  clock.advance(500);
  assertEquals(clock.pending, 0, "nothing left to index");
});
