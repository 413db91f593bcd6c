import type { EventLoop } from "../../base/event_loop.ts";
import { type FilePool, noSpace, type PoolChange, type PoolFile } from "../../files/mod.ts";
import { Refusal, unavailable } from "../../model/refusal.ts";
import { Bucket, type BucketEntry, type Nats, Objects } from "../../nats/mod.ts";

/** By then NATS is back, where it is a moment without a leader. */
const RETRY_S = 2;
/** After the start, when a start does not matter any more; and then again and again. */
const SWEEP_MS = 10 * 60_000;
const SWEEP_AGAIN_MS = 6 * 60 * 60_000;
/** An upload that has not ended by then never will. */
const UNFINISHED_MS = 2 * 60 * 60_000;

export interface ObjectPoolOptions {
  /** All nodes of one room say the same: what they share is named after it. */
  readonly name: string;
  /** How many servers of NATS have it; counts when it is made. */
  readonly replicas: number;
  readonly loop: EventLoop;
  readonly report: (what: string, error?: unknown) => void;
}

/** The files that the nodes of a room share: an index in a bucket of NATS, and an object store. */
export class ObjectPool implements FilePool, Disposable {
  readonly #nats: Nats;
  readonly #index: Bucket;
  readonly #objects: Objects;
  readonly #options: ObjectPoolOptions;
  #timer: Disposable | undefined;
  #failing = false;

  private constructor(
    nats: Nats,
    { index, objects }: { readonly index: Bucket; readonly objects: Objects },
    options: ObjectPoolOptions,
  ) {
    this.#nats = nats;
    this.#index = index;
    this.#objects = objects;
    this.#options = options;
    this.#later(SWEEP_MS);
  }

  static async open(nats: Nats, options: ObjectPoolOptions): Promise<ObjectPool> {
    const { replicas } = options;
    const name = `${options.name}-files`;
    const index = await Bucket.open(nats, { name, replicas, erases: true });
    const objects = await Objects.open(nats, { name, replicas });
    return new ObjectPool(nats, { index, objects }, options);
  }

  check(): void {
    if (!this.#nats.connected) throw away();
  }

  find(id: string): Promise<PoolFile | undefined> {
    return this.#ask(async () => parse(await this.#index.get(id)));
  }

  update(id: string, change: PoolChange): Promise<PoolFile | undefined> {
    return this.#ask(async () => {
      for (;;) {
        const entry = await this.#index.get(id);
        const file = parse(entry);
        const changed = change(file);
        if (changed === file || await this.#write(id, { entry, changed })) return changed;
      }
    });
  }

  async follow(
    listener: (id: string, file: PoolFile | undefined) => void,
  ): Promise<AsyncDisposable> {
    this.check();
    const watching = this.#index.watch(({ key, entry }) => listener(key, parse(entry)));
    const lost = Promise.withResolvers<never>();
    using _ = this.#nats.watch((connected) => !connected && lost.reject(away()));
    try {
      return await Promise.race([watching, lost.promise]);
    } catch (error) {
      // It may go on when NATS is back; by then whoever asked asks again.
      watching.then((watch) => watch[Symbol.asyncDispose](), () => {});
      throw this.#refusalOf(error);
    }
  }

  write(content: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
    return this.#ask(() => this.#objects.write(content, bytes));
  }

  async *read(content: string): AsyncGenerator<Uint8Array> {
    this.check();
    try {
      yield* this.#objects.read(content);
    } catch (error) {
      throw this.#refusalOf(error);
    }
  }

  erase(content: string): Promise<void> {
    return this.#ask(() => this.#objects.erase(content));
  }

  /** Erases contents that a node left behind when it ended amid an upload, or before it had erased them. */
  sweep(): Promise<void> {
    const since = this.#options.loop.now() - UNFINISHED_MS;
    return this.#ask(() => this.#objects.eraseOthers(since, () => this.#kept()));
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  /** Whether nobody else was quicker. */
  async #write(
    id: string,
    { entry, changed }: { entry: BucketEntry | undefined; changed: PoolFile | undefined },
  ): Promise<boolean> {
    if (!changed) return await this.#index.delete(id, entry?.revision);
    const text = JSON.stringify(changed);
    const revision = entry
      ? await this.#index.update(id, text, entry.revision)
      : await this.#index.create(id, text);
    return revision !== undefined;
  }

  async #kept(): Promise<(content: string) => boolean> {
    const contents = new Set<string>();
    await using _watch = await this.#index.watch(({ entry }) => {
      const file = parse(entry);
      if (file) contents.add(file.content);
    });
    return (content) => contents.has(content);
  }

  #later(ms: number): void {
    this.#timer = this.#options.loop.after(ms, () => {
      this.sweep().catch(() => {}); // NATS is away, which is known; the next one is as good
      this.#later(SWEEP_AGAIN_MS);
    }, "files");
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.check();
    try {
      const answer = await question();
      this.#failing = false;
      return answer;
    } catch (error) {
      throw this.#refusalOf(error);
    }
  }

  /** NotFound stays what it is. That NATS is lost is reported elsewhere; all else once, until it works. */
  #refusalOf(error: unknown): unknown {
    if (error instanceof Refusal || error instanceof Deno.errors.NotFound) return error;
    const isFull = error instanceof DOMException && error.name === "QuotaExceededError";
    if (this.#nats.connected && !this.#failing) {
      this.#options.report(
        isFull ? "NATS has no space left for files" : "NATS does not do what was asked for files",
        error,
      );
      this.#failing = true;
    }
    return isFull ? noSpace(error) : away(error);
  }
}

function away(cause?: unknown): Refusal {
  return unavailable("files cannot be had from the other nodes", RETRY_S, cause);
}

/** What this program has written: other versions of it write the same. */
function parse(entry: BucketEntry | undefined): PoolFile | undefined {
  return entry && JSON.parse(entry.value);
}
