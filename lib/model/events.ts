// Everything a server may tell a reader, as PROTOCOL.md names it. Plain data: wire/ says how it is
// written, as JSON or as lines of a terminal.

import type { LogBounds, ResetReason } from "./cursor.ts";
import type { Features } from "./features.ts";
import type { Measure } from "./measure.ts";
import type { Entry, Topic } from "./message.ts";
import type { Code, Refusal } from "./refusal.ts";

/** True only now; has no seq and is never replayed. */
export type Notice =
  | {
    readonly type: "join";
    readonly name: string;
    readonly count: number;
    /** Left out for all others. */
    readonly operator?: true;
  }
  | { readonly type: "leave"; readonly name: string; readonly count: number }
  | { readonly type: "rename"; readonly from: string; readonly name: string }
  | { readonly type: "typing"; readonly name: string }
  | ModerationNotice
  | PresenceNotice;

/** An operator did something that concerns everybody, or that everybody may see. */
export interface ModerationNotice {
  readonly type: "moderation";
  readonly action: "kick" | "ban" | "unban" | "mute" | "unmute" | "slow";
  /** The operator's name. */
  readonly by: string;
  /** Whom it is about; left out with `slow`. */
  readonly name?: string;
  /** When it ends; left out where it does not. */
  readonly until?: number;
  readonly reason?: string;
  /** With `slow`: one message in so many seconds; 0 ends it. */
  readonly seconds?: number;
}

/** Who is here. Above 200 people `names` is left out. */
export interface PresenceNotice {
  readonly type: "presence";
  readonly count: number;
  readonly names?: readonly string[];
  /** The operators among them; left out where there are none. */
  readonly operators?: readonly string[];
}

/** Some of the people who are here. */
export interface FoundPeople {
  /** How many are here in all. */
  readonly count: number;
  readonly names: readonly string[];
  /** Whether there are more that were looked for. */
  readonly more: boolean;
  /** Those of them who are operators, if there are any. */
  readonly operators?: readonly string[];
}

/** What is particular about somebody; each left out where it is not so. */
export interface Standing {
  readonly operator?: true;
  readonly muted?: Omit<Measure, "type">;
}

/** About this connection rather than the room. */
export type Control =
  | Welcome
  | {
    readonly type: "reset";
    readonly reason: ResetReason;
    readonly epoch: string;
    readonly first: number;
    readonly last: number;
    /** The seq of the cursor that could not be honoured, where it had one. */
    readonly asked?: number;
  }
  | { readonly type: "live"; readonly seq: number }
  | { readonly type: "ping"; readonly last: number }
  | {
    readonly type: "ack";
    readonly id?: string;
    readonly seq: number;
    readonly duplicate: boolean;
  }
  | {
    readonly type: "error";
    readonly id?: string;
    readonly code: Code;
    readonly message: string;
    readonly retry_after?: number;
    /** Of an operator's, where that is why. */
    readonly measure?: Measure;
  }
  /** What is particular about the reader from now on: it has changed. */
  | { readonly type: "you" } & Standing
  /** An operator's order was carried out. */
  | {
    readonly type: "done";
    readonly id?: string;
    readonly text: string;
    readonly bans?: readonly ListedMeasure[];
  }
  | { readonly type: "info"; readonly text: string }
  | { readonly type: "bye"; readonly reconnect_ms: number };

/** A ban or a mute, as operators are told of it. */
export interface ListedMeasure extends Measure {
  readonly type: "ban" | "mute";
  readonly number: number;
  readonly name: string;
  /** The operator's name. */
  readonly by: string;
  readonly at: number;
}

/** Always the first event a reader gets. */
export interface Welcome extends Standing {
  readonly type: "welcome";
  readonly v: 1;
  readonly room: string;
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
  readonly name: string;
  readonly token: string;
  readonly resumed: boolean;
  readonly count: number;
  readonly names?: readonly string[];
  readonly operators?: readonly string[];
  /** Left out where the room has none. */
  readonly topic?: Pick<Topic, "seq" | "at" | "from" | "text">;
  /** Everybody but operators may say one thing in so many seconds; left out where that is not so. */
  readonly slow?: number;
  readonly limits: {
    readonly text: number;
    readonly name: number;
    /** Messages a second, and how many at once; left out where there is no limit. */
    readonly rate?: number;
    readonly burst?: number;
    /** Seconds for which one's own messages can be edited; left out where for ever, 0 where not at all. */
    readonly edit_for?: number;
    /** Bytes of a file; left out where none can be sent. */
    readonly file?: number;
  };
  /** What this session may do, and what there is; left out where that is everything. */
  readonly features?: Features;
  /** Seconds between pings: a client that hears nothing for twice as long has lost the server. */
  readonly ping: number;
}

export type RoomEvent = Entry | Notice | Control;

/** An entry of a kind that a client does not know: it is part of the log, and to be shown to nobody. */
export interface UnknownEntry {
  readonly type: "unknown";
  readonly seq: number;
  /** As it came. */
  readonly event: Readonly<Record<string, unknown>>;
}

/** What a client may be told by a server that is perhaps newer than the client. */
export type HeardEvent = RoomEvent | UnknownEntry;

/** The types of what has a seq. */
const ENTRIES: ReadonlySet<HeardEvent["type"]> = new Set([
  "message",
  "edit",
  "delete",
  "reaction",
  "topic",
  "unknown",
]);

/** Whether it is stored and has a seq, and so moves a cursor on. */
export function isEntry<E extends HeardEvent>(
  event: E,
): event is Extract<E, Entry | UnknownEntry> {
  return ENTRIES.has(event.type);
}

/**
 * Events that go out together: to every reader in one write, in one encoding a format. Its identity
 * is what the encodings are shared by, so it is never changed once made.
 */
export interface Batch {
  readonly events: readonly RoomEvent[];
  /** Where a reader stands that has seen this batch: the seq of the newest entry so far. */
  readonly seq: number;
  /** Where it is several joined, these: what has been made of each serves for the whole. */
  readonly parts?: readonly Batch[];
}

/** Says that a cursor was not honoured; `asked` is the seq it had, where it had one. */
export function resetEvent(
  { epoch, first, last }: LogBounds,
  reason: ResetReason,
  asked: number | undefined,
): RoomEvent {
  return { type: "reset", reason, epoch, first, last, ...(asked !== undefined && { asked }) };
}

/** Says that something was not done, about the frame with that id. */
export function errorEvent(refusal: Refusal, id?: unknown): RoomEvent {
  const { code, message, retryAfter, measure } = refusal;
  return {
    type: "error",
    ...(typeof id === "string" && id.length <= 64 && { id }),
    code,
    message,
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
    ...(measure && { measure }),
  };
}
