import type { FilePool, PoolChange, PoolFile } from "../../../lib/files/mod.ts";
import { unavailable } from "../../../lib/model/refusal.ts";

type Listener = (id: string, file: PoolFile | undefined) => void;

/** A pool in memory, each node with a connection of its own to it. */
export class MemoryPool {
  readonly index = new Map<string, PoolFile>();
  readonly contents = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly nodes: MemoryConnection[] = [];
  /** What has become of the files, one after the other. */
  readonly states: (PoolFile["state"] | "gone")[] = [];

  connect(): MemoryConnection {
    const connection = new MemoryConnection(this);
    this.nodes.push(connection);
    return connection;
  }
}

/** What one node has of it. */
export class MemoryConnection implements FilePool {
  /** Which contents have been read here, one after the other. */
  readonly reads: string[] = [];
  /** Nothing reaches the pool, and nothing comes from it: see `reconnect`. */
  isAway = false;
  /** What is told is told later: see `hearAll`. */
  isSlow = false;
  /** Waited for before each chunk that is read. */
  reading: Promise<unknown> = Promise.resolve();
  readonly #pool: MemoryPool;
  readonly #untold = new Set<string>();
  #listener: Listener | undefined;

  constructor(pool: MemoryPool) {
    this.#pool = pool;
  }

  check(): void {
    if (this.isAway) throw unavailable("the pool is away", 1);
  }

  async find(id: string): Promise<PoolFile | undefined> {
    await this.#asked();
    return this.#pool.index.get(id);
  }

  async update(id: string, change: PoolChange): Promise<PoolFile | undefined> {
    for (;;) {
      await this.#asked();
      const { index, nodes, states } = this.#pool;
      const file = index.get(id);
      const changed = change(file);
      if (changed === file) return file;
      await this.#asked();
      if (index.get(id) !== file) continue; // somebody was quicker
      states.push(changed?.state ?? "gone");
      if (changed) index.set(id, changed);
      else index.delete(id);
      for (const node of nodes) node.#changed(id);
      return changed;
    }
  }

  async follow(listener: Listener): Promise<AsyncDisposable> {
    await this.#asked();
    for (const [id, file] of this.#pool.index) listener(id, file);
    this.#listener = listener;
    return {
      [Symbol.asyncDispose]: () => {
        this.#listener = undefined;
        return Promise.resolve();
      },
    };
  }

  async write(content: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
    const all = await new Response(bytes as BodyInit).bytes();
    await this.#asked();
    this.#pool.contents.set(content, all);
  }

  async *read(content: string): AsyncGenerator<Uint8Array> {
    this.reads.push(content);
    await this.#asked();
    const bytes = this.#pool.contents.get(content);
    if (!bytes) throw new Deno.errors.NotFound(content);
    for (let from = 0; from < bytes.length; from += 1000) {
      await this.reading;
      this.check();
      yield bytes.slice(from, from + 1000);
    }
  }

  async erase(content: string): Promise<void> {
    await this.#asked();
    this.#pool.contents.delete(content);
  }

  reconnect(): void {
    this.isAway = false;
    this.hearAll();
  }

  hearAll(): void {
    this.isSlow = false;
    for (const id of this.#untold) this.#changed(id);
    this.#untold.clear();
  }

  #changed(id: string): void {
    if (this.isAway || this.isSlow) this.#untold.add(id);
    else this.#listener?.(id, this.#pool.index.get(id));
  }

  /** As over a network: not at once. */
  async #asked(): Promise<void> {
    await Promise.resolve();
    this.check();
  }
}
