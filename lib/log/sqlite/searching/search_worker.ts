import { Deadline, settledOr } from "../../../base/deadline.ts";
import { Thread } from "../../../base/thread.ts";
import type { Found } from "../../log.ts";
import type { SearchQuery } from "./search.ts";

/** What closing waits for at most: a step takes some 10 ms. */
const CLOSE_MS = 1000;

/** The file, and the epoch it must have: another may lie in its place. */
export interface SearchedFile {
  readonly path: string;
  readonly epoch: string;
}

/** What the thread is asked. */
export interface FileSearch {
  readonly file: SearchedFile;
  readonly query: SearchQuery;
}

/**
 * A thread that searches the file through a connection of its own, which only reads and is open only
 * during a search.
 */
export class SearchWorker implements AsyncDisposable {
  readonly #file: SearchedFile;
  readonly #thread: Thread<FileSearch, Found>;

  /** `script`: another one for the thread to run, for tests. */
  constructor(
    file: SearchedFile,
    script = import.meta.resolve("./search_worker_main.ts"),
  ) {
    this.#file = file;
    this.#thread = new Thread(script);
  }

  /** Rejects where the file cannot be searched, or the thread cannot be started or ends. */
  search(query: SearchQuery, signal: AbortSignal): Promise<Found> {
    return this.#thread.ask({ file: this.#file, query }, signal);
  }

  /** Ends the thread, after the steps that it is at: until then it has the file open. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#thread.cancelAll();
    using deadline = new Deadline(CLOSE_MS);
    await settledOr(deadline.signal, Promise.allSettled(this.#thread.waiting));
    this.#thread.end(new Error("Cannot search: the log is closed"));
  }
}
