import type { TextStorage } from "../base/storage.ts";

const KEY = "partyline.seen";

/** Up to where the log has been in sight in this browser, in any tab: stored as a cursor. */
export class Seen {
  readonly #storage: TextStorage;
  /** In a log of another epoch the same seq is another message. */
  readonly #epoch: string;

  constructor(storage: TextStorage, epoch: string) {
    this.#storage = storage;
    this.#epoch = epoch;
  }

  /** Undefined where nothing of this log has been seen. */
  get seq(): number | undefined {
    const [, epoch, seq] = /^(\w+)-(\d{1,15})$/.exec(this.#storage.getItem(KEY) ?? "") ?? [];
    return epoch === this.#epoch ? Number(seq) : undefined;
  }

  /** Never moves back. */
  upTo(seq: number): void {
    if (seq > (this.seq ?? -1)) this.#storage.setItem(KEY, `${this.#epoch}-${seq}`);
  }

  /** For a log that was replaced, or has become shorter. */
  forget(): void {
    this.#storage.removeItem(KEY);
  }
}
