import type { Bus, Table } from "../../lib/cluster/mod.ts";
import type { BucketChange, BucketEntry } from "../../lib/nats/mod.ts";
import type { ManualClock } from "./manual_clock.ts";

/** From a write until it is told. */
const TOLD_MS = 1;

/** What NATS is for several nodes, in memory: a bus for each, whose connection can be cut. */
export class MemoryNetwork {
  readonly clock: ManualClock;
  readonly tables = new Map<string, MemoryTable>();
  readonly buses: MemoryBus[] = [];

  constructor(clock: ManualClock) {
    this.clock = clock;
  }

  bus(): MemoryBus {
    const bus = new MemoryBus(this);
    this.buses.push(bus);
    return bus;
  }
}

/** One node's connection. */
export class MemoryBus implements Bus {
  readonly #network: MemoryNetwork;
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly subscriptions = new Set<{ subject: string; listener: (text: string) => void }>();
  /** What came while the connection was cut, of tables: it is told later. */
  missed: (() => void)[] = [];
  #connected = true;
  /** The process is gone, and says nothing more. */
  dead = false;
  writes = 0;

  constructor(network: MemoryNetwork) {
    this.#network = network;
  }

  get connected(): boolean {
    return this.#connected;
  }

  set connected(connected: boolean) {
    this.#connected = connected;
    for (const listener of [...this.#listeners]) listener(connected);
    if (connected) { for (const tell of this.missed.splice(0)) tell(); }
  }

  watch(listener: (connected: boolean) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  table(name: string, ttlMs?: number): Promise<Table> {
    const { tables, clock } = this.#network;
    const known = tables.get(name) ?? new MemoryTable(clock, ttlMs);
    tables.set(name, known);
    return Promise.resolve(known.at(this));
  }

  publish(subject: string, text: string): void {
    if (!this.connected || this.dead) return;
    for (const bus of this.#network.buses) {
      if (!bus.connected || bus.dead) continue;
      for (const each of bus.subscriptions) {
        if (each.subject === subject) this.#network.clock.soon(() => each.listener(text));
      }
    }
  }

  subscribe(subject: string, listener: (text: string) => void): Disposable {
    const subscription = { subject, listener };
    this.subscriptions.add(subscription);
    return { [Symbol.dispose]: () => void this.subscriptions.delete(subscription) };
  }
}

interface Slot {
  readonly value: string | undefined;
  readonly revision: number;
}

/** A table, and who watches it. */
export class MemoryTable {
  readonly #clock: ManualClock;
  readonly #ttlMs: number | undefined;
  readonly #slots = new Map<string, Slot>();
  readonly #watchers = new Set<{ bus: MemoryBus; listener: (change: BucketChange) => void }>();
  #revision = 0;

  constructor(clock: ManualClock, ttlMs: number | undefined) {
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  get keys(): string[] {
    return [...this.#slots].filter(([, { value }]) => value !== undefined).map(([key]) => key);
  }

  /** As the node of that bus sees it. */
  at(bus: MemoryBus): Table {
    return {
      get: (key) => this.#ask(bus, () => this.#entry(key)),
      put: (key, value) => this.#ask(bus, () => this.#write(bus, key, value)),
      create: (key, value) =>
        this.#ask(bus, () => this.#entry(key) ? undefined : this.#write(bus, key, value)),
      update: (key, value, revision) =>
        this.#ask(
          bus,
          () =>
            this.#slots.get(key)?.revision === revision ? this.#write(bus, key, value) : undefined,
        ),
      delete: (key, revision) =>
        this.#ask(bus, () => {
          if (revision !== undefined && this.#slots.get(key)?.revision !== revision) return false;
          this.#write(bus, key, undefined);
          return true;
        }),
      watch: (listener) =>
        this.#ask(bus, () => {
          const watcher = { bus, listener };
          for (const [key, slot] of this.#slots) listener(changeOf(key, slot));
          this.#watchers.add(watcher);
          return {
            [Symbol.asyncDispose]: () => {
              this.#watchers.delete(watcher);
              return Promise.resolve();
            },
          };
        }),
    };
  }

  /** Answers in a later turn, as a server does; what is asked is done before. */
  #ask<T>(bus: MemoryBus, act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#clock.soon(() => {
        if (bus.dead) return;
        if (!bus.connected) return reject(new Error("no connection"));
        const answer = act();
        this.#clock.soon(() => resolve(answer));
      });
    });
  }

  #entry(key: string): BucketEntry | undefined {
    const slot = this.#slots.get(key);
    return slot?.value === undefined ? undefined : { value: slot.value, revision: slot.revision };
  }

  #write(bus: MemoryBus, key: string, value: string | undefined): number {
    bus.writes++;
    const slot = { value, revision: ++this.#revision };
    this.#slots.delete(key);
    this.#slots.set(key, slot);
    this.#tell(changeOf(key, slot));
    if (this.#ttlMs !== undefined) {
      this.#clock.after(this.#ttlMs, () => {
        if (this.#slots.get(key) !== slot) return;
        this.#slots.delete(key);
        if (value !== undefined) this.#tell({ key, entry: undefined, revision: undefined });
      });
    }
    return slot.revision;
  }

  #tell(change: BucketChange): void {
    for (const watcher of this.#watchers) {
      const { bus, listener } = watcher;
      const tell = () => {
        if (bus.dead || !this.#watchers.has(watcher)) return;
        if (bus.connected) listener(change);
        else bus.missed.push(isExpiry ? tellLate : tell);
      };
      // What expires while the connection is cut has its whole time again after it.
      const tellLate = () => {
        this.#clock.after(this.#ttlMs!, () => !this.#slots.has(change.key) && tell());
      };
      const isExpiry = change.revision === undefined;
      this.#clock.after(TOLD_MS, tell);
    }
  }
}

function changeOf(key: string, { value, revision }: Slot): BucketChange {
  return { key, entry: value === undefined ? undefined : { value, revision }, revision };
}
