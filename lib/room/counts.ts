import { Histogram, MS_BOUNDS } from "../base/observe/histogram.ts";
import type { ResetReason } from "../model/cursor.ts";
import type { Entry } from "../model/message.ts";
import { type Code, STATUS } from "../model/refusal.ts";

/** Where a visit began: `new` without a cursor, `resumed` after its cursor, else why it could not. */
export type Beginning = "new" | "resumed" | ResetReason;

/** What has happened in a room since the start: plain numbers, for whoever wants to read them. */
export interface RoomCounts {
  /** What was stored, of each kind. */
  readonly entries: Record<Entry["type"], number>;
  /** What had been stored before. */
  duplicates: number;
  /** What was refused for its rate, besides what the limits count. */
  readonly limited: { messages: number; renames: number };
  readonly visits: Record<Beginning, number>;
  /** What clients were told, by its code. */
  readonly refusals: Record<Code, number>;
  /** Entries that one transaction stored, of each. */
  readonly batches: Histogram;
  /** From the moment that a batch is there until it was handed to all who waited for it, in ms. */
  readonly fanOut: Histogram;
}

const BATCH_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 512];

export function noCounts(): RoomCounts {
  return {
    entries: { message: 0, edit: 0, delete: 0, reaction: 0, topic: 0 },
    duplicates: 0,
    limited: { messages: 0, renames: 0 },
    visits: { new: 0, resumed: 0, gap: 0, epoch: 0, future: 0 },
    refusals: Object.fromEntries(Object.keys(STATUS).map((code) => [code, 0])) as Record<
      Code,
      number
    >,
    batches: new Histogram(BATCH_BOUNDS),
    fanOut: new Histogram(MS_BOUNDS),
  };
}
