import type { EventLoop } from "../../base/event_loop.ts";
import type { Shelf } from "../disk/shelf.ts";
import type { FilePool, PoolFile } from "./pool.ts";

/** Between two tries to follow a pool that cannot be reached, or to write down what it told. */
const AGAIN_MS = 2000;

export interface IndexCopyOptions {
  readonly pool: FilePool;
  readonly shelf: Shelf;
  readonly loop: EventLoop;
  readonly report: (what: string, error?: unknown) => void;
  /** Told of each file as soon as it is heard of; undefined is one that is gone. */
  readonly onHeard: (id: string, file: PoolFile | undefined) => void;
  /** Told how many files have been removed here. */
  readonly onRemoved: (count: number) => void;
}

/** The table of a shelf as a copy of a pool's index: what is gone there is removed here. */
export class IndexCopy implements AsyncDisposable {
  readonly #options: IndexCopyOptions;
  readonly #timers = new DisposableStack();
  /** What the table is to be told next: each file as it was last heard of. */
  #changes = new Map<string, PoolFile | undefined>();
  #writing: Promise<void> | undefined;
  /** What has been heard of while it is not known yet what there is. */
  #heard: Set<string> | undefined;
  #starting: Promise<void> | undefined;
  #following: AsyncDisposable | undefined;
  #failing = false;
  #disposed = false;

  constructor(options: IndexCopyOptions) {
    this.#options = options;
  }

  /** Follows from now on, or from when the pool can be reached. */
  follow(): void {
    this.#starting = this.#follow();
  }

  /** Resolves when the table has the file as it is given. */
  put(id: string, file: PoolFile | undefined): Promise<void> {
    this.#hear(id, file);
    return this.#written();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#timers[Symbol.dispose]();
    await this.#starting;
    await this.#following?.[Symbol.asyncDispose]();
    await this.#writing?.catch(() => {}); // it has been reported
  }

  /** Does not reject. */
  async #follow(): Promise<void> {
    const { pool, shelf } = this.#options;
    const heard = this.#heard = new Set();
    try {
      this.#following = await pool.follow((id, file) => this.#hear(id, file));
      this.#heard = undefined;
      // What the table had before, and nobody has told of.
      for (const id of shelf.table?.idsAfter("", Number.MAX_SAFE_INTEGER) ?? []) {
        if (!heard.has(id)) this.#hear(id, undefined);
      }
    } catch {
      this.#again(() => this.follow()); // that it cannot be reached is reported by what connects to it
    }
  }

  #hear(id: string, file: PoolFile | undefined): void {
    this.#heard?.add(id);
    this.#changes.set(id, file);
    this.#options.onHeard(id, file);
    this.#tryWrite();
  }

  #tryWrite(): void {
    this.#written().then(
      () => this.#failing = false,
      (error) => {
        if (!this.#failing) this.#options.report("cannot remember which files there are", error);
        this.#failing = true;
        this.#again(() => this.#tryWrite());
      },
    );
  }

  /** Resolves when the table has all that has been heard of. */
  #written(): Promise<void> {
    if (!this.#writing && this.#changes.size > 0) this.#writing = this.#write();
    return this.#writing ?? Promise.resolve();
  }

  async #write(): Promise<void> {
    const { loop, shelf } = this.#options;
    try {
      while (this.#changes.size > 0) {
        // What comes in one turn is written together.
        await new Promise<void>((resolve) => loop.soon(resolve, "files"));
        await shelf.change(() => this.#writeNow());
      }
    } finally {
      this.#writing = undefined;
    }
  }

  async #writeNow(): Promise<void> {
    const { shelf, onRemoved } = this.#options;
    const changes = this.#changes;
    this.#changes = new Map();
    try {
      const kept = [...changes.values()].filter((file) => file?.state === "kept") as PoolFile[];
      if (kept.length > 0) shelf.note(kept);
      const gone = [...changes].filter(([, file]) => file?.state !== "kept").map(([id]) => id)
        .filter((id) => shelf.table?.find(id));
      if (gone.length === 0) return;
      await shelf.remove(gone);
      shelf.table?.clean();
      onRemoved(gone.length);
    } catch (error) {
      // What has been heard of since is newer.
      this.#changes = new Map([...changes, ...this.#changes]);
      throw error;
    }
  }

  #again(action: () => void): void {
    if (!this.#disposed) this.#timers.use(this.#options.loop.after(AGAIN_MS, action, "files"));
  }
}
