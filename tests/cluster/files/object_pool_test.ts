// Files of several nodes in a real NATS.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemLoop } from "../../../lib/base/event_loop.ts";
import { ObjectPool } from "../../../lib/cluster/files/object_pool.ts";
import type { PoolFile } from "../../../lib/files/mod.ts";
import { Refusal } from "../../../lib/model/refusal.ts";
import type { Nats } from "../../../lib/nats/mod.ts";
import { NatsServer, natsTest } from "../../support/nats.ts";

const FILE: PoolFile = {
  ...{ id: "1".repeat(64), size: 5, type: "text/plain", extension: "txt", added: 1 },
  ...{ content: "c1", state: "kept", uploads: [] },
};

/** A pool that fails the test where it reports something. */
function openPool(nats: Nats, report?: (what: string) => void): Promise<ObjectPool> {
  return ObjectPool.open(nats, {
    name: "room",
    replicas: 1,
    loop: systemLoop,
    report(what, cause) {
      if (!report) throw new Error(what, { cause });
      report(what);
    },
  });
}

function streamOf(...texts: string[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(texts).pipeThrough(new TextEncoderStream());
}

async function textOf(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  return await new Response(ReadableStream.from(chunks)).text();
}

/** Whether a text is in any file of a folder. */
function isIn(folder: string, text: string): boolean {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) {
      if (isIn(path, text)) return true;
    } else if (new TextDecoder("latin1").decode(Deno.readFileSync(path)).includes(text)) {
      return true;
    }
  }
  return false;
}

natsTest(
  "what one node puts there another reads, whole and in pieces, and is told of",
  async () => {
    await using server = await NatsServer.start();
    await using one = await server.connect();
    await using two = await server.connect();
    using a = await openPool(one);
    using b = await openPool(two);
    const long = Array.from({ length: 50_000 }, (_, i) => `line ${i}\n`);
    await a.write("c1", streamOf(...long));
    assertEquals(await textOf(b.read("c1")), long.join(""));
    await assertRejects(() => textOf(b.read("c2")), Deno.errors.NotFound);

    const told: (string | undefined)[] = [];
    const wakes: (() => void)[] = [];
    assertEquals(await a.update(FILE.id, () => FILE), FILE);
    await using _following = await b.follow((id, file) => {
      assertEquals(id, FILE.id);
      told.push(file?.state);
      for (const wake of wakes.splice(0)) wake();
    });
    assertEquals(told, ["kept"]);
    assertEquals(await b.find(FILE.id), FILE);
    await a.update(FILE.id, (file) => file && { ...file, state: "leaving" });
    assertEquals(await a.update(FILE.id, (file) => file), { ...FILE, state: "leaving" });
    await a.update(FILE.id, () => undefined);
    while (told.length < 3) await new Promise<void>((resolve) => wakes.push(resolve));
    assertEquals(told, ["kept", "leaving", undefined]);
    assertEquals(await b.find(FILE.id), undefined);
  },
);

natsTest(
  "of two nodes that change a file at the same time none undoes what the other did",
  async () => {
    await using server = await NatsServer.start();
    await using nats = await server.connect();
    using pool = await openPool(nats);
    await Promise.all(Array.from({ length: 20 }, (_, i) =>
      pool.update(FILE.id, (file = FILE) => {
        const upload = { file: FILE.id, session: `s${i}`, name: "a.txt", at: 1 };
        return { ...file, uploads: [...file.uploads, upload] };
      })));
    const sessions = (await pool.find(FILE.id))!.uploads.map(({ session }) => session);
    assertEquals(sessions.toSorted(), Array.from({ length: 20 }, (_, i) => `s${i}`).toSorted());
  },
);

natsTest("of what was erased neither bytes nor name are in a file of NATS", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  using pool = await openPool(nats);
  await pool.write("kept", streamOf("the bytes of what is kept"));
  await pool.write("c1", streamOf("the bytes of a secret ".repeat(20_000)));
  const upload = { file: FILE.id, session: "s-ann", name: "the name of a secret.txt", at: 1 };
  await pool.update(FILE.id, () => ({ ...FILE, uploads: [upload] }));
  assert(isIn(server.data, "the bytes of a secret") && isIn(server.data, "the name of a secret"));
  await pool.erase("c1");
  await pool.erase("c1");
  await pool.update(FILE.id, (file) => file && { ...file, uploads: [] });
  await server.kill("SIGINT");
  assert(isIn(server.data, "the bytes of what is kept"));
  assert(!isIn(server.data, "the bytes of a secret"));
  assert(!isIn(server.data, "the name of a secret"));
  await server.restart();
});

natsTest("what a node left behind when it died is swept away, and nothing else", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  let now = Date.now();
  using pool = await ObjectPool.open(nats, {
    name: "room",
    replicas: 1,
    loop: { ...systemLoop, now: () => now },
    report(what, cause) {
      throw new Error(what, { cause });
    },
  });
  for (const content of ["c1", "orphan"]) await pool.write(content, streamOf(`of ${content}`));
  await pool.update(FILE.id, () => FILE);
  // A chunk without the message that comes after all chunks.
  await nats.jetstream.publish("$O.room-files.C.half", "half of it");
  const count = async () => (await nats.manager.streams.info("OBJ_room-files")).state.messages;
  await pool.sweep();
  assertEquals(await count(), 5, "others may be under way");
  now += 3 * 60 * 60_000;
  await pool.sweep();
  assertEquals(await count(), 2);
  assertEquals(await textOf(pool.read("c1")), "of c1");
});

natsTest(
  "while NATS is away everything is refused at once, and goes on when it is back",
  async () => {
    await using server = await NatsServer.start();
    await using nats = await server.connect();
    using pool = await openPool(nats, () => {});
    await pool.write("c1", streamOf("hello"));
    await pool.update(FILE.id, () => FILE);
    const lost = new Promise<void>((resolve) => nats.watch((connected) => !connected && resolve()));
    await server.kill();
    await lost;
    const questions: (() => Promise<unknown>)[] = [
      () => pool.find(FILE.id),
      () => pool.update(FILE.id, () => undefined),
      () => pool.write("c2", streamOf("more")),
      () => textOf(pool.read("c1")),
      () => pool.erase("c1"),
    ];
    for (const ask of questions) {
      const { code, retryAfter } = await assertRejects(ask, Refusal);
      assertEquals([code, retryAfter], ["unavailable", 2]);
    }
    const back = new Promise<void>((resolve) => nats.watch((connected) => connected && resolve()));
    await server.restart();
    await back;
    assertEquals(await pool.find(FILE.id), FILE);
    assertEquals(await textOf(pool.read("c1")), "hello");
  },
);

natsTest("where NATS has no space left, an upload is refused as on a full disk", async () => {
  await using server = await NatsServer.start({});
  await using nats = await server.connect();
  const reports: string[] = [];
  using pool = await openPool(nats, (what) => reports.push(what));
  const { config } = await nats.manager.streams.info("OBJ_room-files");
  await nats.manager.streams.update("OBJ_room-files", { ...config, max_bytes: 200_000 });
  const texts = Array(100).fill("x".repeat(10_000));
  for (let i = 0; i < 2; i++) {
    const { httpStatus } = await assertRejects(() => pool.write("c1", streamOf(...texts)), Refusal);
    assertEquals(httpStatus, 507);
  }
  assertEquals(reports, ["NATS has no space left for files"]);
  await pool.write("c2", streamOf("short"));
});
