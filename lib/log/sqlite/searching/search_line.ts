import { unavailable } from "../../../model/refusal.ts";

/** Searches that go on at the same time: a short one need not wait for a long one. */
export const SEARCHES_AT_ONCE = 2;
/** Above it a client is asked to come back, so that nobody waits for minutes. */
export const SEARCHES_WAITING = 50;

/** Where searches wait for each other, in the order in which they came. */
export class SearchLine {
  #running = 0;
  /** Each is told whether it has its turn now: it has not where its signal aborted. */
  readonly #waiting = new Set<(hasTurn: boolean) => void>();

  /**
   * Runs it when it is its turn, or when the signal aborts. Rejects with a Refusal, `unavailable`,
   * where too many wait.
   */
  async run<T>(search: () => Promise<T>, signal: AbortSignal): Promise<T> {
    let hasTurn = this.#running < SEARCHES_AT_ONCE;
    if (hasTurn) this.#running++;
    else if (this.#waiting.size < SEARCHES_WAITING) hasTurn = await this.#wait(signal);
    else throw unavailable("too many are searching", 2);
    try {
      return await search();
    } finally {
      if (hasTurn) this.#passOn();
    }
  }

  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      if (signal.aborted) return resolve(false);
      const give = (hasTurn: boolean) => {
        this.#waiting.delete(give);
        signal.removeEventListener("abort", leave);
        resolve(hasTurn);
      };
      const leave = () => give(false);
      this.#waiting.add(give);
      signal.addEventListener("abort", leave);
    });
  }

  #passOn(): void {
    const [next] = this.#waiting;
    if (next) next(true);
    else this.#running--;
  }
}
