import { changedBy } from "../../lib/model/change.ts";
import type { Change } from "../../lib/model/message.ts";
import type { Quoted } from "../../lib/view/quote_view.ts";

/** More answered messages than this are not kept: they can be asked for again. */
const MOST = 500;

/** Messages that are not in the list, and that one in the list answers. */
export class Quotes {
  readonly #known = new Map<number, Quoted>();
  readonly #asked = new Set<number>();

  get(seq: number): Quoted | undefined {
    return this.#known.get(seq);
  }

  set(seq: number, quoted: Quoted): void {
    this.#asked.delete(seq);
    this.#known.delete(seq); // the newest is the last
    this.#known.set(seq, quoted);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
  }

  /** Whether somebody has to ask for it: it is not known, and nobody has asked. */
  isWanted(seq: number): boolean {
    if (this.#known.has(seq) || this.#asked.has(seq)) return false;
    this.#asked.add(seq);
    return true;
  }

  /** It could not be had: it may be asked for again. */
  fail(seq: number): void {
    this.#asked.delete(seq);
  }

  /** Keeps up with the log: a text that was deleted is nowhere to be read. */
  change(change: Change): void {
    const quoted = this.#known.get(change.ref);
    if (quoted && quoted !== "missing") this.#known.set(change.ref, changedBy(quoted, change));
  }

  clear(): void {
    this.#known.clear();
    this.#asked.clear();
  }
}
