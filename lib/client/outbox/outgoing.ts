/** A message on its way into the log. */
export interface OutgoingMessage {
  readonly id: string;
  readonly text: string;
  /** When it was said, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** `stored`: the server has it, and it will come back through the log; then it is gone from here. */
  readonly state: "waiting" | "stored" | "failed";
  /** Why it failed, or has to wait: a code of the protocol. */
  readonly code?: string;
  /** When it is tried again, where it was told to wait: in milliseconds since the Unix epoch. */
  readonly until?: number;
}

/** Where messages are kept that are not stored yet: a browser's Storage is one. */
export interface OutboxStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}
