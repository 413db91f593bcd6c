import { Cluster } from "../../lib/cluster/mod.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import type { Notice } from "../../lib/model/events.ts";
import { Room, type RoomOptions } from "../../lib/room/room.ts";
import { Visit } from "../../lib/room/visit.ts";
import { type MemoryBus, MemoryNetwork } from "../support/memory_bus.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

export const GRACE_MS = 5000;
export const LEASE_MS = 15_000;

/** Several nodes of one room in one process, with time that a test moves. Each has a log of its own. */
export class Town implements AsyncDisposable {
  readonly clock = new ManualClock();
  readonly network = new MemoryNetwork(this.clock);
  readonly nodes: TownNode[] = [];

  async node(options: Partial<RoomOptions> = {}): Promise<TownNode> {
    const bus = this.network.bus();
    const opening = Cluster.open({
      bus,
      name: "lobby",
      clock: this.clock,
      leaseMs: LEASE_MS,
      report(what, error) {
        throw new Error(what, { cause: error });
      },
    });
    const node = new TownNode(this, bus, await this.until(opening), options);
    this.nodes.push(node);
    return node;
  }

  async nodesOf(count: number): Promise<TownNode[]> {
    const nodes = [];
    for (let n = 0; n < count; n++) nodes.push(await this.node());
    return nodes;
  }

  /** Lets time pass, with all that happens meanwhile. */
  async pass(ms: number): Promise<void> {
    const steps = Math.min(ms, 50);
    for (let step = 0; step < steps; step++) {
      await settle();
      this.clock.advance(ms / steps);
    }
    await settle();
  }

  /** Until a promise has been settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => isSettled = true);
    settled.catch(() => {});
    while (!isSettled) {
      this.clock.advance(1);
      await settle();
    }
    return await settled;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const node of this.nodes) await this.until(node[Symbol.asyncDispose]());
  }
}

/** One node: a room whose notices are written down. */
export class TownNode implements AsyncDisposable {
  readonly bus: MemoryBus;
  readonly cluster: Cluster;
  readonly log: SqliteLog;
  readonly room: Room;
  readonly said: Notice[] = [];
  readonly #town: Town;

  constructor(town: Town, bus: MemoryBus, cluster: Cluster, options: Partial<RoomOptions>) {
    this.#town = town;
    this.bus = bus;
    this.cluster = cluster;
    this.log = new SqliteLog(":memory:", town.clock);
    this.room = new Room(this.log, {
      name: "lobby",
      recent: 50,
      loop: town.clock,
      graceMs: GRACE_MS,
      neighbours: cluster,
      ...options,
    });
    const { room, said } = this;
    const notify = room.notify;
    room.notify = function (notice) {
      said.push(notice);
      notify.call(room, notice);
    };
  }

  /** Somebody comes in, as through the door. */
  async come(session: string, name = session): Promise<Visit> {
    await this.#town.until(this.room.people.arrive(session, name));
    return this.visit(session, name);
  }

  /** Somebody is in without having been announced. */
  visit(session: string, name = session): Visit {
    return new Visit(this.room, { id: session, name, token: "" }, { cursor: undefined });
  }

  get names(): string[] {
    return [...this.room.presence().names ?? []].sort();
  }

  /** What it has told since it was asked last, without what is no news of people. */
  take(): Notice[] {
    return this.said.splice(0);
  }

  /** As by kill -9. */
  kill(): void {
    this.bus.dead = true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.bus.dead) await this.cluster[Symbol.asyncDispose]();
    this.room[Symbol.dispose]();
    await this.log[Symbol.asyncDispose]();
  }
}
