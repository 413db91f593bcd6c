import { assert, assertEquals, assertNotEquals, assertRejects, assertThrows } from "@std/assert";
import { DatabaseSync } from "node:sqlite";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import { StartupError } from "../../lib/base/startup_error.ts";
import { all, draft, logContract } from "./log_contract.ts";
import { edit, react, remove, say } from "./changes_contract.ts";
import { createFile, createMemory } from "./sqlite_stores.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { type Entry, textOf } from "../../lib/model/message.ts";

logContract("SQLite in a file", { create: createFile });
logContract("SQLite in memory", { create: createMemory, gone: "memory is gone when closed" });

Deno.test("time never runs backwards in the log, though the clock was set back", async () => {
  await using store = await createFile();
  const clock = new ManualClock();
  clock.advance(5000);
  {
    await using log = new SqliteLog(store.path, clock);
    await log.append([draft("a")]);
    clock.advance(-3000);
    await log.append([draft("b")]);
  }
  await using log = new SqliteLog(store.path, clock);
  await log.append([draft("c")]);
  clock.advance(4000);
  await log.append([draft("d")]);
  assertEquals((await all(log)).map(({ at }) => at), [5000, 5000, 5000, 6000]);
});

Deno.test("what was deleted in the same append is announced as it is after it", async () => {
  await using store = await createFile();
  await using log = await store.open();
  const heard: Entry[] = [];
  using _ = log.watch((entries) => void heard.push(...entries));
  await log.append([say("secret"), edit(1, "other secret"), react(1, "👍"), remove(1)]);
  assertEquals(heard, await all(log) as Entry[]);
  assert(!JSON.stringify(heard).includes("secret"));
});

Deno.test("what is not on the disk yet is nowhere to be seen", async () => {
  await using store = await createFile();
  const disk = Promise.withResolvers<void>();
  const seen: Entry[] = [];
  await using log = new SqliteLog(store.path, new ManualClock(), {
    defer: () => ({
      sync: () => disk.promise,
      [Symbol.dispose]: () => {},
    }),
  });
  using _ = log.watch((entries) => void seen.push(...entries));
  const appended = log.append([draft("needle")]);
  const visible = async () => [
    log.last,
    seen.length,
    (await log.read({ after: 0, limit: 9 })).length,
    (await log.read({ before: 9, limit: 9 })).length,
    (await log.search({ query: "needle", limit: 9 })).entries.length,
  ];
  await settle();
  assertEquals(await visible(), [0, 0, 0, 0, 0]);
  disk.resolve();
  await appended;
  assertEquals(await visible(), [1, 1, 1, 1, 1]);
});

Deno.test("however much is stored together is one sync of the disk, and none where nothing is new", async () => {
  await using store = await createFile();
  let syncs = 0;
  await using log = new SqliteLog(store.path, new ManualClock(), {
    defer: () => ({
      sync: () => (syncs++, Promise.resolve()),
      [Symbol.dispose]: () => {},
    }),
  });
  const drafts = Array.from({ length: 100 }, (_, i) => draft(`${i}`, { id: `${i}` }));
  for (let times = 0; times < 2; times++) {
    await log.append(drafts);
    assertEquals([syncs, log.last], [1, 100]);
  }
});

Deno.test("after a disk that failed, nothing is stored until the log is opened again", async () => {
  await using store = await createFile();
  let syncs = 0;
  {
    await using log = new SqliteLog(store.path, new ManualClock(), {
      defer: () => ({
        sync: () => ++syncs === 2 ? Promise.reject(new Error("EIO")) : Promise.resolve(),
        [Symbol.dispose]: () => {},
      }),
    });
    await log.append([draft("a", { id: "1" })]);
    for (let tries = 0; tries < 2; tries++) {
      await assertRejects(
        () => log.append([draft("b", { id: "2" })]),
        Error,
        "the disk failed (EIO)",
      );
    }
    assertEquals([log.last, syncs, (await all(log)).length], [1, 2, 1]);
  }
  await using log = await store.open();
  // Whether it was stored was not known: a retry by its id finds out.
  assertEquals(await log.append([draft("b", { id: "2" })]), [{ seq: 2, duplicate: true }]);
});

/** Fails every insert of a certain text, as a disk that is full does. */
function failOn(path: string, text: string): void {
  const db = new DatabaseSync(path);
  db.exec(
    `CREATE TRIGGER full BEFORE INSERT ON entries WHEN new.text = '${text}'
     BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END`,
  );
  db.close();
}

Deno.test("a batch that cannot be stored is not stored at all, and the next one is", async () => {
  await using store = await createFile();
  await using log = await store.open();
  failOn(store.path, "cursed");
  await log.append([draft("a")]);
  const heard: number[] = [];
  using _watching = log.watch((entries) => heard.push(...entries.map(({ seq }) => seq)));
  await assertRejects(() => log.append([draft("b", { id: "x" }), draft("cursed")]));
  assertEquals([log.last, (await all(log)).length, heard.length], [1, 1, 0]);
  assertEquals(await log.append([draft("b", { id: "x" })]), [{ seq: 2, duplicate: false }]);
  assertEquals(heard, [2]);
});

/** What the start says about the file; and it is left as it was. */
async function refusal(path: string): Promise<string> {
  const before = await Deno.readFile(path);
  const { message } = assertThrows(() => new SqliteLog(path, new ManualClock()), StartupError);
  assertEquals(await Deno.readFile(path), before);
  assert(!message.includes("\n"));
  return message;
}

Deno.test("a file that is no database stops the start", async () => {
  await using store = await createFile();
  await Deno.writeTextFile(
    store.path,
    "not a database, but long enough to be read as one".repeat(90),
  );
  assertEquals(
    await refusal(store.path),
    `cannot open ${store.path}: file is not a database; ` +
      "restore it from a backup, or use another --data directory",
  );
});

Deno.test("somebody else's database stops the start", async () => {
  await using store = await createFile();
  const db = new DatabaseSync(store.path);
  db.exec("CREATE TABLE bookmarks (url TEXT)");
  db.close();
  assertEquals(
    await refusal(store.path),
    `${store.path} is not a Partyline log; use another --data directory`,
  );
});

Deno.test("a file of a newer version stops the start", async () => {
  await using store = await createFile();
  await (await store.open())[Symbol.asyncDispose]();
  const db = new DatabaseSync(store.path);
  db.exec("PRAGMA user_version = 99; PRAGMA journal_mode = DELETE");
  db.close();
  const message = await refusal(store.path);
  assert(message.startsWith(`${store.path} was written by a newer Partyline (format 99; `));
});

Deno.test("a damaged file stops the start, wherever the damage is", async () => {
  await using store = await createFile();
  {
    await using log = await store.open();
    await log.append(Array.from({ length: 200 }, () => draft("x".repeat(500))));
  }
  const whole = await Deno.readFile(store.path);
  const pages = whole.length / 4096;
  for (const page of [1, 2, 3, Math.floor(pages / 2), pages - 1]) {
    const damaged = whole.slice();
    damaged.fill(0xa5, page * 4096, page * 4096 + 200);
    await Deno.writeFile(store.path, damaged);
    const message = await refusal(store.path);
    assert(message.startsWith(`cannot open ${store.path}: `), `page ${page}: ${message}`);
  }
  await Deno.writeFile(store.path, whole);
  await using log = await store.open();
  assertEquals(log.last, 200);
});

Deno.test("a path that cannot be opened stops the start", () => {
  const path = "/nowhere/at/all/partyline.db";
  const { message } = assertThrows(() => new SqliteLog(path, new ManualClock()), StartupError);
  assert(message.startsWith(`cannot open ${path}: `), message);
});

Deno.test("a closed log has no timer and no file left open", async () => {
  const clock = new ManualClock();
  const log = new SqliteLog(":memory:", clock);
  await log.append([draft("to be indexed")]);
  await log[Symbol.asyncDispose]();
  assertEquals(clock.pending, 0);
});

function modes(path: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const suffix of ["", "-wal", "-shm"]) {
    found[suffix] = (Deno.statSync(path + suffix).mode! & 0o777).toString(8);
  }
  return found;
}

Deno.test("the history is for its owner alone, also where it was open to others before", async () => {
  await using store = await createFile();
  const mine = { "": "600", "-wal": "600", "-shm": "600" };
  Deno.chmodSync(store.dir, 0o755);
  {
    await using log = await store.open();
    await log.append([draft("a")]);
    assertEquals(modes(store.path), mine);
  }
  Deno.chmodSync(store.path, 0o644);
  {
    await using _log = await store.open();
    assertEquals(modes(store.path), mine);
  }
});

/** Opens the log, appends the texts, and closes it. Resolves with its epoch. */
async function write(path: string, texts: string[], mark?: string): Promise<string> {
  await using log = new SqliteLog(path, new ManualClock(), mark === undefined ? {} : { mark });
  await log.append(texts.map((text) => draft(text)));
  return log.epoch;
}

Deno.test("a copy of the file is another log, with what was in it, and says so once", async () => {
  await using store = await createFile();
  const copy = `${store.dir}/copy.db`;
  const epoch = await write(store.path, ["a", "b"]);
  await Deno.copyFile(store.path, copy);
  assertEquals(await write(store.path, ["c", "d"]), epoch, "a restart changes nothing");
  await Deno.rename(copy, store.path);
  let renewed = "";
  for (const said of [1, 0]) {
    const reports: string[] = [];
    await using log = new SqliteLog(store.path, new ManualClock(), {
      report: (what) => reports.push(what),
    });
    assertEquals((await all(log)).map(textOf), ["a", "b"]);
    assertEquals(reports.length, said);
    assertNotEquals(log.epoch, epoch);
    if (said === 0) assertEquals(log.epoch, renewed);
    renewed = log.epoch;
  }
});

Deno.test("a log that is shorter than it was is another log: an older file was written over it", async () => {
  await using store = await createFile();
  const mark = `${store.dir}/mark`;
  const epoch = await write(store.path, ["a", "b"], mark);
  const before = await Deno.readFile(store.path);
  assertEquals(await write(store.path, ["c", "d"], mark), epoch, "a restart changes nothing");
  await Deno.writeFile(store.path, before); // into the same file, as cp does
  const reports: string[] = [];
  await using log = new SqliteLog(store.path, new ManualClock(), {
    mark,
    report: (what) => reports.push(what),
  });
  assertEquals((await all(log)).map(textOf), ["a", "b"]);
  assertNotEquals(log.epoch, epoch);
  assertEquals(reports, [
    `the history in ${store.path} is a new one to clients: it ends at message 2, and had reached 4`,
  ]);
});

Deno.test("a history that is gone is told where its mark is left", async () => {
  await using store = await createFile();
  const [mark, reports] = [`${store.dir}/mark`, [] as string[]];
  const options = { mark, report: (what: string) => reports.push(what) };
  {
    await using log = new SqliteLog(store.path, new ManualClock(), options);
    await log.append([draft("a"), draft("b")]);
  }
  assertEquals(reports, []);
  await Deno.remove(store.path);
  await using _log = new SqliteLog(store.path, new ManualClock(), options);
  assertEquals(reports, [
    `the history in ${store.path} is a new one to clients: ` +
    "the one that was here, with 2 messages, is gone",
  ]);
});

Deno.test("how far the log has come is noted while it is open, for a process that is killed", async () => {
  await using store = await createFile();
  const [mark, clock] = [`${store.dir}/mark`, new ManualClock()];
  await using log = new SqliteLog(store.path, clock, { mark });
  await log.append([draft("a"), draft("b")]);
  clock.advance(5000);
  assertEquals(await Deno.readTextFile(mark), `${log.epoch}-2\n`);
  assertEquals(Deno.statSync(mark).mode! & 0o777, 0o600);
});

Deno.test("a mark that cannot be written, or says nothing, is no reason not to open", async () => {
  await using store = await createFile();
  for (const mark of [`${store.dir}/nowhere/mark`, `${store.dir}/mark`]) {
    await Deno.writeTextFile(`${store.dir}/mark`, "what is this");
    await using log = new SqliteLog(store.path, new ManualClock(), { mark });
    await log.append([draft("a")]);
  }
});

for (
  const [what, lose] of [
    ["the folder is removed", ({ dir }) => Deno.removeSync(dir, { recursive: true })],
    ["the folder is moved", ({ dir }) => Deno.renameSync(dir, `${dir}-moved`)],
    ["another file takes its place", ({ path }) => {
      Deno.copyFileSync(path, `${path}.new`);
      Deno.renameSync(`${path}.new`, path);
    }],
    ["its write-ahead log is removed", ({ path }) => Deno.removeSync(`${path}-wal`)],
  ] satisfies [string, (store: { dir: string; path: string }) => void][]
) {
  Deno.test(`when ${what}, the log is broken within 5 s: it stores nothing, says so once, and can be read`, async () => {
    await using store = await createFile();
    const [clock, reports] = [new ManualClock(), [] as string[]];
    await using log = new SqliteLog(store.path, clock, { report: (what) => reports.push(what) });
    await log.append([draft("a")]);
    clock.advance(60_000);
    assertEquals([log.broken, reports], [undefined, []]);
    lose(store);
    clock.advance(5000);
    const { message } = log.broken!;
    assert(/partyline\.db(-wal)? was removed or replaced while it was open; /.test(message));
    for (let i = 0; i < 2; i++) await assertRejects(() => log.append([draft("b")]), Error, message);
    await assertRejects(() => log.trim(2, 1), Error, message);
    clock.advance(60_000);
    assertEquals(reports, [message]);
    assertEquals((await all(log)).map(textOf), ["a"]);
    assertEquals((await log.search({ query: "a", limit: 9 })).entries.length, 1);
    await Deno.remove(`${store.dir}-moved`, { recursive: true }).catch(() => {});
  });
}

Deno.test("what was on its way to the disk when the file was lost is not acked", async () => {
  await using store = await createFile();
  const [clock, disk] = [new ManualClock(), Promise.withResolvers<void>()];
  await using log = new SqliteLog(store.path, clock, {
    defer: () => ({ sync: () => disk.promise, [Symbol.dispose]: () => {} }),
  });
  const appended = log.append([draft("a")]);
  await Deno.remove(store.path);
  clock.advance(5000);
  disk.resolve();
  await assertRejects(() => appended, Error, "was removed or replaced");
  assertEquals(log.last, 0);
});

Deno.test("texts that cannot be indexed are told once, and found all the same", async () => {
  await using store = await createFile();
  const [clock, reports] = [new ManualClock(), [] as string[]];
  await using log = new SqliteLog(store.path, clock, { report: (what) => reports.push(what) });
  {
    using db = new DatabaseSync(store.path);
    db.exec(`CREATE TRIGGER stuck BEFORE UPDATE ON meta BEGIN SELECT RAISE(ABORT, 'no'); END`);
  }
  for (let i = 0; i < 3; i++) {
    await log.append([draft("needle")]);
    clock.advance(500);
  }
  assertEquals(reports, ["cannot index texts; searching them takes longer"]);
  assertEquals((await log.search({ query: "needle", limit: 9 })).entries.length, 3);
});
