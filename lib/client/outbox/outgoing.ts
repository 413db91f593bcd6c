import type { FileInfo } from "../../model/message.ts";

/**
 * Which message is meant: its seq, or the id of one of ours that is perhaps not stored yet. What names
 * an id waits for that message, and is sent with its seq.
 */
export type Ref = number | string;

/** What is wished for of a message that is there, meant by an `R`. */
export type ChangeWish<R> =
  | { readonly type: "edit"; readonly ref: R; readonly text: string }
  | { readonly type: "delete"; readonly ref: R }
  | { readonly type: "reaction"; readonly ref: R; readonly emoji: string; readonly on: boolean };

/** What is said, whatever becomes of it. */
export type Saying =
  | {
    readonly type: "message";
    /** May be empty where there are files. */
    readonly text: string;
    /** Which message it answers. */
    readonly re?: Ref | undefined;
    /** As the server told of them when they were uploaded. */
    readonly files?: readonly FileInfo[] | undefined;
  }
  | ChangeWish<Ref>;

/** Something on its way into the log: a message, or a change of one. */
export type Outgoing = Saying & {
  readonly id: string;
  /** When it was said, in milliseconds since the Unix epoch. */
  readonly at: number;
  /** `stored`: the server has it, and it will come back through the log; then it is gone from here. */
  readonly state: "waiting" | "stored" | "failed";
  /** Why it failed, or has to wait: a code of the protocol. */
  readonly code?: string | undefined;
  /** When it is tried again, where it was told to wait: in milliseconds since the Unix epoch. */
  readonly until?: number | undefined;
};

/** A message on its way into the log. */
export type OutgoingMessage = Extract<Outgoing, { type: "message" }>;

/** Where is kept what is not stored yet: a browser's Storage is one. */
export interface OutboxStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}
