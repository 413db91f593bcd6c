import type { Clock } from "../base/clock.ts";
import type { BucketChange } from "../nats/mod.ts";
import type { Bus, Table } from "./bus.ts";

/** A node that says nothing for so long is dead: enough for a long pause of the machine, or an election. */
export const LEASE_MS = 15_000;
/** So many times in that time a node says that it is there. */
const RENEWALS = 3;
/** After a renewal that failed. */
const RETRY_MS = 1000;
/** A node that ends says so: its people have so long to come in at another node before they have left. */
const ENDING_MS = 5000;

export interface NodesOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  /** Has a TTL of `leaseMs`. */
  readonly table: Table;
  readonly leaseMs?: number;
}

/** What is told of nodes. */
export interface NodesListener {
  /** A node has come, or has come back. */
  alive(node: string): void;
  /** It has said nothing for the time of its lease, or has ended. */
  dead(node: string): void;
  /** The others may believe that this node is dead. */
  expired(): void;
}

/** The nodes of the room: each has a lease, one key in a table, which it renews for as long as it runs. */
export class Nodes implements AsyncDisposable {
  /** Of this process; another one after a restart. */
  readonly own: string;
  readonly #options: NodesOptions;
  readonly #leaseMs: number;
  readonly #alive = new Set<string>();
  readonly #ending = new Map<string, Disposable>();
  #listener: NodesListener | undefined;
  #watching: AsyncDisposable | undefined;
  #reconnects: Disposable | undefined;
  #timer: Disposable | undefined;
  /** On the monotonic clock. */
  #renewedAt: number;
  #closed = false;

  private constructor(options: NodesOptions) {
    this.own = crypto.randomUUID().slice(0, 13);
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
    this.#renewedAt = options.clock.monotonic();
    this.#alive.add(this.own);
  }

  /** Resolves when this node has its lease, and the others are known. */
  static async open(options: NodesOptions): Promise<Nodes> {
    const nodes = new Nodes(options);
    const { table, bus } = options;
    nodes.#watching = await table.watch((change) => nodes.#changed(change));
    await table.put(nodes.own, "alive");
    nodes.#renewedAt = options.clock.monotonic();
    nodes.#renewLater(nodes.#leaseMs / RENEWALS);
    nodes.#reconnects = bus.watch((connected) => {
      if (connected) nodes.#renewLater(0);
    });
    return nodes;
  }

  /** There is one listener; it is told what changes from now on. */
  follow(listener: NodesListener): void {
    this.#listener = listener;
  }

  isAlive(node: string): boolean {
    return this.#alive.has(node);
  }

  /** How many there are, this one too. */
  get count(): number {
    return this.#alive.size;
  }

  /** Whether it is for this node to do what one of all must do. */
  get isFirst(): boolean {
    return [...this.#alive].every((node) => this.own <= node);
  }

  /** Says that this node ends. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#reconnects?.[Symbol.dispose]();
    for (const timer of this.#ending.values()) timer[Symbol.dispose]();
    // Best effort: without it the lease ends by itself.
    if (this.#options.bus.connected) {
      await this.#options.table.put(this.own, "ending").catch(() => {});
    }
    await this.#watching?.[Symbol.asyncDispose]();
  }

  #changed({ key: node, entry }: BucketChange): void {
    if (node === this.own || this.#closed) return;
    if (!entry) return this.#died(node);
    if (entry.value === "ending") {
      if (!this.#alive.has(node) || this.#ending.has(node)) return;
      this.#ending.set(node, this.#options.clock.after(ENDING_MS, () => this.#died(node)));
      return;
    }
    if (this.#alive.has(node)) return;
    this.#alive.add(node);
    this.#listener?.alive(node);
  }

  #died(node: string): void {
    this.#ending.get(node)?.[Symbol.dispose]();
    this.#ending.delete(node);
    if (this.#alive.delete(node)) this.#listener?.dead(node);
  }

  #renewLater(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#closed) return;
    this.#timer = this.#options.clock.after(ms, () => void this.#renew());
  }

  async #renew(): Promise<void> {
    const { clock, bus, table } = this.#options;
    const begun = clock.monotonic();
    // Also where it is renewed now: the others may have seen that it was not, for as long.
    const isLate = begun - this.#renewedAt > this.#leaseMs;
    let isRenewed = false;
    try {
      if (bus.connected) {
        await table.put(this.own, "alive");
        this.#renewedAt = begun;
        isRenewed = true;
      }
    } catch {
      // It is tried again.
    }
    if (isLate) this.#listener?.expired();
    this.#renewLater(isRenewed ? this.#leaseMs / RENEWALS : RETRY_MS);
  }
}
