import type { DatabaseSync } from "node:sqlite";
import type { Entry, Message, Topic } from "../../model/message.ts";

/** What is read of an entry, as SQL; `toEntry` takes it. */
export const COLUMNS = 'seq, at, id, name AS "from", entries.text, type';

/** As SQL: it is a message, and no other kind of entry. */
export const IS_MESSAGE = "entries.type IS NULL";

export function message(
  seq: number,
  at: number,
  id: string | undefined,
  from: string,
  text: string,
): Message {
  return id === undefined
    ? { type: "message", seq, at, from, text }
    : { type: "message", seq, at, id, from, text };
}

export function topic(
  seq: number,
  at: number,
  id: string | undefined,
  from: string,
  text: string,
): Topic {
  return { type: "topic", seq, at, ...(id !== undefined && { id }), from, text };
}

/** Of a row that may be of any kind. Throws where it is of one that this program does not know. */
export function toEntry(row: Record<string, unknown>): Entry {
  const { seq, at, id, from, text, type } = row as unknown as Row;
  switch (type) {
    case null:
      return message(seq, at, id ?? undefined, from, text);
    case "topic":
      return topic(seq, at, id ?? undefined, from, text);
    default:
      throw new Error(`Cannot read entry ${seq}: its type is "${type}"`);
  }
}

/** Of a row that was asked for as a message. */
export function toMessage(row: Record<string, unknown>): Message {
  const { seq, at, id, from, text } = row as unknown as Row;
  return message(seq, at, id ?? undefined, from, text);
}

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly id: string | null;
  readonly from: string;
  readonly text: string;
  readonly type: string | null;
}

const NEWEST_TOPIC = `SELECT ${COLUMNS} FROM entries WHERE type = 'topic'`;

/** The newest topic of the log, kept or not. */
export function readTopic(db: DatabaseSync): Topic | undefined {
  const row = db.prepare(`${NEWEST_TOPIC} ORDER BY seq DESC LIMIT 1`).get();
  return row ? toEntry(row) as Topic : readKeptTopic(db);
}

/** The newest topic whose entry the log has forgotten. */
export function readKeptTopic(db: DatabaseSync): Topic | undefined {
  const kept = db.prepare("SELECT value FROM meta WHERE key = 'topic'").get()?.value;
  return typeof kept === "string" ? JSON.parse(kept) as Topic : undefined;
}

/** Before the entries before `first` are forgotten; within the caller's transaction. */
export function keepTopic(db: DatabaseSync, first: number): void {
  const row = db.prepare(`${NEWEST_TOPIC} AND seq < ? ORDER BY seq DESC LIMIT 1`).get(first);
  if (row) writeKeptTopic(db, toEntry(row) as Topic);
}

export function writeKeptTopic(db: DatabaseSync, topic: Topic): void {
  db.prepare("INSERT OR REPLACE INTO meta (key, value) VALUES ('topic', ?)")
    .run(JSON.stringify(topic));
}
