import type { Clock } from "../base/clock.ts";
import type { Notice } from "../model/events.ts";
import type { NeighbourListener, Neighbours, Resident } from "../room/people/neighbours.ts";
import type { Sharing } from "../registry/mod.ts";
import type { Bus, Table } from "./bus.ts";
import { LEASE_MS, Nodes } from "./nodes.ts";
import { Roster, ROW_MS } from "./roster.ts";
import { shareKey } from "./shared_key.ts";
import { PASSING_MS, SharedRegistry } from "./shared_registry.ts";

export interface ClusterOptions {
  readonly bus: Bus;
  /** All nodes of one room say the same: what they share is named after it. */
  readonly name: string;
  readonly clock: Clock;
  /** How long a node may say nothing. */
  readonly leaseMs?: number;
  readonly report: (what: string, error?: unknown) => void;
}

/** One node of a room that several nodes have: who is at the others, and what all are told. */
export class Cluster implements Neighbours, AsyncDisposable {
  readonly nodes: Nodes;
  readonly #options: ClusterOptions;
  readonly #roster: Roster;
  readonly #lasting: Table;
  readonly #opened: AsyncDisposableStack;
  #shared: SharedRegistry | undefined;

  private constructor(
    options: ClusterOptions,
    { nodes, roster, lasting, opened }: {
      readonly nodes: Nodes;
      readonly roster: Roster;
      readonly lasting: Table;
      readonly opened: AsyncDisposableStack;
    },
  ) {
    this.nodes = nodes;
    this.#options = options;
    this.#roster = roster;
    this.#lasting = lasting;
    this.#opened = opened;
  }

  /** Resolves when all is known that the other nodes have said. Disposing says that this node ends. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    const { bus, name, clock, leaseMs = LEASE_MS, report } = options;
    await using opening = new AsyncDisposableStack();
    const leases = await bus.table(`${name}-nodes`, leaseMs);
    const nodes = opening.use(await Nodes.open({ clock, bus, table: leases, leaseMs }));
    const table = await bus.table(`${name}-names`, ROW_MS);
    const lasting = await bus.table(`${name}-lasting`);
    const roster = opening.use(await Roster.open({ clock, bus, nodes, table, report }));
    return new Cluster(options, { nodes, roster, lasting, opened: opening.move() });
  }

  /** The key that all nodes sign tokens with: of the first that shared its own. */
  shareKey(own: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
    return shareKey(this.#lasting, own);
  }

  /** From when this resolves what is remembered here is what the other nodes remember. */
  async shareRegistry(sharing: Sharing): Promise<void> {
    const { bus, name, clock, report } = this.#options;
    const passing = await bus.table(`${name}-passing`, PASSING_MS);
    const lasting = this.#lasting;
    const opening = SharedRegistry.open({ clock, bus, sharing, lasting, passing, report });
    this.#shared = this.#opened.use(await opening);
  }

  get connected(): boolean {
    return this.#options.bus.connected;
  }

  follow(listener: NeighbourListener): void {
    this.#roster.follow(listener);
    const { bus, report } = this.#options;
    this.#opened.use(bus.subscribe(this.#subject, (text) => {
      try {
        const { node, notice } = JSON.parse(text);
        if (node !== this.nodes.own) listener.notice(notice);
      } catch (error) {
        report("cannot read what another node tells; do all run the same version?", error);
      }
    }));
  }

  claim(person: Resident): Promise<boolean> {
    return this.#roster.claim(person);
  }

  release(session: string): void {
    this.#roster.release(session);
  }

  notify(notice: Notice): void {
    const text = JSON.stringify({ node: this.nodes.own, notice });
    const publish = () => this.#options.bus.publish(this.#subject, text);
    // What an operator did is told once the other nodes can know it.
    if (notice.type === "moderation" && this.#shared) void this.#shared.flushed.then(publish);
    else publish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
  }

  /** No subject of the stream: nothing of it is stored. */
  get #subject(): string {
    return `${this.#options.name}-notices`;
  }
}
