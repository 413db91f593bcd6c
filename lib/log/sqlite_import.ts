import type { DatabaseSync } from "node:sqlite";
import { StartupError } from "../base/startup_error.ts";
import { parseId, parseText, parseTopic } from "../model/draft.ts";
import { parseStoredName } from "../model/names.ts";
import { clean } from "../model/text.ts";
import { openDatabase } from "./sqlite/file.ts";
import { renewEpoch } from "./sqlite/identity.ts";
import { writeKeptTopic } from "./sqlite/rows.ts";

export interface Imported {
  /** Entries stored. */
  readonly count: number;
  /** Entries whose text or name had something in it that is removed on input. */
  readonly cleaned: number;
}

/**
 * Stores an export as the log of that file, which must have no entries yet: all of it, or, where a
 * line is not what it should be or some are missing, nothing. Seqs, times, senders and ids are kept;
 * texts and names are cleaned as those that are posted; the epoch is a new one, as the log is another
 * than the one that was exported. Throws a StartupError.
 */
export async function importLines(
  path: string,
  lines: AsyncIterable<string>,
): Promise<Imported> {
  const { db } = openDatabase(path);
  let number = 0;
  try {
    db.exec("BEGIN IMMEDIATE");
    const loader = new Loader(db, path);
    for await (const line of lines) {
      number++;
      if (line.trim() !== "") loader.load(parseRow(line));
    }
    loader.finish();
    db.exec("COMMIT");
    const { count, cleaned } = loader;
    return { count, cleaned };
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(
      `cannot import line ${number}: ${(error as Error).message}; nothing was stored`,
      { cause: error },
    );
  } finally {
    db.close(); // rolls back what was not committed
  }
}

/** What the head of an export says of the rest. */
interface Head {
  readonly messages: number | undefined;
  readonly topics: number | undefined;
  readonly forgotten: number | undefined;
}

class Loader {
  /** Entries of all kinds. */
  count = 0;
  cleaned = 0;
  readonly #db: DatabaseSync;
  readonly #insert;
  readonly #forget;
  #head: Head | undefined;
  #first: number | undefined;
  #last: { readonly seq: number; readonly at: number } | undefined;
  #topics = 0;
  #forgotten = 0;

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    if (db.prepare("SELECT 1 FROM entries LIMIT 1").get()) {
      throw new StartupError(`${path} has messages; import into an empty --data directory`);
    }
    this.#insert = db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text, type) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#forget = db.prepare("INSERT INTO forgotten (sender, id, seq) VALUES (?, ?, ?)");
  }

  load(row: Record<string, unknown>): void {
    if (!this.#head && row.type !== "log") {
      throw new Error(`an export begins with {"type":"log",…}; this is something else`);
    }
    switch (row.type) {
      case "log":
        return this.#begin(row);
      case "message":
        return this.#entry(row, null);
      case "topic":
        this.#topics++;
        return this.#entry(row, "topic");
      case "forgotten":
        return this.#forgottenId(row);
      default:
        throw new Error(`unknown type ${JSON.stringify(row.type)}`);
    }
  }

  /** Throws where lines are missing: an export that was cut off looks whole otherwise. */
  finish(): void {
    if (!this.#head) throw new StartupError("cannot import: there are no lines");
    const found = this.count - this.#topics;
    const { messages = found, topics = this.#topics, forgotten = this.#forgotten } = this.#head;
    if (found === messages && this.#topics === topics && this.#forgotten === forgotten) return;
    throw new StartupError(
      `cannot import: the export has ${found} of ${messages} messages` +
        (topics > 0 ? `, ${this.#topics} of ${topics} topics` : "") +
        ` and ${this.#forgotten} of ${forgotten} ids of older ones; nothing was stored`,
    );
  }

  #begin(row: Record<string, unknown>): void {
    if (this.#head) throw new Error("a second export begins here; import one at a time");
    if (row.v !== 1) throw new Error(`unknown version ${row.v}; wanted 1`);
    const optional = (name: string) => row[name] === undefined ? undefined : whole(row, name, 0);
    this.#head = {
      messages: optional("messages"),
      topics: optional("topics"),
      forgotten: optional("forgotten"),
    };
    if (row.topic !== undefined) this.#keepTopic(row.topic);
    renewEpoch(this.#db);
  }

  /** The newest topic, whose entry is no longer in the log. */
  #keepTopic(value: unknown): void {
    if (typeof value !== "object" || value === null) throw new Error(`"topic" must be an object`);
    const row = value as Record<string, unknown>;
    if (typeof row.text !== "string") throw new Error(`"text" must be a text`);
    writeKeptTopic(this.#db, {
      type: "topic",
      seq: whole(row, "seq"),
      at: whole(row, "at"),
      from: parseStoredName(clean(text(row, "from"))),
      text: parseTopic(row.text),
    });
  }

  #entry(row: Record<string, unknown>, type: "topic" | null): void {
    const [seq, at] = [whole(row, "seq"), whole(row, "at")];
    if (this.#last !== undefined && seq !== this.#last.seq + 1) {
      throw new Error(`seq ${seq} follows ${this.#last.seq}; wanted ${this.#last.seq + 1}`);
    }
    if (this.#last !== undefined && at < this.#last.at) {
      throw new Error(`"at" ${at} is before that of the message before, ${this.#last.at}`);
    }
    const [sender, from] = [text(row, "sender"), text(row, "from")];
    // A topic may be empty: then there is none from there on.
    const body = type === "topic" && row.text === "" ? "" : text(row, "text");
    const name = parseStoredName(clean(from));
    const cleaned = type === "topic" ? parseTopic(body) : parseText(body);
    this.#insert.run(seq, at, sender, parseId(row.id) ?? null, name, cleaned, type);
    this.#first ??= seq;
    this.#last = { seq, at };
    this.count++;
    if (name !== from || cleaned !== body) this.cleaned++;
  }

  #forgottenId(row: Record<string, unknown>): void {
    const seq = whole(row, "seq");
    if (this.#first === undefined || seq >= this.#first) {
      throw new Error(`the id of message ${seq} is said to be older than the first message`);
    }
    const id = parseId(text(row, "id"))!;
    this.#forget.run(text(row, "sender"), id, seq);
    this.#forgotten++;
  }
}

/** Throws an Error where the line is not one JSON object. */
function parseRow(line: string): Record<string, unknown> {
  const value: unknown = JSON.parse(line);
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new Error("wanted a JSON object");
  }
  return value as Record<string, unknown>;
}

function text(row: Record<string, unknown>, name: string): string {
  const value = row[name];
  if (typeof value !== "string" || value === "") throw new Error(`"${name}" must be a text`);
  return value;
}

function whole(row: Record<string, unknown>, name: string, min = 1): number {
  const value = row[name];
  if (!Number.isSafeInteger(value) || (value as number) < min) {
    throw new Error(`"${name}" must be a whole number from ${min}`);
  }
  return value as number;
}
