import type { EventLoop } from "../../base/event_loop.ts";
import { type Refusal, unavailable } from "../../model/refusal.ts";
import { removeFile } from "../disk/folder.ts";
import type { Incoming } from "../disk/incoming.ts";
import type { Shelf } from "../disk/shelf.ts";
import type { FileRow, Upload } from "../disk/table.ts";
import type { Leases } from "../removal/leases.ts";
import type { References } from "../removal/references.ts";
import { Erasing } from "./erasing.ts";
import { IndexCopy } from "./index_copy.ts";
import type { FilePool, PoolFile } from "./pool.ts";
import { PostedMarks } from "./posted_marks.ts";

/** For a file whose bytes are not what they were: somebody has to look. */
const DAMAGED_S = 60;

export interface ShareOptions {
  readonly pool: FilePool;
  readonly shelf: Shelf;
  readonly leases: Leases;
  readonly loop: EventLoop;
  /** For so long an upload is remembered. */
  readonly awaitedMs: number;
  readonly report: (what: string, error?: unknown) => void;
  /** Told how many files have been removed here. */
  readonly onRemoved: (count: number) => void;
}

/**
 * One node's share of a pool: its shelf has the whole index in its table, and of the contents those that
 * were uploaded or asked for here.
 */
export class Share implements AsyncDisposable {
  /** What is to be told of uploads whose messages are stored. */
  readonly posted: PostedMarks;
  readonly #options: ShareOptions;
  readonly #index: IndexCopy;
  readonly #fetches = new Map<string, Promise<void>>();
  /** Those that have been reported. */
  readonly #damagedIds = new Set<string>();
  #references: References | undefined;
  #erasing: Erasing | undefined;
  #closed = false;

  constructor(options: ShareOptions) {
    this.#options = options;
    this.posted = new PostedMarks(options);
    this.#index = new IndexCopy({ ...options, onHeard: (id, file) => this.#heard(id, file) });
  }

  /** From now on the table follows the pool's index, and files that are leaving are erased. */
  follow(references: References): void {
    this.#references = references;
    this.#erasing = new Erasing({ ...this.#options, references });
    this.#index.follow();
  }

  /** Resolves when the pool has a file, and its bytes, for everybody. */
  async add(row: FileRow, { incoming, upload }: {
    readonly incoming: Incoming;
    readonly upload?: Upload | undefined;
  }): Promise<void> {
    const { pool } = this.#options;
    /** What was put there for this one. */
    let content: string | undefined;
    for (;;) {
      let before: PoolFile | undefined;
      const file = await pool.update(row.id, (file) => {
        before = file;
        if (file && file.state !== "erased") {
          return { ...file, state: "kept", uploads: this.#uploads(file, upload) };
        }
        // Without bytes there is nothing to be told of yet.
        return content === undefined
          ? file
          : { ...row, content, state: "kept", uploads: upload ? [upload] : [] };
      });
      if (file && file.state !== "erased") {
        if (content !== undefined && file.content !== content) await this.#erase(content);
        if (before?.state === "erased") await this.#erase(before.content);
        return await this.#index.put(row.id, file);
      }
      content = `${row.id}.${crypto.randomUUID()}`;
      using source = await Deno.open(incoming.path, { read: true });
      await pool.write(content, source.readable);
    }
  }

  /** Resolves when the table has what the pool has of these. Rejects with `unavailable`. */
  async refresh(ids: readonly string[]): Promise<void> {
    const { pool } = this.#options;
    await Promise.all(ids.map(async (id) => await this.#index.put(id, await pool.find(id))));
  }

  /**
   * Resolves when the content is here, which is fetched once for all who ask at the same time. Rejects
   * with NotFound where there is none, and with `unavailable` where it cannot be had.
   */
  fetch(row: FileRow): Promise<void> {
    const { id } = row;
    const fetching = this.#fetches.get(id) ??
      this.#fetch(row).finally(() => this.#fetches.delete(id));
    this.#fetches.set(id, fetching);
    return fetching;
  }

  /**
   * These are gone here, and after a while from the pool, but for those that somebody waits for, or a
   * message has that was not known here. Rejects where that cannot be told now.
   */
  async leave(ids: readonly string[]): Promise<void> {
    const { pool, loop, awaitedMs } = this.#options;
    const since = loop.now() - awaitedMs;
    const seen = await Promise.all(ids.map((id) => pool.find(id)));
    // The message of an upload that was seen as posted is known from here on.
    await this.#references?.caughtUp?.();
    await Promise.all(ids.map(async (id, i) => {
      const before = JSON.stringify(seen[i]);
      const isAwaited = seen[i]?.uploads.some(({ posted, at }) => !posted && at > since);
      const isUsed = isAwaited || await this.#references?.hasFile(id);
      const file = await pool.update(id, (file) => {
        if (isUsed || file?.state !== "kept" || JSON.stringify(file) !== before) return file;
        return { ...file, state: "leaving" };
      });
      await this.#index.put(id, file);
    }));
  }

  /** What was forgotten of these here is forgotten in the pool. Rejects where it cannot be reached. */
  async forgetUploads(ids: readonly string[]): Promise<void> {
    await Promise.all([...new Set(ids)].map((id) =>
      this.#options.pool.update(id, (file) => {
        const uploads = file ? this.#uploads(file) : [];
        return file && uploads.length < file.uploads.length ? { ...file, uploads } : file;
      })
    ));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#index[Symbol.asyncDispose]();
    await this.#erasing?.[Symbol.asyncDispose]();
    await this.posted[Symbol.asyncDispose]();
    await Promise.allSettled(this.#fetches.values());
  }

  #heard(id: string, file: PoolFile | undefined): void {
    if (file === undefined || file.state === "kept") return this.#erasing?.forget(id);
    this.#erasing?.note(id);
    if (file.state === "leaving" && this.#options.leases.has(id)) void this.#keep(id);
  }

  /** A message that is just being stored here has it. */
  async #keep(id: string): Promise<void> {
    try {
      await this.#options.pool.update(
        id,
        (file) => file?.state === "leaving" ? { ...file, state: "kept" } : file,
      );
    } catch {
      // best effort: before it is erased, it is looked whether a message has it
    }
  }

  async #fetch({ id, size }: FileRow): Promise<void> {
    const { pool, shelf } = this.#options;
    const file = await pool.find(id);
    if (file?.state !== "kept") throw new Deno.errors.NotFound(`no file ${id}`);
    let left = size;
    const taking = shelf.takeIn(pool.read(file.content), (bytes) => {
      if (this.#closed) throw unavailable("the server is restarting", 1);
      if ((left -= bytes) < 0) throw this.#damaged(id);
    });
    const incoming = await taking;
    try {
      if (incoming.id !== id) throw this.#damaged(id);
      if (!await shelf.keep(incoming)) throw new Deno.errors.NotFound(`no file ${id}`);
    } finally {
      await removeFile(incoming.path);
    }
  }

  #damaged(id: string): Refusal {
    if (!this.#damagedIds.has(id)) {
      this.#options.report(
        `file ${id} has other bytes in NATS than were uploaded: it is not served`,
      );
    }
    this.#damagedIds.add(id);
    return unavailable("the file is damaged", DAMAGED_S);
  }

  /** Those that are remembered, with one more. */
  #uploads({ uploads }: PoolFile, more?: Upload): Upload[] {
    const { loop, awaitedMs } = this.#options;
    const since = loop.now() - awaitedMs;
    const others = uploads.filter(({ at, session }) => at > since && session !== more?.session);
    return more ? [...others, more] : others;
  }

  async #erase(content: string): Promise<void> {
    try {
      await this.#options.pool.erase(content);
    } catch {
      // best effort: some time later the pool erases what no file has
    }
  }
}
