import type { Placed } from "../sqlite/storing/batch.ts";
import { decodeRecord } from "./record.ts";
import type { RoomStream } from "./stream.ts";

/**
 * What was at seqs that the stream has no message for any more: the deletes that had them erased tell
 * what is left of them, and are read when they are needed.
 */
export class Holes {
  readonly #stream: RoomStream;
  readonly #left = new Map<number, Placed>();
  /** Up to which seq the changes have been read. */
  #read = 0;

  constructor(stream: RoomStream) {
    this.#stream = stream;
  }

  /** What was there, from `first` on and before `end`, as far as that is known. */
  async find(first: number, end: number): Promise<Map<number, Placed>> {
    for (const seq of this.#left.keys()) if (seq < first) this.#left.delete(seq);
    for (let pass = 0;; pass++) {
      const found = new Map<number, Placed>();
      for (let seq = first; seq < end; seq++) {
        const placed = this.#left.get(seq);
        if (placed) found.set(seq, placed);
      }
      if (found.size === end - first || pass === 1) {
        return found;
      }
      await this.#readOn(Math.max(this.#read, first - 1));
    }
  }

  async #readOn(after: number): Promise<void> {
    for await (const message of this.#stream.changesAfter(after)) {
      this.#read = message.seq;
      for (const each of decodeLeft(message)) this.#left.set(each.entry.seq, each);
    }
  }
}

function decodeLeft(message: { data: Uint8Array; seq: number; time: Date }): readonly Placed[] {
  try {
    return decodeRecord(message.data, message.seq, message.time.getTime()).left;
  } catch {
    return []; // whoever follows the stream is told
  }
}
