import type { DatabaseSync } from "node:sqlite";
import type { Entry, Message, Topic } from "../../model/message.ts";

/** What is read of an entry, as SQL; `toEntry` takes it. */
export const COLUMNS = 'seq, at, id, name AS "from", entries.text, type, fields, ref';

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

/** Of a row that may be of any kind. Throws where it is of one that this program does not know. */
export function toEntry(row: Record<string, unknown>): Entry {
  const { seq, at, id, from, text, type, fields, ref } = row as unknown as Row;
  if (type === null) return toMessage(row);
  const common = { seq, at, ...(id !== null && { id }), from };
  switch (type) {
    case "topic":
      return { type, ...common, text };
    case "edit":
      return { type, ...common, ref: ref!, text };
    case "delete":
      return { type, ...common, ref: ref! };
    case "reaction":
      return { type, ...common, ref: ref!, ...JSON.parse(fields!) };
    default:
      throw new Error(`Cannot read entry ${seq}: its type is "${type}"`);
  }
}

/** Of a row that was asked for as a message. */
export function toMessage(row: Record<string, unknown>): Message {
  const { seq, at, id, from, text, fields } = row as unknown as Row;
  const plain = message(seq, at, id ?? undefined, from, text);
  return fields === null ? plain : { ...plain, ...JSON.parse(fields) };
}

/** What a row holds beside its other columns, as JSON; null where that is nothing. */
export function fieldsOf(entry: Entry): string | null {
  const { type, seq: _seq, at: _at, id: _id, from: _from, ...more } = entry;
  switch (type) {
    case "message": {
      const { text: _text, ...fields } = more as Partial<Message>;
      return Object.keys(fields).length === 0 ? null : JSON.stringify(fields);
    }
    case "reaction": {
      const { ref: _ref, ...fields } = more as { ref?: number };
      return JSON.stringify(fields);
    }
    default:
      return null;
  }
}

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly id: string | null;
  readonly from: string;
  readonly text: string;
  readonly type: string | null;
  readonly fields: string | null;
  readonly ref: number | null;
}

const NEWEST_TOPIC = `SELECT ${COLUMNS} FROM entries WHERE type = 'topic' AND ref IS NULL`;

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
