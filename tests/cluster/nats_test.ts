import { assert, assertEquals } from "@std/assert";
import { systemClock } from "../../lib/base/clock.ts";
import { systemLoop } from "../../lib/base/event_loop.ts";
import { Cluster, NatsBus } from "../../lib/cluster/mod.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import type { Notice } from "../../lib/model/events.ts";
import type { Nats } from "../../lib/nats/mod.ts";
import { Room } from "../../lib/room/room.ts";
import { Visit } from "../../lib/room/visit.ts";
import { NatsServer, natsTest } from "../support/nats.ts";

const LEASE_MS = 2000;

/** One node, with a connection of its own. */
class Node implements AsyncDisposable {
  readonly said: Notice[] = [];
  readonly room: Room;
  readonly nats: Nats;
  readonly cluster: Cluster;
  readonly #log = new SqliteLog(":memory:", systemLoop);
  readonly #reports: readonly string[];
  #killed = false;
  readonly #waiting = new Set<() => void>();

  private constructor(nats: Nats, cluster: Cluster, reports: readonly string[]) {
    this.#reports = reports;
    this.nats = nats;
    this.cluster = cluster;
    this.room = new Room(this.#log, {
      name: "lobby",
      recent: 50,
      graceMs: 1000,
      neighbours: cluster,
    });
    const { room } = this;
    const notify = room.notify;
    room.notify = (notice) => {
      this.said.push(notice);
      for (const look of [...this.#waiting]) look();
      notify.call(room, notice);
    };
  }

  static async open(server: NatsServer): Promise<Node> {
    const reports: string[] = [];
    const nats = await server.connect();
    const cluster = await Cluster.open({
      bus: new NatsBus(nats, 1),
      name: "lobby",
      clock: systemClock,
      leaseMs: LEASE_MS,
      report: (what) => reports.push(what),
    });
    return new Node(nats, cluster, reports);
  }

  async come(session: string, name = session): Promise<Visit> {
    await this.room.people.arrive(session, name);
    return new Visit(this.room, { id: session, name, token: "" }, { cursor: undefined });
  }

  get names(): string {
    return [...this.room.presence().names ?? []].sort().join(" ");
  }

  /** Until it has told what makes those names. */
  async until(names: string): Promise<void> {
    if (this.names === names) return;
    const here = Promise.withResolvers<void>();
    const look = () => this.names === names && here.resolve();
    this.#waiting.add(look);
    await here.promise;
    this.#waiting.delete(look);
  }

  /** As by kill -9: nothing is said any more. */
  async kill(): Promise<void> {
    this.#killed = true;
    await this.nats[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#killed) assertEquals(this.#reports, []);
    await this.cluster[Symbol.asyncDispose]();
    this.room[Symbol.dispose]();
    await this.#log[Symbol.asyncDispose]();
    await this.nats[Symbol.asyncDispose]();
  }
}

natsTest("over NATS: who comes, is renamed, leaves and types is told at all nodes", async () => {
  await using server = await NatsServer.start();
  await using a = await Node.open(server);
  await using b = await Node.open(server);
  const ann = await a.come("s1", "ann");
  const other = await b.come("s2", "ann");
  assertEquals([ann.name, other.name], ["ann", "ann2"]);
  await Promise.all([a.until("ann ann2"), b.until("ann ann2")]);
  await ann.rename("cy");
  await Promise.all([a.until("ann2 cy"), b.until("ann2 cy")]);
  other.leave(true);
  await a.until("cy");
  const types = a.said.map(({ type }) => type);
  assertEquals(types, ["join", "join", "rename", "leave"]);
});

natsTest("over NATS: of many who wish for one name at once each has another", async () => {
  await using server = await NatsServer.start();
  await using a = await Node.open(server);
  await using b = await Node.open(server);
  const visits = await Promise.all(
    Array.from({ length: 60 }, (_, n) => (n % 2 ? a : b).come(`s${n}`, "ann")),
  );
  const names = visits.map(({ name }) => name);
  assertEquals(new Set(names).size, 60);
  await Promise.all([a.until(names.toSorted().join(" ")), b.until(names.toSorted().join(" "))]);
});

natsTest("over NATS: a node that dies takes its people with it, within its lease", async () => {
  await using server = await NatsServer.start();
  await using a = await Node.open(server);
  await using b = await Node.open(server);
  await a.come("ann");
  await b.come("bob");
  await b.until("ann bob");
  const died = performance.now();
  await a.kill();
  await b.until("bob");
  const tookMs = performance.now() - died;
  assert(tookMs < 3 * LEASE_MS, `${tookMs} ms`);
  assertEquals(b.said.filter(({ type }) => type === "leave").length, 1);
  assertEquals((await b.come("s3", "ann")).name, "ann");
});

natsTest("over NATS: when NATS was gone all is as it was, and what changed is told", async () => {
  await using server = await NatsServer.start();
  await using a = await Node.open(server);
  await using b = await Node.open(server);
  const ann = await a.come("ann");
  await b.come("bob");
  await Promise.all([a.until("ann bob"), b.until("ann bob")]);
  await server.kill();
  ann.leave(true);
  await a.come("s3", "cy");
  await b.come("s4", "cy");
  await Promise.all([a.until("bob cy"), b.until("ann bob cy")]);
  await server.restart();
  await Promise.all([a.until("bob cy cy2"), b.until("bob cy cy2")]);
});
