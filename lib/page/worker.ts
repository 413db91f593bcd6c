import { Thread } from "../base/thread.ts";
import type { Job } from "./jobs.ts";
import type { Bytes, Compress } from "./representation.ts";

/** Takes 60 ms for the page's scripts, once; 11 takes three times as long and saves 2 % more. */
const FILE_QUALITY = 10;
/** Takes 2 ms for a page of 30 KB, which the next message outdates; 10 takes ten times as long. */
const PAGE_QUALITY = 5;

/**
 * A thread for rendering and compressing, which would block the event loop. (The asynchronous
 * functions of node:zlib do not help: in Deno they run on the event loop, too.) Jobs are done one
 * after the other.
 */
export class PageWorker implements Disposable {
  readonly #thread: Thread<Job, Bytes>;
  #disposed = false;

  /** `script`: another one for the thread to run, for tests. */
  constructor(script = import.meta.resolve("./worker_main.ts")) {
    this.#thread = new Thread(script);
  }

  /** Rejects if the job throws, if the thread ends, and after disposing. */
  do(job: Job): Promise<Bytes> {
    if (this.#disposed) {
      return Promise.reject(new Error(`Cannot ${job.type}: the worker is disposed`));
    }
    return this.#thread.ask(job);
  }

  /** For files, which do not change. Bound, so that it can be passed on. */
  readonly compressFile: Compress = (bytes, coding) =>
    this.do({ type: "compress", bytes, coding, quality: FILE_QUALITY });

  /** For pages, which are soon outdated. Bound, too. */
  readonly compressPage: Compress = (bytes, coding) =>
    this.do({ type: "compress", bytes, coding, quality: PAGE_QUALITY });

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#thread.end(new Error("the worker is disposed"));
  }
}
