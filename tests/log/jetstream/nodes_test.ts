import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import type { JetStreamLog } from "../../../lib/log/jetstream_log.ts";
import type { Draft } from "../../../lib/model/draft.ts";
import { type Entry, type Outcome, textOf } from "../../../lib/model/message.ts";
import { Refusal } from "../../../lib/model/refusal.ts";
import { natsHere, NatsServer, natsTest } from "../../support/nats.ts";
import { edit, react, remove, say } from "../changes_contract.ts";
import { all, draft, topicDraft } from "../log_contract.ts";
import { createStream, type StreamStore } from "./stores.ts";

const server = natsHere().found ? await NatsServer.start() : undefined;

Deno.test.afterAll(async () => await server?.[Symbol.asyncDispose]());

function create(): StreamStore {
  return createStream(() => server!.connect());
}

/** Resolves when the log has come to that seq. */
function at(log: JetStreamLog, seq: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const look = () => {
    if (log.last < seq) return;
    watching[Symbol.dispose]();
    resolve();
  };
  const watching = log.watch(look);
  look();
  return promise;
}

async function same(...logs: readonly JetStreamLog[]): Promise<readonly Entry[]> {
  const last = Math.max(...logs.map((log) => log.last));
  await Promise.all(logs.map((log) => at(log, last)));
  const [first, ...others] = await Promise.all(logs.map(all));
  for (const other of others) assertEquals(other, first);
  return first!;
}

function codeOf(outcome: Outcome): string {
  return outcome instanceof Refusal ? outcome.code : `${outcome.seq}`;
}

natsTest("what one node stores, all have, in one order, under one epoch", async () => {
  await using store = create();
  await using a = await store.open(0);
  await using b = await store.open(1);
  assertEquals(a.epoch, b.epoch);
  const writes = [a, b].flatMap((log, n) =>
    Array.from({ length: 20 }, (_, i) => log.append([draft(`${n} ${i}`), draft(`${n} ${i}b`)]))
  );
  await Promise.all(writes);
  const entries = await same(a, b);
  assertEquals(entries.map(({ seq }) => seq), entries.map((_, i) => i + 1));
  assertEquals(entries.length, 80);
  const ofA = entries.map(textOf).filter((text) => text.startsWith("0"));
  assertEquals(ofA, Array.from({ length: 20 }, (_, i) => [`0 ${i}`, `0 ${i}b`]).flat());
});

natsTest("an id that two nodes are given at the same moment is stored once", async () => {
  await using store = create();
  const logs = await Promise.all([0, 1, 2].map((node) => store.open(node)));
  await using _closing = closing(logs);
  for (let round = 0; round < 20; round++) {
    const outcomes = await Promise.all(
      logs.map((log) => log.append([draft("once", { id: `i${round}` })])),
    );
    assertEquals(new Set(outcomes.map(([outcome]) => codeOf(outcome!))).size, 1);
    const news = outcomes.flat().filter((each) => !(each instanceof Refusal) && !each.duplicate);
    assertEquals(news.length, 1);
  }
  const others = await Promise.all(
    logs.map((log, i) => log.append([draft(`text ${i}`, { id: "another" })])),
  );
  assertEquals(others.flat().map(codeOf).filter((code) => code === "bad_request").length, 2);
  assertEquals((await same(...logs)).length, 21);
});

natsTest("an id stays known when NATS has forgotten it", async () => {
  await using store = create();
  await using a = await store.open(0);
  await a.append([draft("once", { id: "x" }), draft("two")]);
  // NATS knows the ids of what it has, as far as it is new enough.
  await using nats = await server!.connect();
  await nats.manager.streams.purge(store.stream, { seq: 2 });
  assertEquals((await a.append([draft("once", { id: "x" })])).map(codeOf), ["1"]);
});

natsTest(
  "of changes of one message on several nodes each has one outcome, and all see the same",
  async () => {
    await using store = create();
    const logs = await Promise.all([0, 1, 2].map((node) => store.open(node)));
    await using _closing = closing(logs);
    const [a, b, c] = logs as [JetStreamLog, JetStreamLog, JetStreamLog];
    for (let round = 0; round < 10; round++) {
      const [stored] = await a.append([say("text")]);
      const { seq } = stored as { seq: number };
      const outcomes = await Promise.all([
        a.append([edit(seq, "by a"), react(seq, "👍")]),
        b.append([remove(seq), edit(seq, "too late")]),
        c.append([edit(seq, "by c"), react(seq, "👍", { by: { sender: "c", from: "c" } })]),
      ]);
      const codes = outcomes.map((each) => each.map(codeOf));
      assertEquals(codes[1]![1], "bad_request");
      const entries = await same(a, b, c);
      assertEquals((entries[seq - 1] as { deleted?: true }).deleted, true);
      const changes = entries.slice(seq);
      const deleted = changes.findIndex(({ type }) => type === "delete");
      assertEquals(deleted, changes.length - 1, "nothing comes after the delete");
      const stores = codes.flat().filter((code) => code !== "bad_request");
      assertEquals(stores.map(Number).sort((x, y) => x - y), changes.map(({ seq }) => seq));
    }
  },
);

natsTest("what is said on any node and in any order leads to the same view on all", async () => {
  const people = ["ann", "bob"].map((from) => ({ sender: from, from }));
  const act = fc.record({
    node: fc.nat(2),
    by: fc.constantFrom(...people),
    what: fc.constantFrom("say", "say", "edit", "delete", "react", "take back", "topic"),
    back: fc.nat(5),
    emoji: fc.constantFrom("👍", "🎉"),
    id: fc.constantFrom(undefined, undefined, "a", "b", "c"),
  });
  const story = fc.array(fc.array(act, { minLength: 1, maxLength: 10 }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(story, async (rounds) => {
      await using store = create();
      const logs = await Promise.all([0, 1, 2].map((node) => store.open(node)));
      await using _closing = closing(logs);
      const heard = logs.map((): Entry[] => []);
      for (const [i, log] of logs.entries()) log.watch((entries) => heard[i]!.push(...entries));
      const told = new Set<string>();
      for (const round of rounds) {
        const outcomes = await Promise.all(round.map(async (each) => {
          const log = logs[each.node]!;
          const more = { by: each.by, ...(each.id !== undefined && { id: each.id }) };
          const ref = Math.max(1, log.last + 1 - each.back);
          const [outcome] = await log.append([draftOf(each.what, ref, each.emoji, more)]);
          return { key: each.id && `${each.by.sender} ${each.id}`, outcome: outcome! };
        }));
        for (const { key, outcome } of outcomes) {
          if (!key || outcome instanceof Refusal || outcome.duplicate) continue;
          assert(!told.has(key), `${key} was stored twice`);
          told.add(key);
        }
      }
      const entries = await same(...logs);
      assertEquals(entries.map(({ seq }) => seq), entries.map((_, i) => i + 1));
      for (const each of heard) assertEquals(each.map(({ seq }) => seq), entries.map((e) => e.seq));
      await using late = await store.open(3);
      assertEquals(await all(late), entries);
      const ids = entries.flatMap(({ id, from }) => id === undefined ? [] : [`${from} ${id}`]);
      assertEquals(new Set(ids).size, ids.length);
    }),
    { numRuns: 15 },
  );
});

function draftOf(
  what: string,
  ref: number,
  emoji: string,
  more: { by: { sender: string; from: string }; id?: string },
): Draft {
  const { by, id } = more;
  const common = { ...by, ...(id !== undefined && { id }) };
  switch (what) {
    case "edit":
      return edit(ref, `edited ${emoji}`, more);
    case "delete":
      return remove(ref, more);
    case "react":
      return react(ref, emoji, more);
    case "take back":
      return react(ref, emoji, { ...more, on: false });
    case "topic":
      return { ...topicDraft(emoji), ...common };
    default:
      return { ...common, text: `said ${emoji}` };
  }
}

natsTest(
  "what was deleted is in no file of NATS, and a node that comes later has its place",
  async () => {
    await using store = create();
    const secret = crypto.randomUUID();
    await using a = await store.open(0);
    await a.append([
      say(`${secret} one`, { id: "m" }),
      say("two", { re: 1, from: "bob", sender: "session-b" }),
      edit(1, `${secret} edited`, { id: "e" }),
      react(1, "👍"),
      say("four"),
    ]);
    assert(await isInFiles(server!.data, secret));
    await a.append([remove(1)]);
    while (await isInFiles(server!.data, secret)) await new Promise((end) => setTimeout(end, 50));
    await using b = await store.open(1);
    assertEquals(await all(b), await all(a));
    assertEquals([b.first, b.last], [1, 6]);
    const retries = [say(`${secret} one`, { id: "m" }), edit(1, `${secret} edited`, { id: "e" })];
    const codes = (await b.append(retries)).map(codeOf);
    assertEquals(codes, ["1", "3"]);
    assertEquals((await b.append([say("else", { id: "m" })])).map(codeOf), ["bad_request"]);
    assertEquals(store.reports, []);
  },
);

natsTest("what somebody else has erased keeps nobody from erasing the rest", async () => {
  await using store = create();
  await using nats = await server!.connect();
  const { streams } = nats.manager;
  {
    await using log = await store.open();
    await log.append([say("one"), say("two"), say("three"), say("four")]);
    await streams.deleteMessage(store.stream, 2, true);
    await log.append([remove(2), remove(3)]);
    const isThere = () => streams.getMessage(store.stream, { seq: 3 }).catch(() => null);
    while (await isThere()) await new Promise((end) => setTimeout(end, 50));
  }
  assertEquals(store.reports, []);
});

natsTest("what one node trims, all forget, and nobody's ids", async () => {
  await using store = create();
  await using a = await store.open(0);
  await using b = await store.open(1);
  await a.append([topicDraft("tea"), ...[1, 2, 3, 4].map((i) => draft(`${i}`, { id: `${i}` }))]);
  await a.append([edit(3, "two", { id: "e" })]);
  assertEquals(await a.trim(4, 100), 3);
  await until(() => b.first === 4);
  await same(a, b);
  await using late = await store.open(2);
  await same(a, b, late);
  assertEquals([late.first, late.topic], [4, a.topic]);
  for (const log of [a, b, late]) {
    const again = [
      draft("1", { id: "1" }),
      draft("else", { id: "2" }),
      edit(3, "two", { id: "e" }),
    ];
    assertEquals((await log.append(again)).map(codeOf), ["2", "bad_request", "6"]);
  }
  assertEquals(store.reports, []);
});

natsTest(
  "a node that was away while its place was trimmed begins anew behind the gap",
  async () => {
    await using store = create();
    await using a = await store.open(0);
    {
      await using b = await store.open(1);
      await a.append([draft("one", { id: "1" })]);
      await at(b, 1);
    }
    await a.append([2, 3, 4, 5].map((i) => draft(`${i}`, { id: `${i}` })));
    await a.trim(5, 100);
    await using b = await store.open(1);
    assertEquals([b.first, b.last], [5, 5]);
    await same(a, b);
    const again = [1, 2, 3].map((i) => draft(i === 1 ? "one" : `${i}`, { id: `${i}` }));
    assertEquals((await b.append(again)).map(codeOf), ["1", "2", "3"]);
  },
);

natsTest("what somebody else puts into the stream keeps its place, and harms nobody", async () => {
  await using store = create();
  await using a = await store.open(0);
  await a.append([draft("one")]);
  await using nats = await server!.connect();
  const common = { type: "message", at: 5, sender: "q", from: "x", text: "y" };
  const strange = [
    "no JSON",
    "null",
    { ...common, text: {} },
    { ...common, from: 5 },
    { ...common, id: [] },
    { ...common, type: "constructor" },
    { ...common, type: "edit", ref: 1.5 },
    { ...common, type: "reaction", ref: 1, emoji: {}, on: true, count: 1 },
  ];
  for (const each of strange) {
    const body = typeof each === "string" ? each : JSON.stringify(each);
    await nats.jetstream.publish(`${store.stream}.entries`, body);
  }
  await a.append([draft("after it")]);
  await using b = await store.open(1);
  const entries = await same(a, b);
  assertEquals(entries.length, strange.length + 2);
  assertEquals(textOf(entries.at(-1)!), "after it");
  const said = store.reports.filter((each) => each.includes("is nothing that can be read"));
  assertEquals(said.length, 2 * strange.length, "each is told by each node");
});

natsTest("an entry that NATS has lost is said, and the others keep their places", async () => {
  await using store = create();
  {
    await using a = await store.open(0);
    await a.append([draft("one"), draft("two"), draft("three")]);
  }
  await using nats = await server!.connect();
  await nats.manager.streams.deleteMessage(store.stream, 2, true);
  await using b = await store.open(1);
  assertEquals((await all(b)).map(({ seq }) => seq), [1, 2, 3]);
  assertEquals(store.reports, ["the stream has lost entry 2"]);
});

natsTest(
  "a stream that was made anew is another history; the copy of the old one is kept",
  async () => {
    await using store = create();
    await using nats = await server!.connect();
    let before;
    {
      await using a = await store.open(0);
      await a.append([draft("old")]);
      before = a.epoch;
      await nats.manager.streams.delete(store.stream);
      await using b = await store.open(1);
      await assertRejects(() => a.append([draft("to which?")]), Error, "another one now");
      assertEquals((await all(a)).map(textOf), ["old"]);
      assert(a.broken);
      assertNotEquals(b.epoch, before);
    }
    await using again = await store.open(0);
    assertNotEquals(again.epoch, before);
    assertEquals((await all(again)).map(textOf), ["to which?"]);
    assertEquals(store.reports.filter((each) => each.includes("another history")).length, 1);
    assert(await exists(store.path(0).replace(/\.db$/, `-${before}.db`)));
  },
);

natsTest("a stream that was deleted is missed soon, though nobody posts", async () => {
  await using store = create();
  await using nats = await server!.connect();
  await using log = await store.open(0, { missingMs: 100 });
  await log.append([draft("old")]);
  await nats.manager.streams.delete(store.stream);
  while (!log.broken) await new Promise((end) => setTimeout(end, 50));
  assertEquals(store.reports.filter((each) => each.includes("not in NATS any more")).length, 1);
  await assertRejects(() => log.append([draft("where to?")]), Error, "not in NATS any more");
  assertEquals((await all(log)).map(textOf), ["old"]);
});

natsTest(
  "while NATS is away nothing is stored and all is read; then nothing lacks",
  async () => {
    await using server = await NatsServer.start();
    await using store = createStream(() => server.connect());
    await using a = await store.open(0);
    await using b = await store.open(1);
    await a.append([draft("one", { id: "1" })]);
    await same(a, b);
    await server.kill();
    for (const log of [a, b]) {
      // The first may be on its way when the connection is found to be lost.
      await tried(log, draft("two", { id: "first" }));
      const refusal = await assertRejects(() => log.append([draft("two")]), Refusal);
      assertEquals([refusal.code, refusal.retryAfter], ["unavailable", 2]);
      assertEquals((await all(log)).map(textOf), ["one"]);
      assertEquals((await log.search({ query: "one", limit: 9 })).entries.length, 1);
    }
    const storing = [a, b].flatMap((log, n) =>
      [1, 2, 3].map((i) => retried(log, draft(`${n} ${i}`, { id: `${i % 2}`, sender: `s${n}` })))
    );
    await server.restart();
    assertEquals((await Promise.all(storing)).filter((each) => each instanceof Refusal).length, 2);
    const entries = await same(a, b);
    assertEquals(entries.map(({ seq }) => seq), [1, 2, 3, 4, 5]);
    assertEquals([a.broken, b.broken], [undefined, undefined]);
    assertEquals(store.reports, []);
  },
);

natsTest("where NATS has lost its newest, what it has is another history", async () => {
  await using restored = await NatsServer.start();
  await using store = createStream(() => restored.connect());
  let before;
  const old = `${restored.data}-old`;
  {
    await using a = await store.open(0);
    before = a.epoch;
    await a.append([draft("one")]);
    await restored.kill("SIGTERM");
    await copyFolder(restored.data, old);
    await restored.restart();
    await retried(a, draft("two", { id: "2" }));
    assertEquals(a.last, 2);
  }
  await restored.kill();
  await Deno.remove(restored.data, { recursive: true });
  await Deno.rename(old, restored.data);
  await restored.restart();
  await using a = await store.open(0);
  await using b = await store.open(1);
  assertNotEquals(a.epoch, before);
  assertEquals(a.epoch, b.epoch);
  assertEquals((await same(a, b)).map(textOf), ["one"]);
  assertEquals((await b.append([draft("two", { id: "2" })])).map(codeOf), ["2"]);
  assert(await exists(store.path(0).replace(/\.db$/, `-${before}.db`)));
});

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to);
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyFolder(`${from}/${name}`, `${to}/${name}`);
    else await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
  }
}

/** Closes all of them. */
function closing(logs: readonly JetStreamLog[]): AsyncDisposable {
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(logs.map((log) => log[Symbol.asyncDispose]()));
    },
  };
}

async function tried(log: JetStreamLog, wanted: Draft): Promise<Outcome> {
  const [outcome] = await log.append([wanted]).catch((error) => [error as Refusal]);
  return outcome!;
}

/** Appends as a client does: what is refused as unavailable is tried again. */
async function retried(log: JetStreamLog, wanted: Draft): Promise<Outcome> {
  for (;;) {
    const outcome = await tried(log, wanted);
    if (!(outcome instanceof Refusal) || outcome.code !== "unavailable") return outcome;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 10));
}

async function isInFiles(folder: string, text: string): Promise<boolean> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const found = isDirectory
      ? await isInFiles(path, text)
      : new TextDecoder("latin1").decode(await Deno.readFile(path)).includes(text);
    if (found) return true;
  }
  return false;
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
