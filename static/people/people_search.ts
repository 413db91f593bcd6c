import { fetchPeople } from "../base/api.ts";
import type { Timer } from "../base/dom.ts";

/** From the last key to the question: longer than between the keys of a name. */
const PAUSE_MS = 150;

/** Looks for people on the server, where they are too many for it to tell all names. */
export class PeopleSearch {
  readonly #found: (names: readonly string[]) => void;
  #timer: Timer;
  #asking = new AbortController();

  /** `found` is called with the answer to what was last asked. */
  constructor(found: (names: readonly string[]) => void) {
    this.#found = found;
  }

  /** Those who have the part in their names; those who spoke last where it is empty. */
  seek(part: string): void {
    this.#asking.abort();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(part), PAUSE_MS);
  }

  async #ask(q: string): Promise<void> {
    const { signal } = this.#asking = new AbortController();
    try {
      const { names } = await fetchPeople({ q, limit: 50 }, signal);
      if (!signal.aborted) this.#found(names);
    } catch {
      // best effort: offline, those who are known are shown on
    }
  }
}
