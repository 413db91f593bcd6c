import { assert, assertEquals, assertThrows } from "@std/assert";
import type { FileStore } from "../../lib/files/mod.ts";
import type { FileInfo, Message } from "../../lib/model/message.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";
import { tempDir } from "../support/temp_dir.ts";
import { contents, FakeMessages, inPieces, openStore, textBytes } from "./uploads.ts";

const HOUR_MS = 60 * 60_000;

/** A store beside messages, with the time in the test's hands. */
async function openAll() {
  await using opening = new AsyncDisposableStack();
  const { data: path } = opening.use(await tempDir());
  const clock = new ManualClock();
  const messages = new FakeMessages();
  const store = opening.use(openStore(path, { loop: clock }));
  store.keepReferred(messages);
  const owned = opening.move();
  return {
    path,
    clock,
    messages,
    store,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
    async upload(text: string, session?: string): Promise<FileInfo> {
      return await store.receive(inPieces(textBytes(text)), { session, name: `${text}.txt` });
    },
    /** Lets the time pass, and what is due come to its end. */
    async pass(ms: number): Promise<void> {
      clock.advance(ms);
      await looked(store, clock);
    },
  };
}

/** A look that is made now has come to its end, and with it all before. */
async function looked(store: FileStore, clock: ManualClock): Promise<void> {
  let done = false;
  const looking = store.removeUnused().then(() => done = true);
  while (!done) {
    await settle();
    clock.turn();
  }
  await looking;
}

function message(seq: number, files: readonly FileInfo[]): Message {
  return { type: "message", seq, at: 1, from: "ann", text: "", files };
}

Deno.test("where there are no files a look ends, and so does the one after it", async () => {
  await using all = await openAll();
  await all.pass(60_000);
  await all.pass(60_000);
  assertEquals(all.store.counts.removed, 0);
});

Deno.test("what is not posted within the hour after its upload is removed, and nothing before", async () => {
  await using all = await openAll();
  const { store, path } = all;
  const file = await all.upload("hello", "ann");
  await all.pass(HOUR_MS - 60_000);
  assertEquals(contents(path), [file.id]);
  assertEquals(store.resolveFiles([file.id], "ann"), [file]);
  await all.pass(61_000);
  assertEquals([contents(path), store.count, store.bytes], [[], 0, 0]);
  assertEquals(store.find(file.id), undefined);
  assertThrows(() => store.resolveFiles([file.id], "ann"), Refusal, file.id);
  assertEquals(store.counts.removed, 1);
});

Deno.test("what a message has stays, and is removed as soon as only deleted messages had it", async () => {
  await using all = await openAll();
  const { store, messages, clock, path } = all;
  const file = await all.upload("hello", "ann");
  store.resolveFiles([file.id], "ann");
  messages.files.add(file.id);
  messages.tell(message(1, [file]));
  await all.pass(HOUR_MS / 2);
  assertEquals(contents(path), [file.id]);
  // Long before the hour is over.
  messages.files.delete(file.id);
  messages.tell({ type: "delete", seq: 2, at: 2, from: "ann", ref: 1 });
  clock.advance(1000);
  while (contents(path).length > 0) {
    await settle();
    clock.turn();
  }
  await looked(store, clock);
  assertEquals([store.count, store.bytes], [0, 0]);
});

Deno.test("what a killed process had posted waits for nobody, its message deleted before or after", async () => {
  for (const isDeletedBefore of [true, false]) {
    await using killed = await openAll();
    const { path, clock } = killed;
    const file = await killed.upload("hello", "ann");
    await killed.upload("bye", "ann");
    killed.store.resolveFiles([file.id], "ann");
    killed.messages.tell(message(1, [file]));
    const remove = { type: "delete", seq: 2, at: 2, from: "ann", ref: 1 } as const;
    if (isDeletedBefore) killed.messages.tell(remove);
    // It does nothing more, and another one is started.
    const messages = new FakeMessages();
    if (!isDeletedBefore) messages.files.add(file.id);
    await using store = openStore(path, { loop: clock });
    store.keepReferred(messages);
    await settle();
    messages.files.delete(file.id);
    if (!isDeletedBefore) messages.tell(remove);
    await looked(store, clock);
    assertEquals(contents(path).includes(file.id), false);
    assertEquals(store.count, 1, "the other is waited for");
  }
});

Deno.test("what somebody else has uploaded too, and not posted yet, waits for them", async () => {
  await using all = await openAll();
  const { store, messages, path } = all;
  const file = await all.upload("hello", "ann");
  await all.upload("hello", "bob");
  store.resolveFiles([file.id], "ann");
  messages.files.add(file.id);
  messages.tell(message(1, [file]));
  messages.files.delete(file.id);
  messages.tell({ type: "delete", seq: 2, at: 2, from: "ann", ref: 1 });
  await all.pass(60_000);
  assertEquals(contents(path), [file.id]);
  await all.pass(HOUR_MS);
  assertEquals(contents(path), []);
});

Deno.test("a file whose message is just being stored stays, though the hour is over", async () => {
  await using all = await openAll();
  const { store, messages, clock, path } = all;
  const file = await all.upload("hello", "ann");
  clock.advance(HOUR_MS - 1000);
  store.resolveFiles([file.id], "ann");
  await all.pass(2000);
  assertEquals(contents(path), [file.id]);
  messages.files.add(file.id);
  await all.pass(HOUR_MS);
  assertEquals(contents(path), [file.id]);
});

Deno.test("a file that is being removed is promised to nobody, and can be uploaded again", async () => {
  await using all = await openAll();
  const { store, messages, clock, path } = all;
  const file = await all.upload("hello", "ann");
  clock.advance(HOUR_MS + 1);
  let asked = 0;
  const again = Promise.withResolvers<FileInfo>();
  messages.onAsked = () => {
    if (++asked < 2) return;
    messages.onAsked = () => {};
    // It is marked by now, and its bytes are still there.
    assertEquals(contents(path), [file.id]);
    assertEquals(store.find(file.id), undefined);
    assertThrows(() => store.resolveFiles([file.id], "ann"), Refusal);
    all.upload("hello", "bob").then(again.resolve, again.reject);
  };
  await looked(store, clock);
  assertEquals((await again.promise).id, file.id);
  assertEquals(contents(path), [file.id]);
  assertEquals([store.count, store.counts.removed], [1, 1]);
});

Deno.test("of a removed file neither bytes nor name are in any file", async () => {
  await using all = await openAll();
  const { store, clock, path } = all;
  await store.receive(inPieces(textBytes("the bytes of a secret")), {
    session: "ann",
    name: "the name of a secret.txt",
  });
  const kept = await all.upload("kept", "ann");
  all.messages.files.add(kept.id);
  await all.pass(HOUR_MS + 1);
  await looked(store, clock);
  assertEquals(contents(path), [kept.id]);
  for (const { name, isFile } of Deno.readDirSync(path)) {
    if (!isFile) continue;
    const text = new TextDecoder("latin1").decode(await Deno.readFile(`${path}/${name}`));
    assert(!text.includes("a secret"), name);
  }
});

Deno.test("many files are looked at in turns of the event loop, and all of them", async () => {
  await using all = await openAll();
  const files = await Promise.all(
    Array.from({ length: 250 }, (_, i) => all.upload(`file ${i}`, "ann")),
  );
  for (const [i, { id }] of files.entries()) if (i % 2 === 0) all.messages.files.add(id);
  await all.pass(HOUR_MS + 1);
  assertEquals(contents(all.path), [...all.messages.files].toSorted());
});
