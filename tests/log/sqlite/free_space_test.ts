import { assert, assertEquals } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { FreeSpace } from "../../../lib/log/sqlite/erasing/free_space.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { Random } from "../../faults/support/random.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { edit, react, remove, say } from "../changes_contract.ts";
import { all } from "../log_contract.ts";
import { createFile } from "../sqlite_stores.ts";

const PAGE = 4096;
const SECRET = "what somebody had said";

/** Writes into the free middle of each page of entries, as rows that were moved leave it. Returns how often. */
async function soil(path: string): Promise<number> {
  const bytes = await Deno.readFile(path);
  let count = 0;
  for (let page = PAGE; page < bytes.length; page += PAGE) {
    const u16 = (at: number) => bytes[page + at]! << 8 | bytes[page + at + 1]!;
    const begin = 8 + 2 * u16(3);
    // A page of 13 holds rows; those of entries are many here.
    if (bytes[page] !== 13 || u16(3) < 5 || u16(5) - begin < 2 * SECRET.length) continue;
    bytes.set(new TextEncoder().encode(SECRET), page + u16(5) - SECRET.length);
    bytes.set(new TextEncoder().encode(SECRET), page + begin);
    count++;
  }
  await Deno.writeFile(path, bytes);
  return count;
}

async function count(path: string, text: string): Promise<number> {
  const bytes = new TextDecoder("latin1").decode(await Deno.readFile(path));
  return bytes.split(text).length - 1;
}

Deno.test("what rows leave in the free space of pages when they are moved is written over after a delete", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  {
    await using log = new SqliteLog(store.path, clock);
    const sizes = new Random(1);
    for (let i = 0; i < 40; i++) {
      const texts = Array.from({ length: 10 }, () => "x".repeat(sizes.between(1, 400)));
      await log.append(texts.map((text) => say(text)));
    }
    // So that there is free space in the middle of pages.
    for (let ref = 3; ref < 400; ref += 4) await log.append([remove(ref)]);
  }
  assert(await soil(store.path) > 5);
  assert(await count(store.path, SECRET) > 10);
  await using log = new SqliteLog(store.path, clock);
  const before = await all(log);
  await log.append([remove(1)]);
  clock.advance(60_000);
  assertEquals(await count(store.path, SECRET), 0);
  assertEquals((await all(log)).slice(1, before.length), before.slice(1));
  using db = new DatabaseSync(store.path);
  assertEquals(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
});

Deno.test("whatever is edited, reacted to and deleted, a minute later nothing of what is gone is in the file", async () => {
  await using store = await createFile();
  const [clock, random] = [new ManualClock(), new Random(3)];
  const texts = new Map<number, string[]>();
  const gone: string[] = [];
  let words = 0;
  const word = () => `tok${(++words).toString(36)}q`;
  const text = (token: string) => `${token} `.repeat(random.between(1, 300)).trim();
  {
    await using log = new SqliteLog(store.path, clock);
    for (let round = 0; round < 120; round++) {
      for (let i = 0; i < 10; i++) {
        const token = word();
        await log.append([say(text(token))]);
        texts.set(log.last, [token]);
      }
      for (let i = 0; i < 8; i++) {
        const [ref, tokens] = random.pick([...texts]);
        const token = word();
        await log.append([edit(ref, text(token)), react(ref, random.pick(["👍", "🎉", "😂"]))]);
        tokens.push(token);
      }
      for (let i = 0; i < 3; i++) {
        const [ref, tokens] = random.pick([...texts]);
        await log.append([remove(ref)]);
        texts.delete(ref);
        gone.push(...tokens);
      }
      if (round % 20 === 0) clock.advance(60_000);
    }
    clock.advance(120_000);
    using db = new DatabaseSync(store.path);
    assertEquals(db.prepare("PRAGMA integrity_check").get()?.integrity_check, "ok");
  }
  const bytes = new TextDecoder("latin1").decode(await Deno.readFile(store.path));
  const left = new Set(bytes.match(/tok[0-9a-z]+q/g));
  assert(left.size > texts.size / 2, "those that are kept are there");
  assertEquals(gone.filter((token) => left.has(token)), []);
});

Deno.test("a file in which there is nothing to clean is only read", async () => {
  await using store = await createFile();
  {
    await using log = await store.open();
    await log.append(Array.from({ length: 100 }, (_, i) => say(`text ${i}`)));
  }
  using db = new DatabaseSync(store.path);
  using space = new FreeSpace(db, store.path);
  assertEquals(space.look(1), { unclean: [], next: undefined });
  const before = await Deno.readFile(store.path);
  space.clean(1);
  space.clean(1000);
  assertEquals(await Deno.readFile(store.path), before);
  db.close();
});
