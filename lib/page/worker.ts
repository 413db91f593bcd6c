import type { Job } from "./jobs.ts";
import type { Bytes, Compress } from "./representation.ts";

/** Takes 60 ms for the page's scripts, once; 11 takes three times as long and saves 2 % more. */
const FILE_QUALITY = 10;
/** Takes 2 ms for a page of 30 KB, which the next message outdates; 10 takes ten times as long. */
const PAGE_QUALITY = 5;

/** A job on its way to the worker. */
export interface Question {
  readonly number: number;
  readonly job: Job;
}

/** What came of it. */
export type Answer =
  | { readonly number: number; readonly bytes: Bytes }
  | { readonly number: number; readonly error: unknown };

/**
 * A thread for rendering and compressing, which would block the event loop. (The asynchronous
 * functions of node:zlib do not help: in Deno they run on the event loop, too.) The thread starts
 * with the first job, since it takes some 20 MB, and ends when the worker is disposed. Jobs are
 * done one after the other.
 */
export class PageWorker implements Disposable {
  readonly #script: string;
  #worker: Worker | undefined;
  #waiting = new Map<number, PromiseWithResolvers<Bytes>>();
  #asked = 0;
  #disposed = false;

  /** `script`: another one for the thread to run, for tests. */
  constructor(script = import.meta.resolve("./worker_main.ts")) {
    this.#script = script;
  }

  /** Rejects if the job throws, if the thread ends, and after disposing. */
  do(job: Job): Promise<Bytes> {
    if (this.#disposed) {
      return Promise.reject(new Error(`Cannot ${job.type}: the worker is disposed`));
    }
    this.#worker ??= this.#start();
    const answer = Promise.withResolvers<Bytes>();
    const number = this.#asked++;
    this.#waiting.set(number, answer);
    this.#worker.postMessage({ number, job } satisfies Question);
    return answer.promise;
  }

  /** For files, which do not change. Bound, so that it can be passed on. */
  readonly compressFile: Compress = (bytes, coding) =>
    this.do({ type: "compress", bytes, coding, quality: FILE_QUALITY });

  /** For pages, which are soon outdated. Bound, too. */
  readonly compressPage: Compress = (bytes, coding) =>
    this.do({ type: "compress", bytes, coding, quality: PAGE_QUALITY });

  [Symbol.dispose](): void {
    this.#disposed = true;
    this.#end(new Error("the worker is disposed"));
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const answer = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if ("bytes" in data) answer?.resolve(data.bytes);
      else answer?.reject(data.error);
    });
    worker.addEventListener("error", (event) => {
      // Without this the whole process would end. The next job starts another thread.
      event.preventDefault();
      this.#end(new Error(`the worker ended: ${event.message}`));
    });
    return worker;
  }

  #end(reason: Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const answer of this.#waiting.values()) answer.reject(reason);
    this.#waiting.clear();
  }
}
