// Everything a server may tell a reader, as PROTOCOL.md names it. Plain data: wire/ says how it is
// written, as JSON or as lines of a terminal.

import type { LogBounds, ResetReason } from "./cursor.ts";
import type { Features } from "./features.ts";
import type { Entry } from "./message.ts";
import type { Code, Refusal } from "./refusal.ts";

/** True only now; has no seq and is never replayed. */
export type Notice =
  | { readonly type: "join"; readonly name: string; readonly count: number }
  | { readonly type: "leave"; readonly name: string; readonly count: number }
  | { readonly type: "rename"; readonly from: string; readonly name: string }
  | { readonly type: "typing"; readonly name: string }
  | PresenceNotice;

/** Who is here. Above 200 people `names` is left out. */
export interface PresenceNotice {
  readonly type: "presence";
  readonly count: number;
  readonly names?: readonly string[];
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
  }
  | { readonly type: "info"; readonly text: string }
  | { readonly type: "bye"; readonly reconnect_ms: number };

/** Always the first event a reader gets. */
export interface Welcome {
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
  readonly limits: {
    readonly text: number;
    readonly name: number;
    /** Messages a second, and how many at once; left out where there is no limit. */
    readonly rate?: number;
    readonly burst?: number;
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

/** Whether it is stored and has a seq, and so moves a cursor on. */
export function isEntry<E extends HeardEvent>(
  event: E,
): event is Extract<E, Entry | UnknownEntry> {
  return event.type === "message" || event.type === "topic" || event.type === "unknown";
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
  const { code, message, retryAfter } = refusal;
  return {
    type: "error",
    ...(typeof id === "string" && id.length <= 64 && { id }),
    code,
    message,
    ...(retryAfter !== undefined && { retry_after: retryAfter }),
  };
}
