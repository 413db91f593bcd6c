import type { Refusal } from "./refusal.ts";

/**
 * What one message may be. A frame, body or line of `bytes` holds the longest text even where every
 * character takes four bytes (4 × 4,000), with room for the JSON around it.
 */
export const LIMITS = {
  text: 4000,
  topic: 200,
  name: 32,
  id: 64,
  bytes: 16 * 1024,
  /** Files of one message. */
  files: 10,
  /** Different emoji on one message. */
  reactions: 20,
  /** Names that are told of those who reacted with one emoji. */
  reactors: 20,
} as const;

/** A message as it is now, in the order of its fields on the wire. */
export interface Message extends Stored {
  readonly type: "message";
  /** Empty where it was deleted, or is files alone. */
  readonly text: string;
  /** The seq of the message that this one answers. */
  readonly re?: number;
  /** Whom it answers: the name that the other message is from. */
  readonly to?: string;
  readonly files?: readonly FileInfo[];
  /** When it was edited last. */
  readonly edited?: number;
  readonly deleted?: true;
  /** The emoji that it has, in the order in which they came. */
  readonly reactions?: readonly Reaction[];
  /** The seq of the last entry that changed it: what is no newer changes nothing. */
  readonly changed?: number;
}

/** A file that a message has. */
export interface FileInfo {
  /** Made from the content: the same bytes have the same id. */
  readonly id: string;
  readonly name: string;
  /** What the bytes are, as `image/png`, whatever was claimed. */
  readonly type: string;
  /** In bytes. */
  readonly size: number;
  /** Of an image, in pixels. */
  readonly width?: number;
  readonly height?: number;
}

/** One emoji on a message. */
export interface Reaction {
  readonly emoji: string;
  /** How many people. */
  readonly count: number;
  /** The first of them, in the order in which they reacted. */
  readonly names: readonly string[];
}

/** A message has another text from here on; empty where the message was deleted, or is not kept. */
export interface Edit extends Stored {
  readonly type: "edit";
  readonly ref: number;
  readonly text: string;
}

/** A message is gone from here on. */
export interface Delete extends Stored {
  readonly type: "delete";
  readonly ref: number;
}

/** Somebody reacts to a message from here on, or does no longer. */
export interface ReactionChange extends Stored {
  readonly type: "reaction";
  readonly ref: number;
  readonly emoji: string;
  readonly on: boolean;
  /** What the message shows for that emoji from here on; with 0 it is gone. */
  readonly count: number;
  readonly names: readonly string[];
}

/** What the room is about from here on; nothing in particular where the text is empty. */
export interface Topic extends Stored {
  readonly type: "topic";
  readonly text: string;
}

/** What changes a message that was stored before it. */
export type Change = Edit | Delete | ReactionChange;

/** What is stored and has a seq, of whatever kind. */
export type Entry = Message | Change | Topic;

/** What entries of all kinds have. */
interface Stored {
  /** Its place in the log: 1, 2, 3, … without holes. */
  readonly seq: number;
  /** When it was stored, in milliseconds since the Unix epoch, UTC; never less than the one before. */
  readonly at: number;
  readonly id?: string;
  readonly from: string;
}

/** What became of a draft: where it is, and whether it had been there before. */
export interface Receipt {
  readonly seq: number;
  readonly duplicate: boolean;
}

/** What became of a draft in the log: stored, or refused by what was stored before it. */
export type Outcome = Receipt | Refusal;

/** Whether an entry changes another one. */
export function isChange<E extends { readonly type: string }>(
  entry: E,
): entry is Extract<E, Change> {
  return entry.type === "edit" || entry.type === "delete" || entry.type === "reaction";
}

/** The text of an entry, of whatever kind; empty where its kind has none. */
export function textOf(entry: Entry): string {
  return "text" in entry ? entry.text : "";
}
