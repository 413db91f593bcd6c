import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { edit, remove, say } from "../changes_contract.ts";
import { createFile } from "../sqlite_stores.ts";

const MINUTE_MS = 60_000;

/** Signs that nobody else writes: in an index of runs of three characters they are found all the same. */
function rare(start: number): string {
  return String.fromCodePoint(...Array.from({ length: 12 }, (_, i) => start + i));
}

const WORDS = [rare(0x13000), rare(0x13100), rare(0x13200)] as const;

/** What every two characters of a word are in a file. */
function* traces(word: string): Generator<Uint8Array> {
  const characters = [...word];
  for (let i = 1; i < characters.length; i++) {
    yield new TextEncoder().encode(characters[i - 1]! + characters[i]!);
  }
}

/** Which of the words have left something in the files of a folder, and in which. */
async function found(dir: string, words: readonly string[] = WORDS): Promise<string[]> {
  const where: string[] = [];
  for await (const { name } of Deno.readDir(dir)) {
    const bytes = latin1(await Deno.readFile(`${dir}/${name}`));
    for (const [i, word] of words.entries()) {
      if ([...traces(word)].some((trace) => bytes.includes(latin1(trace)))) {
        where.push(`${name} ${i}`);
      }
    }
  }
  return where.sort();
}

function latin1(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}

/** A log in which the first message was another one twice, all in the index, and many others. */
async function lived(log: SqliteLog, clock: ManualClock): Promise<void> {
  await log.append([say(`one ${WORDS[0]} text`, { id: "x" })]);
  for (let i = 0; i < 40; i++) {
    await log.append(Array.from({ length: 50 }, (_, j) => say(`what people say ${i} ${j}`)));
    clock.advance(20_000);
    if (i === 10) await log.append([edit(1, `two ${WORDS[1]} text`)]);
    if (i === 20) await log.append([edit(1, `three ${WORDS[2]} text`)]);
  }
}

Deno.test("a minute after a delete its text, and all it was before, is in no file of the folder", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  await using log = new SqliteLog(store.path, clock, { mark: `${store.dir}/mark` });
  await lived(log, clock);
  assertEquals((await found(store.dir)).length >= WORDS.length, true, "or this could not fail");
  await log.append([remove(1)]);
  await log.append([say("nothing of it")]);
  clock.advance(MINUTE_MS);
  assertEquals(await found(store.dir), []);
  assertEquals((await log.search({ query: "people", limit: 9 })).entries.length, 9);
  // As often as one likes.
  await log.append([say(WORDS[0])]);
  clock.advance(MINUTE_MS);
  await log.append([remove(log.last)]);
  clock.advance(MINUTE_MS);
  assertEquals(await found(store.dir), []);
});

Deno.test("what is deleted before it was indexed is gone as well, and the index is left alone", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  await using log = new SqliteLog(store.path, clock);
  await log.append([say(WORDS[0])]);
  await log.append([remove(1)]);
  assertEquals(await found(store.dir), ["partyline.db-wal 0"]);
  clock.advance(MINUTE_MS);
  assertEquals(await found(store.dir), []);
});

Deno.test("what a process could not erase any more, the next one does", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  {
    await using log = new SqliteLog(store.path, clock);
    await lived(log, clock);
    await log.append([remove(1)]);
  }
  assert((await found(store.dir)).length > 0, "the index still had it");
  await using _log = new SqliteLog(store.path, clock);
  clock.advance(MINUTE_MS);
  assertEquals(await found(store.dir), []);
});

Deno.test("who reads meanwhile keeps nobody waiting, and it is erased when they have read", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  await using log = new SqliteLog(store.path, clock);
  await log.append([say(WORDS[0])]);
  {
    using reader = new DatabaseSync(store.path, { readOnly: true });
    reader.exec("BEGIN");
    reader.prepare("SELECT count(*) FROM entries").get();
    await log.append([remove(1)]);
    const startedAt = performance.now();
    clock.advance(MINUTE_MS);
    assert(performance.now() - startedAt < 4500, "it waited for the reader");
    assertEquals((await found(store.dir)).length, 1);
    await log.append([say("on")]);
  }
  clock.advance(1000);
  assertEquals(await found(store.dir), []);
});

Deno.test("an index that is merged beside the traffic finds everything, and each of it once", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  await using log = new SqliteLog(store.path, clock);
  await lived(log, clock);
  await log.append([remove(1)]);
  for (let i = 0; i < 200; i++) {
    clock.advance(100);
    await log.append([say(`later ${i}`), ...(i % 20 === 0 ? [remove(2 + i)] : [])]);
    if (i % 10 > 0) continue;
    const { entries } = await log.search({ query: "people say", limit: 5000 });
    assertEquals(entries.length, 2000 - Math.floor(i / 20) - 1);
    assertEquals(new Set(entries.map(({ seq }) => seq)).size, entries.length);
  }
  clock.advance(2 * MINUTE_MS);
  assertEquals(await found(store.dir), []);
  using db = new DatabaseSync(store.path);
  assertEquals(db.prepare("SELECT value FROM meta WHERE key = 'erase'").get(), undefined);
  db.exec("INSERT INTO words (words) VALUES ('integrity-check')");
});
