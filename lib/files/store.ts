import type { EventLoop } from "../base/event_loop.ts";
import type { FileInfo } from "../model/message.ts";
import { Refusal, unavailable } from "../model/refusal.ts";
import { Folder, removeFile } from "./disk/folder.ts";
import { type Incoming, takeIn } from "./disk/incoming.ts";
import { type FileRow, FileTable, type Upload } from "./disk/table.ts";
import { isShown, type Kind } from "./kind/kind.ts";
import { Looker } from "./kind/looker.ts";
import { fileName } from "./name.ts";
import { Leases } from "./removal/leases.ts";
import type { References } from "./removal/references.ts";
import { Removal } from "./removal/removal.ts";
import { countedSize, noSpace, Space } from "./space.ts";

/** For so long an upload waits to be posted. */
export const AWAITED_MS = 60 * 60_000;

/** What the operator allows. */
export interface FileSettings {
  /** Bytes of a file; with 0 there are no uploads. */
  readonly limit: number;
  /** Bytes of all files together. */
  readonly total: number;
}

/** A photograph as a telephone makes it has half of that; the rest is what a small disk can spare. */
export const FILE_DEFAULTS: FileSettings = { limit: 10 * 2 ** 20, total: 2 ** 30 };

export interface FileStoreOptions extends FileSettings {
  readonly loop: EventLoop;
  /** Told what the operator must know. */
  readonly report: (what: string, error?: unknown) => void;
  readonly looker?: Looker;
}

/** Who uploads, and what they say of it. */
export interface UploadOptions {
  /** Undefined for an upload without a session. */
  readonly session: string | undefined;
  /** As it was wished for. */
  readonly name: string | undefined;
  /** How many bytes will come, where that was said. */
  readonly announced?: number | undefined;
}

/** A file that can be read. */
export interface StoredFile extends FileRow {
  /** Whether a browser may show it in its place. */
  readonly isShown: boolean;
  /** Rejects with NotFound where it has been removed since. The caller closes it. */
  open(): Promise<Deno.FsFile>;
}

/** What has happened since the start, for the metrics. */
export interface FileCounts {
  uploads: number;
  uploadedBytes: number;
  removed: number;
}

/** What waits to be put into its place. */
interface Storing {
  readonly incoming: Incoming;
  readonly row: FileRow;
  readonly upload?: Upload;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * The files of messages, in a folder. A file is its content: its id is the SHA-256 of that, and the
 * same bytes are stored once, whoever uploads them under whatever names. An upload is a name that a
 * session has given it, remembered for an hour. What no message refers to, and nobody has uploaded to
 * post it within the hour, is removed from the disk (see Removal).
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
  readonly #folder: Folder;
  readonly #looker: Looker;
  readonly #leases: Leases;
  #table: FileTable | undefined;
  #space: Space;
  #count = 0;
  #removal: Removal | undefined;
  readonly #receiving = new Set<Promise<FileInfo>>();
  #storing: Storing[] = [];
  /** The folder is changed by one after the other. */
  #lane: Promise<unknown> = Promise.resolve();
  #closed = false;
  /** Since the last upload. */
  #isDiskFull = false;

  /** Throws a StartupError where the folder cannot be used. */
  constructor(path: string, options: FileStoreOptions) {
    this.#options = options;
    this.limit = options.limit;
    this.#folder = new Folder(path);
    this.#looker = options.looker ?? new Looker({ clock: options.loop, report: options.report });
    this.#leases = new Leases(options.loop);
    this.#space = new Space(options.total, 0);
    if (this.#folder.isThere) this.#open();
  }

  /** How many files there are. */
  get count(): number {
    return this.#count;
  }

  /** What they take of `--files-total`. */
  get bytes(): number {
    return this.#space.stored;
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
    const table = this.#open();
    using reserved = this.#space.reserve();
    reserved.grow(announced);
    let size = 0;
    const incoming = await takeIn(this.#folder.incoming(), chunks, (bytes) => {
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
      await this.#store({ incoming, row, upload });
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
    this.#open();
    const incoming = await takeIn(this.#folder.incoming(), chunks, () => {});
    try {
      if (incoming.id !== id) throw new Error(`file ${id} has other bytes than it had`);
      const kind = await this.#looker.look(incoming.path);
      await this.#store({ incoming, row: { ...kind, id, size: incoming.size, added } });
      return incoming.size;
    } finally {
      await removeFile(incoming.path);
    }
  }

  /** A file by its id; undefined where there is none. */
  find(id: string): StoredFile | undefined {
    if (this.#removal?.isLeaving(id)) return undefined;
    const row = isId(id) ? this.#table?.find(id) : undefined;
    return row && {
      ...row,
      isShown: isShown(row),
      open: () => Deno.open(this.#folder.contentPath(id), { read: true }),
    };
  }

  /**
   * The files that ids stand for, in their order, for a message of that session: each under the name
   * that the session gave it, else one that was given without a session, else one made of its type. They
   * stay long enough for the message to be stored. Throws a Refusal, `not_found`, where there is none.
   */
  resolveFiles(ids: readonly string[], session: string | undefined): readonly FileInfo[] {
    const rows = ids.map((id) => {
      const row = this.find(id);
      if (row && this.#folder.has(id)) return row;
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
      table: () => this.#table,
      change: (work) => this.#change(work),
      remove: (ids) => this.#remove(ids),
    });
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
    await this.#lane;
    this.#table?.[Symbol.dispose]();
    this.#table = undefined;
  }

  #open(): FileTable {
    if (this.#table) return this.#table;
    this.#folder.prepare();
    const table = new FileTable(this.#folder.table);
    const { count, bytes } = table.sum(countedSize);
    this.#space = new Space(this.#options.total, bytes);
    this.#count = count;
    return this.#table = table;
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
      const name = this.#table?.nameOf(id, by);
      if (name !== undefined) return { name, by };
    }
    return undefined;
  }

  /** Those that arrive while the folder is being changed are stored together. */
  #store(storing: Omit<Storing, "done">): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#storing.push({ ...storing, done });
    if (this.#storing.length === 1) this.#change(() => this.#storeAll());
    return done.promise;
  }

  /** First the table, then the contents: no content is ever there that the table does not have. */
  async #storeAll(): Promise<void> {
    const all = this.#storing.splice(0);
    try {
      const table = this.#table!;
      const isNew = ({ row }: Storing) => table.find(row.id) === undefined;
      const added = new Map(all.filter(isNew).map(({ row }) => [row.id, row]));
      table.add(all);
      for (const { size } of added.values()) this.#space.add(size);
      this.#count += added.size;
      for (const { incoming: { path, id } } of all) {
        if (!this.#folder.has(id)) await this.#folder.keep(path, id);
      }
      await this.#folder.sync();
      for (const { done } of all) done.resolve();
    } catch (error) {
      for (const { done } of all) done.reject(error);
    }
  }

  /** First the contents, then the table: what is cut off between is removed again. */
  async #remove(ids: readonly string[]): Promise<void> {
    const table = this.#table!;
    const sizes = ids.map((id) => table.find(id)!.size);
    for (const id of ids) await this.#folder.remove(id);
    await this.#folder.sync();
    table.remove(ids);
    for (const size of sizes) this.#space.remove(size);
    this.#count -= ids.length;
    this.counts.removed += ids.length;
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#lane.then(work);
    this.#lane = done.catch(() => {}); // whoever asked for it is told
    return done;
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

/** By the system, or by SQLite (SQLITE_FULL). */
function isDiskFull(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === 13;
}
