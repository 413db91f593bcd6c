import { assertEquals, assertRejects } from "@std/assert";
import { Follower, type FollowerOptions, type Nats } from "../../lib/nats/mod.ts";
import { NatsCluster, NatsServer, natsTest, retried } from "../support/nats.ts";

/** Reads a stream from its begin, and goes on where it was. */
class Reading implements AsyncDisposable {
  readonly seqs: number[] = [];
  readonly follower: Follower;
  readonly #waiting: (() => void)[] = [];

  constructor(nats: Nats, options: Partial<FollowerOptions> = {}) {
    this.follower = new Follower(nats, {
      stream: "entries",
      begin: () => ({ after: this.seqs.at(-1) ?? 0 }),
      read: ({ seq }) => {
        this.seqs.push(seq);
        for (const wake of this.#waiting.splice(0)) wake();
      },
      ...options,
    });
  }

  async until(seq: number): Promise<void> {
    while ((this.seqs.at(-1) ?? 0) < seq) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.follower[Symbol.asyncDispose]();
  }
}

natsTest(
  "each message is read once and in order, whatever server is killed or stands still",
  async () => {
    await using cluster = await NatsCluster.start();
    await using nats = await cluster.connect();
    const stream = { name: "entries", subjects: ["entries"], num_replicas: 3 };
    await nats.manager.streams.add(stream);
    await using reading = new Reading(nats);
    let last = 0;
    const publish = async () => {
      // What times out may have been stored: the next try has the same id.
      const msgID = crypto.randomUUID();
      last =
        (await retried(() => nats.jetstream.publish("entries", "text", { msgID, timeout: 1000 })))
          .seq;
    };
    for (let i = 0; i < 100; i++) await publish();
    await reading.until(last);

    const leader = await cluster.leaderOf("entries");
    await leader.kill();
    for (let i = 0; i < 10; i++) await publish();
    await reading.until(last);
    await leader.restart();

    const nearest = cluster.servers.find(({ port }) => nats.server.endsWith(`:${port}`))!;
    nearest.pause();
    for (let i = 0; i < 10; i++) await publish();
    await reading.until(last);
    nearest.resume();
    assertEquals(reading.seqs, Array.from({ length: last }, (_, i) => i + 1));
  },
);

natsTest("what is there is read first; a fault in reading ends it", async () => {
  await using server = await NatsServer.start();
  await using nats = await server.connect();
  await nats.manager.streams.add({ name: "entries", subjects: ["entries"] });
  for (let i = 0; i < 3; i++) await nats.jetstream.publish("entries", "text");
  const caughtUp = Promise.withResolvers<number>();
  await using reading = new Reading(nats, {
    caughtUp: () => caughtUp.resolve(reading.seqs.length),
  });
  assertEquals(await caughtUp.promise, 3);

  await using faulty = new Reading(nats, {
    read() {
      throw new Error("cannot store");
    },
  });
  await assertRejects(() => faulty.follower.ended, Error, "cannot store");
});
