import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { Refusal } from "../../../lib/model/refusal.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { contents, inPieces, openStore, textBytes } from "../uploads.ts";
import { HOUR_MS, Nodes } from "./nodes.ts";

Deno.test("a file that one node has taken in is posted under its name through any other, and served by all", async () => {
  await using nodes = await Nodes.open(3);
  const [a, b, c] = nodes.all;
  const file = await nodes.upload(a!, "hello");
  assertEquals(nodes.all.map((node) => node.store.count), [1, 1, 1]);
  assertEquals(nodes.all.map((node) => node.store.bytes), [4096, 4096, 4096]);
  await nodes.within(b!.store.refresh([file.id])!);
  assertEquals(b!.store.resolveFiles([file.id], "ann"), [file]);
  assertEquals(b!.store.resolveFiles([file.id], "bob")[0]!.name, "file.txt");
  await nodes.post(b!, file);
  await nodes.pass(2 * HOUR_MS, HOUR_MS / 4);
  for (const node of [a!, b!, c!]) assertEquals(await nodes.get(node, file.id), "hello");
});

Deno.test("what a node has not been told yet it asks for, and what it is told late changes nothing", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  b!.pool.isSlow = true;
  const file = await nodes.upload(a!, "hello");
  assertEquals(b!.store.find(file.id), undefined);
  await nodes.post(b!, file);
  assertEquals(await nodes.get(b!, file.id), "hello");
  b!.pool.hearAll();
  await nodes.run();
  assertEquals(await nodes.get(b!, file.id), "hello");
  assertEquals(await nodes.get(b!, "0".repeat(64)), undefined);
});

Deno.test("a content is fetched once, however many ask for it at the same time, and then no more", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const file = await nodes.upload(a!, "hello ".repeat(1000));
  await nodes.post(a!, file);
  const gate = Promise.withResolvers<void>();
  b!.pool.reading = gate.promise;
  const asked = Array.from({ length: 50 }, () => nodes.get(b!, file.id));
  await nodes.until(() => nodes.cached(b!).length === 1);
  assert(nodes.cached(b!)[0]!.startsWith("incoming/"), "not under its id before it is whole");
  gate.resolve();
  const texts = await Promise.all(asked);
  assertEquals(new Set(texts), new Set(["hello ".repeat(1000)]));
  assertEquals(b!.pool.reads.length, 1);
  assertEquals(nodes.cached(b!), [file.id]);
  assertEquals(await nodes.get(b!, file.id), texts[0]);
  assertEquals(b!.pool.reads.length, 1);
  assertEquals(a!.pool.reads.length, 0);
});

Deno.test("bytes that are not those of the id are served by nobody, and reported once", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const file = await nodes.upload(a!, "hello");
  await nodes.post(a!, file);
  const [content] = nodes.pool.contents.keys();
  for (const bytes of ["jello", "hello, and more", "hel"]) {
    nodes.pool.contents.set(content!, textBytes(bytes));
    const { code, retryAfter } = await assertRejects(() => nodes.get(b!, file.id), Refusal);
    assertEquals([code, retryAfter], ["unavailable", 60]);
    assertEquals(nodes.cached(b!), []);
  }
  assertEquals(nodes.reports.length, 1);
  nodes.pool.contents.set(content!, textBytes("hello"));
  assertEquals(await nodes.get(b!, file.id), "hello");
});

Deno.test("with its last message a file is gone on every node at once, and its bytes within a minute", async () => {
  await using nodes = await Nodes.open(3);
  const [a, b, c] = nodes.all;
  const file = await nodes.upload(a!, "hello");
  const other = await nodes.upload(a!, "other");
  const seq = await nodes.post(b!, file);
  await nodes.post(b!, other);
  assertEquals(await nodes.get(c!, file.id), "hello");
  nodes.delete(file, seq);
  await nodes.pass(2000, 500);
  await nodes.until(() => nodes.all.every(({ store }) => store.count === 1));
  for (const node of nodes.all) {
    assertEquals(await nodes.get(node, file.id), undefined);
    assert(!nodes.cached(node).includes(file.id));
    assertEquals([node.store.count, node.store.bytes], [1, 4096]);
    await nodes.within(node.store.refresh([file.id])!);
    assertThrows(() => node.store.resolveFiles([file.id], "ann"), Refusal, file.id);
  }
  await nodes.pass(58_000);
  await nodes.until(() => nodes.pool.index.size === 1);
  assertEquals([...nodes.pool.index.keys()], [other.id]);
  assertEquals(nodes.pool.contents.size, 1);
  assertEquals(await nodes.get(c!, other.id), "other");
});

Deno.test("an upload waits its hour for whoever made it, on whichever node, and is gone after it on all", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const file = await nodes.upload(a!, "hello");
  await nodes.pass(HOUR_MS - 60_000, 30_000);
  assertEquals(await nodes.get(b!, file.id), "hello");
  await nodes.pass(180_000, 15_000);
  await nodes.until(() => nodes.pool.index.size === 0);
  for (const node of nodes.all) {
    assertEquals(await nodes.get(node, file.id), undefined);
    assertEquals(nodes.cached(node), []);
  }
  assertEquals([nodes.pool.index.size, nodes.pool.contents.size], [0, 0]);
});

Deno.test("a node that does not know all messages yet takes no file from those that do", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const known = Promise.withResolvers<void>();
  b!.messages.caughtUp = () => known.promise;
  const file = await nodes.upload(a!, "hello");
  await nodes.within(a!.store.refresh([file.id])!);
  nodes.stored(a!.store.resolveFiles([file.id], "ann"), [a!]);
  await nodes.pass(HOUR_MS + 60_000, 30_000);
  assertEquals(await nodes.get(a!, file.id), "hello");
  nodes.stored([file], [b!]);
  known.resolve();
  await nodes.pass(120_000);
  assertEquals(await nodes.get(b!, file.id), "hello");
});

Deno.test("a message that was just being stored elsewhere keeps its file", async () => {
  for (const isHeardOf of [true, false]) {
    await using nodes = await Nodes.open(2);
    const [a, b] = nodes.all;
    const file = await nodes.upload(a!, "hello");
    const seq = await nodes.post(a!, file);
    // Another message is about to have it, while its only one is deleted.
    await nodes.within(b!.store.refresh([file.id])!);
    const files = b!.store.resolveFiles([file.id], "bob");
    b!.pool.isSlow = !isHeardOf;
    nodes.delete(file, seq);
    await nodes.pass(2000, 500);
    await nodes.until(() => nodes.pool.states.includes("leaving"));
    nodes.stored(files);
    b!.pool.hearAll();
    await nodes.pass(60_000);
    await nodes.until(() => nodes.pool.states.at(-1) === "kept");
    for (const node of nodes.all) {
      await nodes.within(node.store.refresh([file.id])!);
      assertEquals(await nodes.get(node, file.id), "hello");
    }
  }
});

Deno.test("what is uploaded again while it is leaving, or being erased, is there", async () => {
  for (const waitMs of [2000, 26_000]) {
    await using nodes = await Nodes.open(2);
    const [a, b] = nodes.all;
    const file = await nodes.upload(a!, "hello");
    const seq = await nodes.post(a!, file);
    nodes.delete(file, seq);
    await nodes.pass(2000, 500);
    await nodes.until(() => nodes.pool.index.get(file.id)?.state === "leaving");
    if (waitMs > 2000) {
      // Whoever was about to erase it has died.
      const { index } = nodes.pool;
      index.set(file.id, { ...index.get(file.id)!, state: "erased" });
    }
    await nodes.upload(b!, "hello", "bob");
    await nodes.pass(90_000);
    for (const node of nodes.all) {
      await nodes.within(node.store.refresh([file.id])!);
      assertEquals(await nodes.get(node, file.id), "hello");
    }
    assertEquals(nodes.pool.contents.size, 1);
    assertEquals([...nodes.pool.contents.keys()], [nodes.pool.index.get(file.id)!.content]);
  }
});

Deno.test("two nodes that take in the same bytes at the same time have one content for both", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const [one, two] = await Promise.all([
    nodes.upload(a!, "hello", "ann"),
    nodes.upload(b!, "hello", "bob"),
  ]);
  assertEquals(one.id, two.id);
  assertEquals(nodes.pool.contents.size, 1);
  assertEquals(nodes.pool.index.get(one.id)!.uploads.map(({ session }) => session).toSorted(), [
    "ann",
    "bob",
  ]);
});

Deno.test("while the pool is away, what is here is served, and nothing else is promised", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const [here, there] = [await nodes.upload(a!, "here"), await nodes.upload(a!, "there")];
  for (const file of [here, there]) await nodes.post(a!, file);
  assertEquals(await nodes.get(b!, here.id), "here");
  b!.pool.isAway = true;
  assertEquals(await nodes.get(b!, here.id), "here");
  const asked = [
    () => nodes.get(b!, there.id),
    () => nodes.get(b!, "0".repeat(64)),
    () => nodes.upload(b!, "more"),
    () => nodes.within(b!.store.refresh([here.id])!),
  ];
  for (const ask of asked) {
    const { code, retryAfter } = await assertRejects(ask, Refusal);
    assertEquals([code, retryAfter], ["unavailable", 1]);
  }
  assertThrows(() => b!.store.checkUpload(1), Refusal);
  await nodes.pass(120_000);
  nodes.delete(there, 2);
  await nodes.pass(60_000);
  b!.pool.reconnect();
  await nodes.pass(60_000);
  assertEquals(await nodes.get(b!, there.id), undefined);
  assertEquals(await nodes.get(b!, here.id), "here");
  assertEquals(nodes.reports, []);
});

Deno.test("an upload whose pool goes away meanwhile leaves nothing behind", async () => {
  await using nodes = await Nodes.open(1);
  const [a] = nodes.all;
  const chunks = async function* () {
    yield* inPieces(textBytes("hello"), 1);
    a!.pool.isAway = true;
  };
  const receiving = a!.store.receive(chunks(), { session: "ann", name: "a" });
  await assertRejects(() => nodes.within(receiving), Refusal);
  assertEquals(nodes.cached(a!), []);
  assertEquals([a!.store.count, a!.store.bytes], [0, 0]);
});

Deno.test("what went while a node was not running is not there when it is back", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const [file, other] = [await nodes.upload(a!, "hello"), await nodes.upload(a!, "other")];
  const seq = await nodes.post(a!, file);
  await nodes.post(a!, other);
  for (const { id } of [file, other]) await nodes.get(b!, id);
  await nodes.within(b!.store[Symbol.asyncDispose]());
  nodes.delete(file, seq);
  await nodes.pass(60_000);
  assertEquals(nodes.cached(b!), [file.id, other.id].toSorted());
  const again = await nodes.start(b!.path);
  await nodes.until(() => again.store.count === 1);
  assertEquals(nodes.cached(again), [other.id]);
});

Deno.test("of an upload that was posted, other nodes know that nobody waits for it", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const file = await nodes.upload(a!, "hello");
  // The node cannot tell it at once.
  await nodes.within(b!.store.refresh([file.id])!);
  const files = b!.store.resolveFiles([file.id], "ann");
  b!.pool.isAway = true;
  const seq = nodes.stored(files);
  await nodes.pass(1000, 500);
  assertEquals(nodes.pool.index.get(file.id)!.uploads[0]!.posted ?? false, false);
  b!.pool.reconnect();
  await nodes.pass(40_000);
  assertEquals(nodes.pool.index.get(file.id)!.uploads[0]!.posted, true);
  nodes.delete(file, seq);
  await nodes.pass(60_000);
  await nodes.until(() => nodes.pool.index.size === 0);
  await nodes.until(() => a!.store.count === 0);
});

Deno.test("who uploaded a file, and under which name, is forgotten by the pool as well", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const file = await nodes.upload(a!, "hello");
  await nodes.post(b!, file);
  await nodes.pass(HOUR_MS + 60_000, 30_000);
  assertEquals(nodes.pool.index.get(file.id)!.uploads, []);
});

Deno.test("all files of all nodes count for the space that there is", async () => {
  await using nodes = await Nodes.open(2);
  const [a, b] = nodes.all;
  const total = 10_000;
  await using dir = await tempDir();
  const small = openStore(dir.data, { loop: nodes.clock, pool: nodes.pool.connect(), total });
  await using _small = { [Symbol.asyncDispose]: () => nodes.within(small[Symbol.asyncDispose]()) };
  small.keepReferred(a!.messages);
  for (const [i, node] of [a!, b!].entries()) await nodes.upload(node, `file ${i}`);
  await nodes.run();
  const receiving = small.receive(inPieces(textBytes("more")), { session: "ann", name: "a" });
  const { httpStatus } = await assertRejects(() => nodes.within(receiving), Refusal);
  assertEquals(httpStatus, 507);
});

Deno.test("a folder with files of its own is set aside before it is shared, and not lost", async () => {
  await using dir = await tempDir();
  {
    await using store = openStore(dir.data);
    await store.receive(inPieces(textBytes("hello")), { session: "ann", name: "a" });
  }
  await using nodes = await Nodes.open(1);
  const node = await nodes.start(dir.data);
  assertEquals(node.store.count, 0);
  assertEquals(contents(`${dir.data}-before-1`).length, 1);
  assert(nodes.reports[0]?.includes(`${dir.data}-before-1`), nodes.reports[0]);
});
