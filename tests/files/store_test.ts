import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { FileStore } from "../../lib/files/mod.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { tempDir } from "../support/temp_dir.ts";
import { contents, inPieces, openStore, png, textBytes } from "./uploads.ts";

const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

function upload(store: FileStore, text: string, name?: string, session?: string) {
  return store.receive(inPieces(textBytes(text)), { session, name });
}

async function contentOf(store: FileStore, id: string): Promise<string> {
  using file = await store.find(id)!.open();
  return await new Response(file.readable).text();
}

Deno.test("a file is stored under the SHA-256 of its bytes, for its owner alone to read", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data);
  assertEquals(contents(dir.path), [], "the folder is made with the first upload");
  const file = await upload(store, "hello", "greeting.txt", "ann");
  assertEquals(file, { id: HELLO, name: "greeting.txt", type: "text/plain", size: 5 });
  assertEquals(contents(dir.data), [HELLO]);
  for (const path of [dir.data, `${dir.data}/incoming`]) {
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o700);
  }
  for (const name of [HELLO, "index.db"]) {
    assertEquals(Deno.statSync(`${dir.data}/${name}`).mode! & 0o777, 0o600, name);
  }
  assertEquals(await contentOf(store, HELLO), "hello");
});

Deno.test("an image comes with its size, as it is seen", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data);
  const picture = await Deno.readFile(new URL("../browser/page.png", import.meta.url));
  const file = await store.receive(inPieces(picture, 65_536), { session: "ann", name: undefined });
  const view = new DataView(picture.buffer);
  assertEquals({ ...file, id: "" }, {
    id: "",
    name: "file.png",
    type: "image/png",
    size: picture.length,
    width: view.getUint32(16),
    height: view.getUint32(20),
  });
  assertEquals(store.find(file.id)!.isShown, true);
  const turned = await store.receive(inPieces(lyingJpeg()), { session: "ann", name: "a.jpg" });
  assertEquals([turned.type, turned.width, turned.height], ["image/jpeg", 480, 640]);
});

Deno.test("the same bytes are stored once, and each who uploaded them has the own name", async () => {
  await using dir = await tempDir();
  const options = { limit: 100, total: 10_000 };
  {
    await using store = openStore(dir.data, options);
    const [ann, bob] = await Promise.all([
      upload(store, "hello", "anns.txt", "ann"),
      upload(store, "hello", "bobs.txt", "bob"),
    ]);
    assertEquals([ann.name, bob.name, ann.id], ["anns.txt", "bobs.txt", bob.id]);
    assertEquals([store.count, store.bytes], [1, 4096], "counted as what it takes of the disk");
    await upload(store, "hello", "again.txt", "bob");
  }
  await using store = openStore(dir.data, options);
  const nameFor = (session?: string) => store.resolveFiles([HELLO], session)[0]!.name;
  assertEquals([nameFor("ann"), nameFor("bob")], ["anns.txt", "again.txt"], "after a restart too");
  assertEquals([nameFor("eve"), nameFor()], ["file.txt", "file.txt"]);
  await upload(store, "hello", "nobodys.txt");
  assertEquals([nameFor("ann"), nameFor("eve"), nameFor()], [
    "anns.txt",
    "nobodys.txt",
    "nobodys.txt",
  ]);
  assertEquals([store.count, store.bytes], [1, 4096]);
});

Deno.test("what a message cannot have is refused by the id that it is about", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data);
  const missing = "0".repeat(64);
  for (const id of [missing, "../index.db", "index.db", "incoming", HELLO.toUpperCase(), ""]) {
    const refusal = assertThrows(() => store.resolveFiles([id], "ann"), Refusal);
    assertEquals(refusal.code, "not_found");
    assert(refusal.message.includes(`no file ${id};`), refusal.message);
    assertEquals(store.find(id), undefined);
  }
  await upload(store, "hello");
  for (const id of ["../index.db", "index.db", "incoming", HELLO.toUpperCase(), `${HELLO}0`]) {
    assertEquals(store.find(id), undefined, id);
  }
  // Whatever became of the content, nobody is promised what is not there.
  await Deno.remove(`${dir.data}/${HELLO}`);
  assertThrows(() => store.resolveFiles([HELLO], "ann"), Refusal);
  assertEquals((await upload(store, "hello")).id, HELLO);
  assertEquals(contents(dir.data), [HELLO], "it comes back with the next upload");
});

Deno.test("a file that is too long, or does not fit, is refused before and while it comes", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data, { limit: 50_000, total: 100_000 });
  const bytes = new Uint8Array(50_001);
  const options = { session: "ann", name: "a" };
  const refused = async (bytes: Uint8Array, announced?: number) => {
    let taken = 0;
    const chunks = async function* () {
      for await (const chunk of inPieces(bytes)) {
        taken += chunk.length;
        yield chunk;
      }
    };
    const receiving = () => store.receive(chunks(), { ...options, announced });
    const { code, httpStatus } = await assertRejects(receiving, Refusal);
    return [code, httpStatus, taken];
  };
  assertEquals(await refused(bytes), ["too_long", undefined, 50_001]);
  assertEquals(await refused(bytes, 50_001), ["too_long", undefined, 0]);
  const whole = bytes.subarray(1);
  await store.receive(inPieces(whole.fill(1)), options);
  await store.receive(inPieces(new Uint8Array(40_000)), options);
  assertEquals([store.count, store.bytes], [2, 90_000]);
  assertEquals(await refused(whole.fill(2)), ["unavailable", 507, 11_000]);
  assertEquals(await refused(whole.fill(2), 50_000), ["unavailable", 507, 0]);
  assertEquals(contents(dir.data).length, 2);
  await store.receive(inPieces(new Uint8Array(10_000)), options);
  assertEquals(store.bytes, 100_000, "what was refused has been given back");
});

Deno.test("an upload that is cut off leaves nothing, wherever it was", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data, { total: 10_000 });
  for (let tenth = 0; tenth < 10; tenth++) {
    const cut = async function* () {
      yield* inPieces(new Uint8Array(900 * tenth), 90);
      throw new Refusal("bad_request", "cut");
    };
    await assertRejects(() => store.receive(cut(), { session: "ann", name: "a" }), Refusal, "cut");
    assertEquals([contents(dir.data), store.count, store.bytes], [[], 0, 0]);
  }
  await store.receive(inPieces(new Uint8Array(10_000)), { session: "ann", name: "a" });
});

Deno.test("there is no empty file, and with the limit 0 no file at all", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data);
  const empty = await assertRejects(() => upload(store, ""), Refusal);
  assertEquals(empty.code, "bad_request");
  assertEquals(contents(dir.data), []);
  await using none = openStore(`${dir.path}/none`, { limit: 0 });
  const off = await assertRejects(() => upload(none, "hello"), Refusal);
  assertEquals(off.code, "forbidden");
  assertEquals(contents(dir.path), [], "not even a folder");
});

Deno.test("what had not come in wholly when the server ended is removed at the next start", async () => {
  await using dir = await tempDir();
  {
    await using store = openStore(dir.data);
    await upload(store, "hello");
  }
  await Deno.writeTextFile(`${dir.data}/incoming/7`, "half");
  await using store = openStore(dir.data);
  assertEquals(contents(dir.data), [HELLO]);
  assertEquals(store.count, 1);
});

Deno.test("a folder that is another program's, newer or damaged stops the start, and stays as it is", async () => {
  await using dir = await tempDir();
  await using store = openStore(dir.data);
  await store.receive(inPieces(png(1, 1)), { session: "ann", name: "a.png" });
  await store[Symbol.asyncDispose]();
  const table = `${dir.data}/index.db`;
  const good = await Deno.readFile(table);
  const damaged = new Uint8Array(good.length).fill(7);
  const newer = good.slice();
  newer[63] = 9; // user_version
  const foreign = good.slice();
  foreign[71] = 9; // application_id
  const cases: [Uint8Array, RegExp][] = [
    [damaged, /^cannot open .*index\.db: .*; restore it from a backup/],
    [newer, /index\.db is of a newer Partyline \(format 9, /],
    [foreign, /index\.db is not Partyline's/],
  ];
  for (const [bytes, why] of cases) {
    await Deno.writeFile(table, bytes);
    const error = assertThrows(() => openStore(dir.data), Error) as Error;
    assert(why.test(error.message), error.message);
    assertEquals(await Deno.readFile(table), bytes);
  }
});

/** The head of a JPEG of 640 by 480 that says it was taken with the camera on its side. */
function lyingJpeg(): Uint8Array {
  const exif = [
    ...textBytes("Exif\0\0II*\0"),
    ...[8, 0, 0, 0, 1, 0, 0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0],
  ];
  return new Uint8Array([
    ...[0xff, 0xd8, 0xff, 0xe1, 0, exif.length + 2],
    ...exif,
    ...[0xff, 0xc0, 0, 17, 8, 480 >> 8, 480 & 255, 640 >> 8, 640 & 255, 3],
    ...[1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1],
    ...[0xff, 0xd9],
  ]);
}
