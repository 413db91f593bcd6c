import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { makeOperator } from "../../../lib/moderation/mod.ts";
import type { FileInfo } from "../../../lib/model/message.ts";
import { BodyTimeout } from "../../../lib/http/body.ts";
import { bodyOf } from "../../../lib/http/files/upload.ts";
import { contents, textBytes } from "../../files/uploads.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { type TestOptions, TestServer, USUAL_LIMITS } from "../../support/server.ts";
import { tempDir } from "../../support/temp_dir.ts";
import { bearer, postAs } from "../../transports/clients/client.ts";
import { Raw } from "../../transports/clients/raw.ts";
import { websocket } from "../../transports/clients/websocket.ts";

/** A server whose data folder the test looks into. */
async function open(options: TestOptions = {}) {
  await using opening = new AsyncDisposableStack();
  const { data } = opening.use(await tempDir());
  const server = opening.use(await TestServer.open({ ...options, data }));
  const owned = opening.move();
  return {
    server,
    data,
    files: () => contents(`${data}/files`),
    /** POST /api/files. */
    async upload(
      body: BodyInit | Uint8Array<ArrayBuffer>,
      { token, name = "a.txt", headers = {} }: {
        token?: string | undefined;
        name?: string;
        headers?: Record<string, string>;
      } = {},
    ) {
      const response = await fetch(`${server.url}/api/files?name=${encodeURIComponent(name)}`, {
        method: "POST",
        body: body as BodyInit,
        headers: { ...bearer(token), ...headers },
      });
      const { file, error } = await response.json();
      const { status } = response;
      return {
        status,
        file: file as FileInfo,
        error,
        retryAfter: response.headers.get("retry-after"),
      };
    },
    /** A session of its own. */
    async session(name: string, password?: string): Promise<string> {
      const response = await fetch(`${server.url}/api/session`, {
        method: "POST",
        body: JSON.stringify({ name, password }),
        headers: { "content-type": "application/json" },
      });
      return (await response.json()).token;
    },
    async statusOf({ id }: FileInfo, headers: Record<string, string> = {}): Promise<number> {
      const response = await fetch(`${server.url}/files/${id}/a`, { headers });
      await response.body?.cancel();
      return response.status;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

Deno.test("a file is uploaded, posted, read back with its message, and gone when that is deleted", async () => {
  await using all = await open();
  const token = await all.session("ann");
  const { status, file } = await all.upload("hello", { token, name: "greeting.txt" });
  assertEquals(status, 201);
  assertEquals({ ...file, id: "" }, { id: "", name: "greeting.txt", type: "text/plain", size: 5 });
  const { seq } = await postAs(all.server, token, { text: "", files: [file.id] });
  const read = await fetch(`${all.server.url}/api/messages/${seq}`);
  const { event } = await read.json();
  assertEquals([event.text, event.files], ["", [file]]);
  assertEquals(await all.statusOf(file), 200);
  assertEquals(all.files(), [file.id]);
  await postAs(all.server, token, { type: "delete", ref: seq });
  while (all.files().length > 0) await settle();
  assertEquals(await all.statusOf(file), 404);
});

Deno.test("what is uploaded without a name is called a file of its type", async () => {
  await using all = await open();
  for (const name of ["", " ", "..."]) {
    assertEquals((await all.upload("hello", { name })).file.name, "file.txt");
  }
});

Deno.test("a message with files is known by its id, also when it and its files are gone", async () => {
  await using all = await open();
  const token = await all.session("ann");
  const { file } = await all.upload("hello", { token });
  const message = { text: "", files: [file.id], id: "c-1" };
  const { seq } = await postAs(all.server, token, message);
  await postAs(all.server, token, { type: "delete", ref: seq });
  while (all.files().length > 0) await settle();
  assertEquals(await postAs(all.server, token, message), { seq, duplicate: true });
  const refusal = (fields: object) =>
    assertRejects(() => postAs(all.server, token, { ...message, ...fields }), Error);
  assertMatch((await refusal({ text: "another" })).message, /the id "c-1" was used for something/);
  assertMatch((await refusal({ id: "c-2" })).message, /there is no file/);
});

Deno.test("an id that is no file's is refused, and named, by whatever way the message comes", async () => {
  await using all = await open();
  const token = await all.session("ann");
  const missing = "f".repeat(64);
  const refusal = await assertRejects(() => {
    return postAs(all.server, token, { text: "look", files: [missing] });
  }, Error);
  assertMatch(refusal.message, new RegExp(`there is no file ${missing}`));
});

Deno.test("a message with a file is known by its id also when the file is gone with it", async () => {
  await using all = await open();
  const token = await all.session("ann");
  const { file } = await all.upload("hello", { token });
  const other = (await all.upload("bye", { token })).file;
  const said = { text: "look", id: "f-1", files: [file.id] };
  const { seq } = await postAs(all.server, token, said);
  await postAs(all.server, token, { type: "delete", ref: seq });
  while (all.files().length > 1) await settle();
  assertEquals(await postAs(all.server, token, said), { seq, duplicate: true });
  for (const more of [{ text: "see" }, { files: [file.id, other.id] }]) {
    await assertRejects(() => postAs(all.server, token, { ...said, ...more }), Error, "f-1");
  }
  for (const id of ["f-2", undefined]) {
    await assertRejects(() => postAs(all.server, token, { ...said, id }), Error, file.id);
  }
});

Deno.test("an upload that is cut at any tenth of its length leaves nothing", async () => {
  await using all = await open();
  const size = 100_000;
  const head = (length: string) =>
    `POST /api/files?name=a.bin HTTP/1.1\r\nhost: localhost\r\n${length}\r\n\r\n`;
  const counts = all.server.running.limits.counts;
  const ends: [string, (raw: Raw) => Promise<void>][] = [
    ["by its end", (raw) => raw.finish()],
    ["by the connection's", (raw) => Promise.resolve(raw[Symbol.dispose]())],
  ];
  for (const chunked of [false, true]) {
    for (const [how, end] of ends) {
      for (let tenth = 0; tenth < 10; tenth++) {
        using raw = await Raw.connect(all.server.httpPort);
        const part = new Uint8Array(size * tenth / 10).fill(7);
        await raw.send(head(chunked ? "transfer-encoding: chunked" : `content-length: ${size}`));
        if (chunked && part.length > 0) await raw.send(`${part.length.toString(16)}\r\n`);
        await raw.send(part);
        while (counts.held.body === 0) await settle();
        await end(raw);
        while (counts.held.body > 0) await settle();
        const what = `${chunked ? "chunked" : "counted"}, cut ${how} after ${tenth} tenths`;
        assertEquals(all.files(), [], what);
      }
    }
  }
  assertEquals(all.server.running.room.log.last, 0);
});

Deno.test("whoever may not write may not upload, and whoever may not read gets no file", async () => {
  await using all = await open({ access: { password: "open sesame" } });
  const token = await all.session("ann", "open sesame");
  const { file } = await all.upload("hello", { token });
  assertEquals(await all.statusOf(file), 401);
  const cookie = { cookie: `partyline=${token}` };
  assertEquals(await all.statusOf(file, cookie), 200);
  assertEquals(await all.statusOf(file, { ...cookie, origin: "https://evil.example" }), 403);
  assertEquals(await all.statusOf(file, bearer(token)), 200);
  const refused = await all.upload("other");
  assertEquals([refused.status, refused.error.code], [401, "unauthorized"]);
  assertEquals(all.files(), [file.id]);
});

Deno.test("read-only guests read files and upload none; without posts by nobody a session is needed", async () => {
  await using guests = await open({ access: { password: "open sesame", readOnlyGuests: true } });
  const { file } = await guests.upload("hello", {
    token: await guests.session("ann", "open sesame"),
  });
  assertEquals(await guests.statusOf(file), 200);
  assertEquals((await guests.upload("other")).status, 403);

  await using named = await open({ access: { anonymousPosts: false } });
  assertEquals((await named.upload("hello")).status, 401);
  assertEquals((await named.upload("hello", { token: await named.session("ann") })).status, 201);

  await using open_ = await open();
  assertEquals((await open_.upload("hello")).status, 201);
});

Deno.test("whoever is muted or banned may not upload", async () => {
  await using all = await open();
  const operator = bearer((await makeOperator(all.data, "ann")).token);
  for (const type of ["mute", "ban"]) {
    await using eve = await websocket.join(all.server, { name: `eve${type}` });
    const { token } = eve;
    const ordered = await fetch(`${all.server.url}/api/moderation`, {
      method: "POST",
      headers: { "content-type": "application/json", ...operator },
      body: JSON.stringify({ type, name: `eve${type}` }),
    });
    assertEquals([ordered.status, (await ordered.json()).error], [200, undefined]);
    const { status, error } = await all.upload("hello", { token });
    assertEquals([status, error.code, error.measure.type], [403, "forbidden", type]);
  }
  assertEquals(all.server.running.limits.counts.held.body, 0);
});

Deno.test("where the operator has switched files off there are none, and messages go on", async () => {
  await using all = await open({ files: { limit: 0, total: 2 ** 30 } });
  const { status, error } = await all.upload("hello");
  assertEquals([status, error.code], [403, "forbidden"]);
  assertMatch(error.message, /switched off files/);
  const token = await all.session("ann");
  await postAs(all.server, token, { text: "hi" });
  await assertRejects(() => postAs(all.server, token, { text: "", files: ["f".repeat(64)] }));
});

Deno.test("a file over the limit is 413, one for which there is no space 507", async () => {
  await using all = await open({ files: { limit: 100_000, total: 150_000 } });
  const long = await all.upload(new Uint8Array(100_001));
  assertEquals([long.status, long.error.code], [413, "too_long"]);
  assertMatch(long.error.message, /at most 100000 bytes/);
  assertEquals((await all.upload(new Uint8Array(100_000))).status, 201);
  const full = await all.upload(new Uint8Array(60_000).fill(1));
  assertEquals([full.status, full.error.code, full.retryAfter], [507, "unavailable", "600"]);
  assertEquals((await all.upload(new Uint8Array(40_000))).status, 201);
});

Deno.test("somebody's uploads above those at a time wait for their turn, and others do not", async () => {
  const limits = { ...USUAL_LIMITS, uploads: 2, bodyMs: 600_000 };
  await using all = await open({ limits });
  const [ann, bob] = [await all.session("ann"), await all.session("bob")];
  const hold = () => {
    const gate = Promise.withResolvers<void>();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await gate.promise;
        controller.enqueue(textBytes("slow"));
        controller.close();
      },
    });
    return { body, open: gate.resolve };
  };
  const slow = [hold(), hold()];
  const slowly = slow.map(({ body }) => all.upload(body, { token: ann }));
  const { held } = all.server.running.limits.counts;
  while (held.body < 2) await settle();
  let waited = true;
  const third = all.upload("third", { token: ann }).then((answer) => ({ ...answer, waited }));
  while (held.body < 3) await settle();
  assertEquals((await all.upload("bob's", { token: bob })).status, 201);
  waited = false;
  slow[0]!.open();
  assertEquals([(await third).status, (await third).waited], [201, false]);
  slow[1]!.open();
  for (const answer of await Promise.all(slowly)) assertEquals(answer.status, 201);
  assertEquals(held.body, 0);
});

Deno.test("somebody who has uploaded too much in an hour is told when to go on", async () => {
  const uploadBytes = { perSecond: 1_000_000 / 3600, burst: 1_000_000 };
  await using all = await open({ limits: { ...USUAL_LIMITS, uploadBytes } });
  const [ann, bob] = [await all.session("ann"), await all.session("bob")];
  assertEquals((await all.upload(new Uint8Array(900_000), { token: ann })).status, 201);
  const { status, error, retryAfter } = await all.upload(new Uint8Array(300_000), { token: ann });
  assertEquals([status, error.code], [429, "rate_limited"]);
  assert(Number(retryAfter) > 600 && Number(retryAfter) <= 720, `${retryAfter}`);
  assertEquals((await all.upload(new Uint8Array(300_000), { token: bob })).status, 201);
  // What was refused costs nothing.
  assertEquals((await all.upload(new Uint8Array(90_000), { token: ann })).status, 201);
  assertEquals(all.server.running.limits.counts.limited.upload_bytes, 1);
});

Deno.test("a body has the time for a body, and more for each byte that came", async () => {
  const clock = new ManualClock();
  const pieces: ReadableStreamDefaultController<Uint8Array>[] = [];
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void pieces.push(controller),
  });
  const request = new Request("http://localhost/", { method: "POST", body });
  const dropped = new AbortController().signal;
  const chunks = bodyOf(request, { timeoutMs: 10_000, dropped, clock });
  const next = () => {
    const reading = chunks.next();
    reading.catch(() => {});
    return reading;
  };
  let reading = next();
  pieces[0]!.enqueue(new Uint8Array(80 * 1024)); // ten seconds more
  assertEquals((await reading).value?.length, 80 * 1024);
  reading = next();
  await settle();
  clock.advance(19_000);
  pieces[0]!.enqueue(new Uint8Array(1));
  assertEquals((await reading).value?.length, 1);
  reading = next();
  await settle();
  clock.advance(1_100);
  await assertRejects(() => reading, BodyTimeout);
});
