import type { DatabaseSync } from "node:sqlite";
import { StartupError } from "../base/startup_error.ts";
import { parseId, parseTopic } from "../model/draft.ts";
import { Refusal } from "../model/refusal.ts";
import { nameIn, parseEntry, parseRow, type Row, text, whole } from "./import_row.ts";
import { openDatabase } from "./sqlite/file.ts";
import { renewEpoch } from "./sqlite/identity.ts";
import { writeKeptTopic } from "./sqlite/rows.ts";
import { BatchWriter } from "./sqlite/storing/batch.ts";

export interface Imported {
  /** Entries stored. */
  readonly count: number;
  /** Entries whose text or name had something in it that is removed on input. */
  readonly cleaned: number;
}

/**
 * Stores an export as the log of that file, which must have no entries yet: all of it, or, where a
 * line is not what it should be or some are missing, nothing. Seqs, times, senders and ids are kept;
 * texts and names are cleaned as those that are posted; what changes make of messages is made anew; the epoch is a new one, as the log is another
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
  readonly changes: number | undefined;
  readonly forgotten: number | undefined;
}

class Loader {
  /** Entries of all kinds. */
  count = 0;
  cleaned = 0;
  readonly #db: DatabaseSync;
  readonly #writer: BatchWriter;
  readonly #setPrint;
  readonly #forget;
  readonly #isDeleted;
  #head: Head | undefined;
  #first: number | undefined;
  #last: { readonly seq: number; readonly at: number } | undefined;
  #topics = 0;
  #changes = 0;
  #forgotten = 0;
  /** Messages that have lost a text, so that a later line must delete them. */
  readonly #textless = new Set<number>();

  constructor(db: DatabaseSync, path: string) {
    this.#db = db;
    if (db.prepare("SELECT 1 FROM entries LIMIT 1").get()) {
      throw new StartupError(`${path} has messages; import into an empty --data directory`);
    }
    // Nothing is in the index yet, and nothing has been in the file.
    this.#writer = new BatchWriter(db, { onText: () => {}, onDelete: () => {} });
    this.#setPrint = db.prepare("UPDATE entries SET print = ? WHERE seq = ?");
    this.#forget = db.prepare("INSERT INTO forgotten (sender, id, seq, print) VALUES (?, ?, ?, ?)");
    this.#isDeleted = db.prepare(
      "SELECT 1 FROM entries WHERE seq = ? AND json_extract(fields, '$.deleted')",
    );
  }

  load(row: Row): void {
    if (!this.#head && row.type !== "log") {
      throw new Error(`an export begins with {"type":"log",…}; this is something else`);
    }
    switch (row.type) {
      case "log":
        return this.#begin(row);
      case "topic":
        this.#topics++;
        return this.#entry(row);
      case "edit":
      case "delete":
      case "reaction":
        this.#changes++;
        return this.#entry(row);
      case "message":
        return this.#entry(row);
      case "forgotten":
        return this.#forgottenId(row);
      default:
        throw new Error(`unknown type ${JSON.stringify(row.type)}`);
    }
  }

  /** Throws where lines are missing: an export that was cut off looks whole otherwise. */
  finish(): void {
    if (!this.#head) throw new StartupError("cannot import: there are no lines");
    for (const seq of this.#textless) {
      if (this.#isDeleted.get(seq)) continue;
      throw new StartupError(
        `cannot import: message ${seq} has no text, and no line deletes it; nothing was stored`,
      );
    }
    const found = {
      messages: this.count - this.#topics - this.#changes,
      topics: this.#topics,
      changes: this.#changes,
      forgotten: this.#forgotten,
    };
    const {
      messages = found.messages,
      topics = found.topics,
      changes = found.changes,
      forgotten = found.forgotten,
    } = this.#head;
    const isWhole = found.messages === messages && found.topics === topics &&
      found.changes === changes && found.forgotten === forgotten;
    if (isWhole) return;
    throw new StartupError(
      `cannot import: the export has ${found.messages} of ${messages} messages` +
        (topics > 0 ? `, ${found.topics} of ${topics} topics` : "") +
        (changes > 0 ? `, ${found.changes} of ${changes} changes` : "") +
        ` and ${found.forgotten} of ${forgotten} ids of older ones; nothing was stored`,
    );
  }

  #begin(row: Row): void {
    if (this.#head) throw new Error("a second export begins here; import one at a time");
    if (row.v !== 1) throw new Error(`unknown version ${row.v}; wanted 1`);
    const optional = (name: string) => row[name] === undefined ? undefined : whole(row, name, 0);
    this.#head = {
      messages: optional("messages"),
      topics: optional("topics"),
      changes: optional("changes"),
      forgotten: optional("forgotten"),
    };
    if (row.topic !== undefined) this.#keepTopic(row.topic);
    renewEpoch(this.#db);
  }

  /** The newest topic, whose entry is no longer in the log. */
  #keepTopic(value: unknown): void {
    if (typeof value !== "object" || value === null) throw new Error(`"topic" must be an object`);
    const row = value as Row;
    if (typeof row.text !== "string") throw new Error(`"text" must be a text`);
    writeKeptTopic(this.#db, {
      type: "topic",
      seq: whole(row, "seq"),
      at: whole(row, "at"),
      from: nameIn(row, "from"),
      text: parseTopic(row.text),
    });
  }

  #entry(row: Row): void {
    const [seq, at] = [whole(row, "seq"), whole(row, "at")];
    if (this.#last !== undefined && seq !== this.#last.seq + 1) {
      throw new Error(`seq ${seq} follows ${this.#last.seq}; wanted ${this.#last.seq + 1}`);
    }
    if (this.#last !== undefined && at < this.#last.at) {
      throw new Error(`"at" ${at} is before that of the message before, ${this.#last.at}`);
    }
    const print = row.print === undefined ? undefined : whole(row, "print", 0, 2 ** 32 - 1);
    const { draft, told, textless } = parseEntry(row);
    this.#first ??= seq;
    const target = "ref" in draft ? draft.ref : "re" in draft ? draft.re : undefined;
    if (target !== undefined && target < this.#first) {
      // What it is about is no longer there: it is stored as it was told.
      this.#writer.put([{ entry: { ...told, seq, at }, sender: draft.sender }]);
    } else {
      const start = { first: 1, last: seq - 1, at };
      const [outcome] = this.#writer.write([draft], start).outcomes;
      if (outcome instanceof Refusal) throw outcome;
      if (outcome!.duplicate) throw new Error(`it is what ${outcome!.seq} is already`);
    }
    const without = textless === "own" ? seq : textless ?? 0;
    if (without >= this.#first) this.#textless.add(without);
    if (print !== undefined) this.#setPrint.run(print, seq);
    this.#last = { seq, at };
    this.count++;
    const hasText = "text" in draft && draft.text !== row.text;
    if (draft.from !== row.from || hasText) this.cleaned++;
  }

  #forgottenId(row: Row): void {
    const seq = whole(row, "seq");
    if (this.#first === undefined || seq >= this.#first) {
      throw new Error(`the id of message ${seq} is said to be older than the first message`);
    }
    const id = parseId(text(row, "id"))!;
    const print = row.print === undefined ? null : whole(row, "print", 0, 2 ** 32 - 1);
    this.#forget.run(text(row, "sender"), id, seq, print);
    this.#forgotten++;
  }
}
