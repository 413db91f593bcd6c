/** To the thread: a question, or that nobody waits for its answer any more. */
export interface Asked<Question> {
  readonly number: number;
  readonly question: Question | undefined;
}

/** From the thread: one for each question. */
export type Answered<Answer> =
  | { readonly number: number; readonly answer: Answer }
  | { readonly number: number; readonly error: unknown };

/**
 * A thread that answers questions, which would block the event loop. It starts with the first one,
 * since it takes some 20 MB, and ends when it is told to; another question starts another.
 */
export class Thread<Question, Answer> {
  readonly #script: string;
  readonly #waiting = new Map<number, PromiseWithResolvers<Answer>>();
  #worker: Worker | undefined;
  #asked = 0;

  /** `script` is a module that answers each `Asked` with an `Answered`. */
  constructor(script: string) {
    this.#script = script;
  }

  /** Those that have not been answered yet. */
  get waiting(): readonly Promise<Answer>[] {
    return Array.from(this.#waiting.values(), ({ promise }) => promise);
  }

  /**
   * Rejects with what the thread throws, or where it cannot be started or ends. Where the signal
   * aborts, the thread is told, and still answers.
   */
  async ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    this.#worker ??= this.#start();
    const number = this.#asked++;
    const waiting = Promise.withResolvers<Answer>();
    const cancel = () => this.#post({ number, question: undefined });
    this.#waiting.set(number, waiting);
    this.#post({ number, question });
    signal?.addEventListener("abort", cancel);
    if (signal?.aborted) cancel();
    try {
      return await waiting.promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Tells the thread that nobody waits any more. */
  cancelAll(): void {
    for (const number of this.#waiting.keys()) this.#post({ number, question: undefined });
  }

  /** Rejects what has not been answered. */
  end(reason: Error): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const waiting of this.#waiting.values()) waiting.reject(reason);
    this.#waiting.clear();
  }

  #post(asked: Asked<Question>): void {
    this.#worker?.postMessage(asked);
  }

  #start(): Worker {
    const worker = new Worker(this.#script, { type: "module" });
    worker.addEventListener("message", ({ data }: MessageEvent<Answered<Answer>>) => {
      const waiting = this.#waiting.get(data.number);
      this.#waiting.delete(data.number);
      if ("answer" in data) waiting?.resolve(data.answer);
      else waiting?.reject(data.error);
    });
    worker.addEventListener("error", (event) => {
      // Without this the whole process would end.
      event.preventDefault();
      this.end(new Error(`the worker ended: ${event.message}`));
    });
    return worker;
  }
}
