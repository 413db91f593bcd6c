import type { Entry } from "../../model/message.ts";

/** What is told of messages, as a log tells it. */
export interface References {
  /** Whether a message has the file: one that is kept, and was not deleted. */
  hasFile(id: string): Promise<boolean>;
  /**
   * Resolves when all is known here that any node had stored by the call; rejects where that cannot be
   * told now. There is none where nobody else stores anything.
   */
  caughtUp?(): Promise<void>;
  /** Calls `listener` with what has been stored, until disposed. */
  watch(listener: (entries: readonly Entry[]) => void): Disposable;
}
