import type { Entry } from "../../model/message.ts";

/** What is read of an entry, as SQL; `toEntry` takes it. */
export const COLUMNS = 'seq, at, id, name AS "from", entries.text';

export function entry(
  seq: number,
  at: number,
  id: string | undefined,
  from: string,
  text: string,
): Entry {
  return id === undefined
    ? { type: "message", seq, at, from, text }
    : { type: "message", seq, at, id, from, text };
}

export function toEntry(row: Record<string, unknown>): Entry {
  const { seq, at, id, from, text } = row as {
    seq: number;
    at: number;
    id: string | null;
    from: string;
    text: string;
  };
  return entry(seq, at, id ?? undefined, from, text);
}
