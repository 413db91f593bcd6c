import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { Bucket, type BucketChange } from "../../lib/nats/mod.ts";
import { decodeKey, encodeKey } from "../../lib/nats/key.ts";
import { NatsCluster, NatsServer, natsTest, retried } from "../support/nats.ts";

/** What a bucket tells, as `key=value` or `key gone`. */
class Told {
  readonly all: string[] = [];
  readonly #waiting: (() => void)[] = [];

  readonly listener = ({ key, entry }: BucketChange): void => {
    this.all.push(entry ? `${key}=${entry.value}` : `${key} gone`);
    for (const wake of this.#waiting.splice(0)) wake();
  };

  /** Resolves when that has been told, after `from` others. */
  async until(what: string, from = 0): Promise<void> {
    while (!this.all.slice(from).includes(what)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

natsTest("of two who write at the same moment one is told that it was first", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  const one = await Bucket.open(nats, { name: "names", replicas: 1 });
  const other = await Bucket.open(nats, { name: "names", replicas: 1 });
  const created = await Promise.all([one.create("ann", "1"), other.create("ann", "2")]);
  assertEquals(created.filter((revision) => revision !== undefined).length, 1);
  const { revision, value } = (await one.get("ann"))!;
  assertEquals(value, created[0] === undefined ? "2" : "1");

  const updated = await Promise.all([
    one.update("ann", "3", revision),
    other.update("ann", "4", revision),
  ]);
  const [newest] = updated.filter((revision) => revision !== undefined);
  assertEquals(updated.filter((revision) => revision === undefined).length, 1);
  assert(newest! > revision);

  assertEquals(await one.delete("ann", revision), false);
  assertEquals(await one.delete("ann", newest), true);
  assertEquals(await other.get("ann"), undefined);
  assert(await other.create("ann", "5"), "a deleted key is free");
});

natsTest("a watch tells what is there, then what changes, then what expires", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  const bucket = await Bucket.open(nats, { name: "people", replicas: 1, ttlMs: 1000 });
  const empty = new Told();
  await using _nothing = await bucket.watch(empty.listener);
  assertEquals(empty.all, []);

  await bucket.put("Åsa .*>", "here");
  await bucket.put("bob", "here");
  const told = new Told();
  await using _watch = await bucket.watch(told.listener);
  assertEquals(told.all, ["Åsa .*>=here", "bob=here"]);
  await bucket.delete("bob");
  await told.until("bob gone");
  await bucket.put("Åsa .*>", "still here");
  await told.until("Åsa .*>=still here");
  await told.until("Åsa .*> gone");
  await empty.until("Åsa .*> gone");
  assertEquals(told.all.slice(2), ["bob gone", "Åsa .*>=still here", "Åsa .*> gone"]);
  assertEquals(await bucket.get("Åsa .*>"), undefined);
});

natsTest(
  "a watch goes on when its server is killed, and tells what changed meanwhile",
  async () => {
    await using cluster = await NatsCluster.start();
    await using nats = await cluster.connect();
    const bucket = await Bucket.open(nats, { name: "people", replicas: 3 });
    const told = new Told();
    await using _watch = await bucket.watch(told.listener);
    await bucket.put("ann", "1");
    await told.until("ann=1");

    const killed = cluster.servers.find(({ port }) => nats.server.endsWith(`:${port}`))!;
    const elsewhere = cluster.servers.find((server) => server !== killed)!;
    await using other = await elsewhere.connect();
    const theirs = await Bucket.open(other, { name: "people", replicas: 3 });
    await killed.kill();
    await retried(() => theirs.put("ann", "2"));
    await told.until("ann=2");
  },
);

Deno.test("a key may be any text, and is one word to NATS", () => {
  assertEquals(encodeKey("a.b *>/Å"), "a=2eb=20=2a=3e/=c3=85");
  fc.assert(fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (key) => {
    const encoded = encodeKey(key);
    assert(/^[-/=\w]+$/.test(encoded));
    assertEquals(decodeKey(encoded), key);
  }));
  assertThrows(() => encodeKey(""), RangeError);
});
