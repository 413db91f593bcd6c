import type { Clock } from "../base/clock.ts";
import type { BucketChange } from "../nats/mod.ts";
import type { Sharing } from "../registry/mod.ts";
import type { Bus, Table } from "./bus.ts";

/** What is over by itself is over by then. */
export const PASSING_MS = 31 * 24 * 60 * 60 * 1000;
/** After a row could not be written. */
const AGAIN_MS = 2000;
const AT_ONCE = 100;

export interface SharedRegistryOptions {
  readonly clock: Clock;
  readonly bus: Bus;
  readonly sharing: Sharing;
  /** Has no TTL. */
  readonly lasting: Table;
  /** Has a TTL of `PASSING_MS`. */
  readonly passing: Table;
  readonly report: (what: string, error?: unknown) => void;
}

/** A row as the others get it; it was removed where `row` is left out. */
interface Shared {
  readonly row?: unknown;
}

/**
 * What of the registry holds at all nodes, kept the same: a row that was changed here is written into
 * a table, and a row that is in the table is taken over. A node that was away takes what it missed; what
 * it did meanwhile it writes when it is back, and of two who changed one row the later write holds.
 */
export class SharedRegistry implements AsyncDisposable {
  readonly #options: SharedRegistryOptions;
  /** Rows that are to be written, by kind and id. */
  readonly #changed = new Set<string>();
  /** The revision of what this node wrote of a row last. */
  readonly #written = new Map<string, number>();
  readonly #watching: AsyncDisposable[] = [];
  #reconnects: Disposable | undefined;
  #again: Disposable | undefined;
  #flushing: Promise<void> | undefined;
  #closed = false;

  private constructor(options: SharedRegistryOptions) {
    this.#options = options;
  }

  /** Resolves when what the table has holds here; what it lacks is being written. */
  static async open(options: SharedRegistryOptions): Promise<SharedRegistry> {
    const shared = new SharedRegistry(options);
    const { sharing, lasting, passing, bus } = options;
    const inTable = new Set<string>();
    let isOpen = false;
    const listener = (change: BucketChange) => {
      if (!isOpen) inTable.add(change.key);
      shared.#take(change);
    };
    sharing.onChanged = (kind, id) => shared.#change(`${kind} ${id}`);
    shared.#watching.push(await lasting.watch(listener), await passing.watch(listener));
    isOpen = true;
    for (const rows of sharing.kinds) {
      const keys = [...rows.ids()].map((id) => `${rows.kind} ${id}`);
      for (const key of keys) if (!inTable.has(key)) shared.#change(key);
    }
    shared.#reconnects = bus.watch((connected) => {
      if (connected) shared.#flushLater(0);
    });
    return shared;
  }

  /** Writes what is to be written, if that can be. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#flush();
    this.#closed = true;
    this.#options.sharing.onChanged = () => {};
    this.#reconnects?.[Symbol.dispose]();
    this.#again?.[Symbol.dispose]();
    for (const watching of this.#watching) await watching[Symbol.asyncDispose]();
  }

  /** Resolves when what was changed before the call is written, or cannot be now. */
  get flushed(): Promise<void> {
    return this.#flush();
  }

  #change(key: string): void {
    this.#changed.add(key);
    this.#flushLater(0);
  }

  #flushLater(ms: number): void {
    if (!this.#closed) this.#again ??= this.#options.clock.after(ms, () => void this.#flush());
  }

  #flush(): Promise<void> {
    this.#again?.[Symbol.dispose]();
    this.#again = undefined;
    return this.#flushing ??= this.#writeAll().finally(() => this.#flushing = undefined);
  }

  async #writeAll(): Promise<void> {
    while (this.#options.bus.connected && this.#changed.size > 0) {
      const keys = [...this.#changed].slice(0, AT_ONCE);
      const outcomes = await Promise.all(keys.map((key) => this.#write(key)));
      if (!outcomes.every((isWritten) => isWritten)) return this.#flushLater(AGAIN_MS);
    }
  }

  /** Whether it has been written. */
  async #write(key: string): Promise<boolean> {
    const { sharing, lasting, passing, report } = this.#options;
    const [kind, id] = partsOf(key);
    const rows = sharing.find(kind);
    if (!rows) throw new Error(`cannot share a "${kind}": there are no such rows`);
    this.#changed.delete(key);
    // Until it is written nothing of the row is taken over: that is older.
    this.#written.set(key, Infinity);
    try {
      const shared: Shared = { row: rows.read(id) };
      const revision = await (rows.lasts ? lasting : passing).put(key, JSON.stringify(shared));
      this.#written.set(key, revision);
      return true;
    } catch (error) {
      this.#changed.add(key);
      if (this.#options.bus.connected) {
        report("cannot tell the other nodes; it is tried again", error);
      }
      return false;
    }
  }

  #take({ key, entry }: BucketChange): void {
    if (!entry || this.#changed.has(key)) return;
    if (entry.revision <= (this.#written.get(key) ?? 0)) return;
    this.#written.delete(key);
    const [kind, id] = partsOf(key);
    const { sharing, report } = this.#options;
    const rows = sharing.find(kind);
    if (!rows) return; // of a later version
    try {
      const { row }: Shared = JSON.parse(entry.value);
      // Taking over what holds already would be told to people as news.
      if (JSON.stringify(rows.read(id)) !== JSON.stringify(row)) rows.take(id, row);
    } catch (error) {
      report(`cannot keep what another node has changed (${kind})`, error);
    }
  }
}

function partsOf(key: string): [kind: string, id: string] {
  const space = key.indexOf(" ");
  return [key.slice(0, space), key.slice(space + 1)];
}
