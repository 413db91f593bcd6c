import { Deadline, settledOr } from "../../base/deadline.ts";
import type { Found } from "../log.ts";
import type { SearchQuery } from "./search.ts";

/** What closing waits for at most: a step takes some 10 ms. */
const CLOSE_MS = 1000;

/** To the thread: a search, or that nobody waits for it any more. */
export type Question =
  | { readonly number: number; readonly file: SearchedFile; readonly query: SearchQuery }
  | { readonly number: number; readonly query: undefined };

/** From the thread: one for each search. */
export type Answer =
  | { readonly number: number; readonly found: Found }
  | { readonly number: number; readonly error: unknown };

/** The file, and the epoch it must have: another may lie in its place. */
export interface SearchedFile {
  readonly path: string;
  readonly epoch: string;
}

/**
 * A thread that searches the file through a connection of its own, which only reads and is open only
 * during a search. It starts with the first search, since it takes some 20 MB, and ends when the worker
 * is disposed.
 */
export class SearchWorker implements AsyncDisposable {
  readonly #file: SearchedFile;
  readonly #script: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<Found>>();
  #worker: Worker | undefined;
  #asked = 0;

  /** `script`: another one for the thread to run, for tests. */
  constructor(
    file: SearchedFile,
    script = import.meta.resolve("./search_worker_main.ts"),
  ) {
    this.#file = file;
    this.#script = script;
  }

  /** Rejects where the file cannot be searched, or the thread cannot be started or ends. */
  async search(query: SearchQuery, signal: AbortSignal): Promise<Found> {
    const worker = this.#worker ??= this.#start();
    const answer = Promise.withResolvers<Found>();
    const number = this.#asked++;
    const cancel = () => this.#ask({ number, query: undefined });
    this.#waiting.set(number, answer);
    this.#ask({ number, file: this.#file, query });
    signal.addEventListener("abort", cancel);
    if (signal.aborted) cancel();
    try {
      return await answer.promise;
    } finally {
      signal.removeEventListener("abort", cancel);
      if (this.#worker === worker) this.#waiting.delete(number);
    }
  }

  /** Ends the thread, after the steps that it is at: until then it has the file open. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const number of this.#waiting.keys()) this.#ask({ number, query: undefined });
    const answers = Array.from(this.#waiting.values(), ({ promise }) => promise);
    using deadline = new Deadline(CLOSE_MS);
    await settledOr(deadline.signal, Promise.allSettled(answers));
    this.#end(new Error("Cannot search: the log is closed"));
  }

  #ask(question: Question): void {
    this.#worker?.postMessage(question);
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Answer>) => {
      const answer = this.#waiting.get(data.number);
      if ("found" in data) answer?.resolve(data.found);
      else answer?.reject(data.error);
    });
    worker.addEventListener("error", (event) => {
      // Without this the whole process would end. The next search starts another thread.
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
