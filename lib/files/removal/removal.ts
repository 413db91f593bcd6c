import type { EventLoop } from "../../base/event_loop.ts";
import type { Entry } from "../../model/message.ts";
import { Refusal } from "../../model/refusal.ts";
import type { FileTable, Upload } from "../disk/table.ts";
import type { Posted } from "../pool/posted_marks.ts";
import type { Leases } from "./leases.ts";
import type { References } from "./references.ts";

/**
 * Between two looks where no message was deleted: for what was not posted, and for trimmed messages; and
 * after a lease, which may have kept what only a deleted message had. Both together are below a minute.
 */
const LOOK_MS = 30_000;
/** Between a deleted message and the look: others may be deleted with it. */
const SOON_MS = 500;
/** Files that are looked at in a turn of the event loop. */
const SLICE = 100;

const CANNOT_MARK = "cannot remember which files were posted";

export interface RemovalOptions {
  readonly loop: EventLoop;
  readonly report: (what: string, error?: unknown) => void;
  readonly references: References;
  readonly leases: Leases;
  /** For so long an upload waits to be posted. */
  readonly awaitedMs: number;
  /** Undefined where there are no files yet. */
  readonly table: () => FileTable | undefined;
  /** Does something to the folder while nobody else does. */
  readonly change: <T>(work: () => Promise<T>) => Promise<T>;
  /** Removes files for good. */
  readonly remove: (ids: readonly string[]) => Promise<void>;
  /** Told which uploads nobody waits for any more; all of a file where it has no session. */
  readonly posted?: ((posted: readonly Posted[]) => void) | undefined;
  /** Told of which files uploads were forgotten. */
  readonly forgotten?: ((files: readonly string[]) => Promise<void>) | undefined;
}

/**
 * Removes files that no message has: what was not posted within the hour after its upload, and what
 * only deleted or trimmed messages had, at once. It looks a second after a message was deleted, and
 * each half minute.
 */
export class Removal implements AsyncDisposable {
  readonly #options: RemovalOptions;
  readonly #watching: Disposable;
  /** Uploads whose message was stored, to be marked. */
  readonly #posted = new Map<string, Pick<Upload, "file" | "session">>();
  /** Files that are being removed. */
  #leaving: ReadonlySet<string> = new Set();
  #timer: Disposable | undefined;
  #looking: Promise<void> | undefined;
  /** A message was deleted since the look began. */
  #again = false;
  #failing = false;
  #disposed = false;

  constructor(options: RemovalOptions) {
    this.#options = options;
    this.#watching = options.references.watch((entries) => this.#stored(entries));
    this.#later(LOOK_MS);
    this.#looking = this.#recover().finally(() => {
      this.#looking = undefined;
      if (this.#again) this.#soon();
    });
  }

  /** Whether the file is being removed, and so as good as gone. */
  isLeaving(id: string): boolean {
    return this.#leaving.has(id);
  }

  /** Looks now, and resolves when what nobody has is removed. Does not reject. */
  async look(): Promise<void> {
    while (this.#looking) await this.#looking;
    // A look at nothing has ended by the time it is known here: what comes after it stands here, too.
    this.#looking = this.#look();
    await this.#looking;
    this.#looking = undefined;
    this.#later(this.#again ? SOON_MS : LOOK_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#watching[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    await this.#looking;
    this.#tryMarkPosted();
  }

  #stored(entries: readonly Entry[]): void {
    let hasDelete = false;
    for (const entry of entries) {
      hasDelete ||= entry.type === "delete";
      if (entry.type !== "message" || !entry.files) continue;
      for (const { id } of entry.files) {
        for (const lease of this.#options.leases.of(id)) {
          this.#posted.set(`${lease.file} ${lease.session}`, lease);
          this.#options.leases.end(lease);
        }
      }
    }
    if (!hasDelete) return;
    // Where the process ends before the look, nothing tells any more that they were posted.
    this.#tryMarkPosted();
    this.#soon();
  }

  #soon(): void {
    if (this.#looking) this.#again = true;
    else this.#later(SOON_MS);
  }

  #later(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#disposed) return;
    this.#timer = this.#options.loop.after(ms, () => void this.look(), "files");
  }

  async #look(): Promise<void> {
    this.#again = false;
    const { table, references, report } = this.#options;
    try {
      const files = table();
      if (files) {
        await references.caughtUp?.();
        await this.#lookAt(files);
      }
      this.#failing = false;
    } catch (error) {
      // The next look tries again. A Refusal says that NATS is away, which is known.
      if (error instanceof Refusal) return;
      if (!this.#failing) report("cannot remove files that no message has", error);
      this.#failing = true;
    }
  }

  async #lookAt(table: FileTable): Promise<void> {
    const { loop, awaitedMs, change } = this.#options;
    this.#markPosted();
    const forgotten = table.forgetUploads(loop.now() - awaitedMs);
    if (forgotten.length > 0) await this.#options.forgotten?.(forgotten);
    let changed = forgotten.length > 0;
    for (let ids = table.idsAfter("", SLICE); ids.length > 0 && !this.#disposed;) {
      const unused = await this.#unusedOf(ids, table);
      if (unused.length > 0) {
        const removed = await change(() => this.#remove(unused, table));
        changed ||= removed;
      }
      await new Promise<void>((resolve) => loop.giveWay(resolve, "files"));
      ids = table.idsAfter(ids.at(-1)!, SLICE);
    }
    if (changed) table.clean();
  }

  /** Of these, those that still nobody has. Whether there were any. */
  async #remove(ids: readonly string[], table: FileTable): Promise<boolean> {
    // From here on no message gets them; one that is just being stored has a lease.
    this.#leaving = new Set(ids);
    try {
      const unused = await this.#unusedOf(ids, table);
      if (unused.length > 0) await this.#options.remove(unused);
      return unused.length > 0;
    } finally {
      this.#leaving = new Set();
    }
  }

  async #unusedOf(ids: readonly string[], table: FileTable): Promise<string[]> {
    const { loop, references, leases, awaitedMs } = this.#options;
    const unused: string[] = [];
    for (const id of ids) {
      if (leases.has(id) || table.isAwaited(id, loop.now() - awaitedMs)) continue;
      if (!await references.hasFile(id)) unused.push(id);
    }
    return unused;
  }

  /** What messages have, a process that was killed may not have marked. */
  async #recover(): Promise<void> {
    const { table, references, loop, awaitedMs, report } = this.#options;
    try {
      const files = table();
      const posted: string[] = [];
      for (const id of files?.awaited(loop.now() - awaitedMs) ?? []) {
        if (await references.hasFile(id)) posted.push(id);
      }
      if (posted.length === 0) return;
      files?.markAllPosted(posted);
      this.#options.posted?.(posted.map((file) => ({ file })));
    } catch (error) {
      report(CANNOT_MARK, error);
    }
  }

  #tryMarkPosted(): void {
    try {
      this.#markPosted();
    } catch (error) {
      this.#options.report(CANNOT_MARK, error);
    }
  }

  #markPosted(): void {
    if (this.#posted.size === 0) return;
    const posted = [...this.#posted.values()];
    this.#options.table()?.markPosted(posted);
    this.#options.posted?.(posted);
    this.#posted.clear();
  }
}
