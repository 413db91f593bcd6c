/**
 * A position in a log: everything up to and including `seq` has been seen. A cursor without an epoch
 * means the log it is shown to.
 */
export interface Cursor {
  readonly epoch?: string;
  readonly seq: number;
}

/** `<epoch>-<seq>` or a bare `<seq>`; undefined where the text is neither. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^(?:([a-z0-9]{1,32})-)?(\d{1,15})$/.exec(text.trim());
  if (!match) return undefined;
  const seq = Number(match[2]);
  return match[1] === undefined ? { seq } : { epoch: match[1], seq };
}

export function formatCursor(epoch: string, seq: number): string {
  return `${epoch}-${seq}`;
}

/** The kept range of a log: `last` is `first - 1` where it is empty. */
export interface LogBounds {
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

/** Why a cursor cannot be honoured: older than what is kept, of another log, newer than the log. */
export type ResetReason = "gap" | "epoch" | "future";

/** Where a reader starts: after `after`; with `reset`, not where it asked to. */
export interface Start {
  readonly after: number;
  readonly resumed: boolean;
  readonly reset?: ResetReason;
}

/**
 * Where to start a reader of the log that kept describes: at its cursor, or, where it has none or
 * one that means nothing here (`"unknown"` is one that could not even be read), `recent` entries
 * before the end.
 */
export function locate(
  kept: LogBounds,
  cursor: Cursor | "unknown" | undefined,
  recent: number,
): Start {
  const latest = Math.max(kept.first - 1, kept.last - recent);
  if (cursor === undefined) return { after: latest, resumed: false };
  const reset = whyNot(kept, cursor);
  if (reset) return { after: latest, resumed: false, reset };
  return { after: (cursor as Cursor).seq, resumed: true };
}

function whyNot(kept: LogBounds, cursor: Cursor | "unknown"): ResetReason | undefined {
  if (cursor === "unknown") return "epoch";
  if (cursor.epoch !== undefined && cursor.epoch !== kept.epoch) return "epoch";
  if (cursor.seq > kept.last) return "future";
  if (cursor.seq + 1 < kept.first) return "gap";
  return undefined;
}
