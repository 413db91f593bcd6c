import { fileIdsOf, type UncheckedDraft } from "../model/draft.ts";

/**
 * What is asked of other nodes about the files of messages before these are checked. A sender's
 * messages stay in the order in which they came: those behind one with files wait with it.
 */
export class FileLookups {
  readonly #refresh: (ids: readonly string[]) => Promise<void> | undefined;
  /** The newest of each sender. */
  readonly #waiting = new Map<string, Promise<void>>();

  /** `refresh` resolves when what is known of files anywhere is known here; undefined where it is. */
  constructor(refresh: (ids: readonly string[]) => Promise<void> | undefined) {
    this.#refresh = refresh;
  }

  /**
   * Resolves when the draft may be checked, or rejects with a Refusal; undefined where that is at once.
   * Throws a Refusal where the draft's files are no ids.
   */
  of(draft: UncheckedDraft): Promise<void> | undefined {
    const ids = fileIdsOf(draft);
    const asked = ids.length > 0 ? this.#refresh(ids) : undefined;
    const before = this.#waiting.get(draft.sender);
    if (!asked && !before) return undefined;
    // Whether the one before may be posted is not this one's matter.
    const waiting = Promise.allSettled([before]).then(() => asked).finally(() => {
      if (this.#waiting.get(draft.sender) === waiting) this.#waiting.delete(draft.sender);
    });
    this.#waiting.set(draft.sender, waiting);
    return waiting;
  }
}
