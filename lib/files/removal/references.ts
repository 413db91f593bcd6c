import type { Entry } from "../../model/message.ts";

/** What is told of messages, as a log tells it. */
export interface References {
  /** Whether a message has the file: one that is kept, and was not deleted. */
  hasFile(id: string): Promise<boolean>;
  /** Calls `listener` with what has been stored, until disposed. */
  watch(listener: (entries: readonly Entry[]) => void): Disposable;
}
