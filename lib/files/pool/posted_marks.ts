import type { EventLoop } from "../../base/event_loop.ts";
import type { Upload } from "../disk/table.ts";
import type { FilePool, PoolFile } from "./pool.ts";

/** Between two tries while the pool cannot be reached. */
const AGAIN_MS = 2000;

/** An upload whose message is stored; without a session, all uploads of the file. */
export interface Posted {
  readonly file: string;
  readonly session?: string;
}

/** Tells a pool of which uploads the messages are stored, one after the other, until it knows. */
export class PostedMarks implements AsyncDisposable {
  readonly #pool: FilePool;
  readonly #loop: EventLoop;
  readonly #waiting: Posted[] = [];
  #telling: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #disposed = false;

  constructor({ pool, loop }: { readonly pool: FilePool; readonly loop: EventLoop }) {
    this.#pool = pool;
    this.#loop = loop;
  }

  add(posted: readonly Posted[]): void {
    this.#waiting.push(...posted);
    this.#tell();
  }

  /** What is not told by then a later process finds out. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    this.#timer?.[Symbol.dispose]();
    await this.#telling;
  }

  #tell(): void {
    this.#telling ??= this.#tellAll().finally(() => this.#telling = undefined);
  }

  /** Does not reject. */
  async #tellAll(): Promise<void> {
    await Promise.resolve(); // those that are added together
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      try {
        const posted = next;
        await this.#pool.update(posted.file, (file) => file && marked(file, posted));
        this.#waiting.shift();
      } catch {
        if (this.#disposed) return;
        this.#timer = this.#loop.after(AGAIN_MS, () => this.#tell(), "files");
        return;
      }
    }
  }
}

/** The same object where there is nothing to mark. */
function marked(file: PoolFile, { session }: Posted): PoolFile {
  const isIt = (upload: Upload) =>
    !upload.posted && (session === undefined || upload.session === session);
  if (!file.uploads.some(isIt)) return file;
  const uploads = file.uploads.map((upload) => isIt(upload) ? { ...upload, posted: true } : upload);
  return { ...file, uploads };
}
