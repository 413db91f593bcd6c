import type { EventLoop } from "../base/event_loop.ts";
import type { FileInfo } from "../model/message.ts";
import { Refusal, unavailable } from "../model/refusal.ts";
import { removeFile } from "./disk/folder.ts";
import { Shelf } from "./disk/shelf.ts";
import type { FileRow } from "./disk/table.ts";
import { isShown, type Kind } from "./kind/kind.ts";
import { Looker } from "./kind/looker.ts";
import { fileName } from "./name.ts";
import type { FilePool } from "./pool/pool.ts";
import { Share } from "./pool/share.ts";
import { Leases } from "./removal/leases.ts";
import type { References } from "./removal/references.ts";
import { Removal } from "./removal/removal.ts";
import { isDiskFull, noSpace } from "./space.ts";
import type { FileCounts, FileSettings, StoredFile, UploadOptions } from "./stored_file.ts";

/** For so long an upload waits to be posted. */
export const AWAITED_MS = 60 * 60_000;

export interface FileStoreOptions extends FileSettings {
  readonly loop: EventLoop;
  /** Told what the operator must know. */
  readonly report: (what: string, error?: unknown) => void;
  readonly looker?: Looker;
  /** What the nodes of a room share; the files are this folder's alone without it. */
  readonly pool?: FilePool | undefined;
}

/**
 * The files of messages, in a folder. A file is its content: its id is the SHA-256 of that, and the
 * same bytes are stored once, whoever uploads them under whatever names. An upload is a name that a
 * session has given it, remembered for an hour. What no message refers to, and nobody has uploaded to
 * post it within the hour, is removed from the disk (see Removal).
 *
 * With a pool it is the same on all nodes of a room: what one has is known to all, and the folder has
 * those contents that somebody has asked for here (see Share).
 *
 * The folder is made with the first upload. Disposing waits for the uploads that are under way, which the
 * caller has ended.
 */
export class FileStore implements AsyncDisposable {
  /** Bytes of a file; with 0 there are no uploads. */
  readonly limit: number;
  /** To be read; counted here. */
  readonly counts: FileCounts = { uploads: 0, uploadedBytes: 0, removed: 0 };
  readonly #options: FileStoreOptions;
  readonly #shelf: Shelf;
  readonly #looker: Looker;
  readonly #leases: Leases;
  readonly #share: Share | undefined;
  #removal: Removal | undefined;
  readonly #receiving = new Set<Promise<FileInfo>>();
  #closed = false;
  /** Since the last upload. */
  #isDiskFull = false;

  /** Throws a StartupError where the folder cannot be used. */
  constructor(path: string, options: FileStoreOptions) {
    this.#options = options;
    this.limit = options.limit;
    const { loop, report, pool } = options;
    const shelf = this.#shelf = new Shelf(path, {
      total: options.total,
      isShared: pool !== undefined,
    });
    if (shelf.aside !== undefined) {
      report(
        `the files in ${path} are of a history before this one: they are in ${shelf.aside} now`,
      );
    }
    this.#looker = options.looker ?? new Looker({ clock: loop, report });
    const leases = this.#leases = new Leases(loop);
    this.#share = pool && new Share({
      ...{ pool, shelf, leases, loop, report, awaitedMs: AWAITED_MS },
      onRemoved: (count) => this.counts.removed += count,
    });
  }

  /** How many files there are. */
  get count(): number {
    return this.#shelf.count;
  }

  /** What they take of `--files-total`. */
  get bytes(): number {
    return this.#shelf.space.stored;
  }

  /**
   * Throws a Refusal where a file cannot be taken, before its bytes come: as `receive` does. Returns how
   * many bytes it may have.
   */
  checkUpload(announced: number): number {
    if (this.#closed) throw unavailable("the server is restarting", 1);
    if (this.limit === 0) {
      throw new Refusal("forbidden", "the operator of this server has switched off files");
    }
    if (announced > this.limit) throw tooLong(this.limit);
    this.#options.pool?.check();
    return this.limit;
  }

  /**
   * Stores what comes, and resolves when it is on the disk. Rejects with a Refusal: `too_long`,
   * `unavailable` (status 507) where there is no space left, `forbidden` where there are no uploads; or
   * with what the chunks throw. Then nothing of it is left.
   */
  async receive(chunks: AsyncIterable<Uint8Array>, options: UploadOptions): Promise<FileInfo> {
    const receiving = this.#receive(chunks, options);
    this.#receiving.add(receiving);
    try {
      const file = await receiving;
      this.#isDiskFull = false;
      return file;
    } catch (error) {
      throw isDiskFull(error) ? this.#noSpace(error) : error;
    } finally {
      this.#receiving.delete(receiving);
    }
  }

  async #receive(
    chunks: AsyncIterable<Uint8Array>,
    { session, name, announced = 0 }: UploadOptions,
  ): Promise<FileInfo> {
    const limit = this.checkUpload(announced);
    const table = this.#shelf.open();
    using reserved = this.#shelf.space.reserve();
    reserved.grow(announced);
    let size = 0;
    const incoming = await this.#shelf.takeIn(chunks, (bytes) => {
      size += bytes;
      if (size > limit) throw tooLong(limit);
      reserved.grow(size);
    });
    try {
      if (size === 0) throw new Refusal("bad_request", "the body is empty; wanted a file's bytes");
      if (this.#closed) throw unavailable("the server is restarting", 1);
      const { id } = incoming;
      const kind: Kind = table.find(id) ?? await this.#looker.look(incoming.path);
      const now = this.#options.loop.now();
      const row: FileRow = { ...kind, id, size, added: now };
      const given = fileName(name, kind.extension);
      const upload = { file: id, session: session ?? "", name: given, at: now };
      await this.#share?.add(row, { incoming, upload });
      await this.#shelf.store({ incoming, row, upload });
      this.counts.uploads++;
      this.counts.uploadedBytes += size;
      return infoOf(row, given);
    } finally {
      await removeFile(incoming.path);
    }
  }

  /**
   * Stores a content of an archive, which nobody waits to post. Resolves with how many bytes it has.
   * Rejects where they have another id, or with what the chunks throw.
   */
  async restore(
    { id, added }: Pick<FileRow, "id" | "added">,
    chunks: AsyncIterable<Uint8Array>,
  ): Promise<number> {
    this.#shelf.open();
    const incoming = await this.#shelf.takeIn(chunks, () => {});
    try {
      if (incoming.id !== id) throw new Error(`file ${id} has other bytes than it had`);
      const kind = await this.#looker.look(incoming.path);
      const row = { ...kind, id, size: incoming.size, added };
      if (this.#share) {
        // Other nodes may hear of it before they hear of the messages that have it.
        const name = fileName(undefined, kind.extension);
        const upload = { file: id, session: "", name, at: this.#options.loop.now() };
        await this.#share.add(row, { incoming, upload });
      }
      await this.#shelf.store({ incoming, row });
      return incoming.size;
    } finally {
      await removeFile(incoming.path);
    }
  }

  /** A file by its id; undefined where there is none, as far as is known here. */
  find(id: string): StoredFile | undefined {
    if (this.#removal?.isLeaving(id)) return undefined;
    const row = isId(id) ? this.#shelf.table?.find(id) : undefined;
    return row && { ...row, isShown: isShown(row), open: () => this.#read(row) };
  }

  /**
   * The same, where other nodes may have it besides: they are asked for what is not known here. Rejects
   * with a Refusal, `unavailable`, where they cannot be.
   */
  async locate(id: string): Promise<StoredFile | undefined> {
    if (this.#share && isId(id) && !this.find(id)) await this.#share.refresh([id]);
    return this.find(id);
  }

  /**
   * Resolves when what other nodes know of these is known here, for `resolveFiles`; rejects with a
   * Refusal, `unavailable`. Undefined where nothing has to be asked.
   */
  refresh(ids: readonly string[]): Promise<void> | undefined {
    return this.#share?.refresh(ids.filter(isId));
  }

  /**
   * The files that ids stand for, in their order, for a message of that session: each under the name
   * that the session gave it, else one that was given without a session, else one made of its type. They
   * stay long enough for the message to be stored. Throws a Refusal, `not_found`, where there is none.
   */
  resolveFiles(ids: readonly string[], session: string | undefined): readonly FileInfo[] {
    const rows = ids.map((id) => {
      const row = this.find(id);
      if (row && (this.#share || this.#shelf.has(id))) return row;
      throw new Refusal(
        "not_found",
        `there is no file ${id}; upload it by POST /api/files, and post it within an hour`,
      );
    });
    return rows.map((row) => {
      const named = this.#named(row.id, session);
      this.#leases.take({ file: row.id, session: named?.by ?? "" });
      return infoOf(row, named?.name ?? fileName(undefined, row.extension));
    });
  }

  /** From now on, files are removed that no message has. The store does not own the log. */
  keepReferred(references: References): void {
    this.#removal = new Removal({
      loop: this.#options.loop,
      report: this.#options.report,
      references,
      leases: this.#leases,
      awaitedMs: AWAITED_MS,
      table: () => this.#shelf.table,
      // With a pool it is the pool that sees to it that nobody else does.
      change: (work) => this.#share ? work() : this.#shelf.change(work),
      remove: (ids) => this.#remove(ids),
      posted: (posted) => this.#share?.posted.add(posted),
      forgotten: async (ids) => await this.#share?.forgetUploads(ids),
    });
    this.#share?.follow(references);
  }

  /** Looks now for files that no message has. Resolves when they are removed. */
  removeUnused(): Promise<void> {
    return this.#removal?.look() ?? Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#looker[Symbol.dispose]();
    await Promise.allSettled(this.#receiving);
    await this.#removal?.[Symbol.asyncDispose]();
    await this.#share?.[Symbol.asyncDispose]();
    await this.#shelf[Symbol.asyncDispose]();
  }

  async #read(row: FileRow): Promise<Deno.FsFile> {
    try {
      if (this.#share && !this.#shelf.has(row.id)) await this.#share.fetch(row);
      return await this.#shelf.read(row.id);
    } catch (error) {
      if (isDiskFull(error)) throw this.#noSpace(error);
      throw error;
    }
  }

  /** What a client is told; the operator is, once. */
  #noSpace(error: unknown): Refusal {
    if (!this.#isDiskFull) this.#options.report("the disk has no space left for files", error);
    this.#isDiskFull = true;
    return noSpace(error);
  }

  /** Under which name it was uploaded, and by whom of those whose word counts. */
  #named(id: string, session = ""): { readonly name: string; readonly by: string } | undefined {
    for (const by of new Set([session, ""])) {
      const name = this.#shelf.table?.nameOf(id, by);
      if (name !== undefined) return { name, by };
    }
    return undefined;
  }

  async #remove(ids: readonly string[]): Promise<void> {
    if (this.#share) return await this.#share.leave(ids);
    await this.#shelf.remove(ids);
    this.counts.removed += ids.length;
  }
}

function infoOf({ id, type, size, width, height }: FileRow, name: string): FileInfo {
  return {
    id,
    name,
    type,
    size,
    ...(width !== undefined && height !== undefined && { width, height }),
  };
}

function isId(id: string): boolean {
  return /^[0-9a-f]{64}$/.test(id);
}

function tooLong(limit: number): Refusal {
  return new Refusal("too_long", `the file is too long; at most ${limit} bytes are accepted`);
}
