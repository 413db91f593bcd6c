import type { TextStorage } from "../base/storage.ts";

const KEY = "partyline.seen";

/** Up to where the log was seen in this browser, in whichever tab: kept as a cursor. */
export class Seen {
  readonly #storage: TextStorage;
  /** Of the log that is seen: in another the numbers mean other messages. */
  readonly #epoch: string;

  constructor(storage: TextStorage, epoch: string) {
    this.#storage = storage;
    this.#epoch = epoch;
  }

  /** Undefined where nothing of this log was ever seen. */
  get seq(): number | undefined {
    const [, epoch, seq] = /^(\w+)-(\d{1,15})$/.exec(this.#storage.getItem(KEY) ?? "") ?? [];
    return epoch === this.#epoch ? Number(seq) : undefined;
  }

  /** What was seen once stays seen. */
  upTo(seq: number): void {
    if (seq > (this.seq ?? -1)) this.#storage.setItem(KEY, `${this.#epoch}-${seq}`);
  }

  /** The log has become another, or shorter, under our eyes. */
  forget(): void {
    this.#storage.removeItem(KEY);
  }
}
