import type { DatabaseSync } from "node:sqlite";
import { type Entry, type Message, textOf } from "../../model/message.ts";
import type { MessageRange, ReadRange } from "../log.ts";
import { COLUMNS, IS_MESSAGE, toEntry } from "./rows.ts";

/** As far back somebody's last message is looked for: a few milliseconds. */
const LOOKED_BACK = 10_000;

const NOTHING: ReadonlyMap<number, Entry> = new Map();

/** Reads entries, none newer than the `last` that it is given. */
export class Pages {
  /** Entries that have been changed on their way to the disk, as they were: until then nobody sees it. */
  replaced = NOTHING;
  readonly #readAfter;
  readonly #readBefore;
  readonly #messagesAfter;
  readonly #messagesBefore;
  readonly #findMessage;
  readonly #findFile;
  readonly #findLastOf;

  constructor(db: DatabaseSync) {
    this.#readAfter = db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq > ? AND seq <= ? ORDER BY seq LIMIT ?`,
    );
    this.#readBefore = db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq < ? ORDER BY seq DESC LIMIT ?`,
    );
    this.#messagesAfter = db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq > ? AND seq <= ? AND ${IS_MESSAGE}
       ORDER BY seq LIMIT ?`,
    );
    this.#messagesBefore = db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq < ? AND ${IS_MESSAGE} ORDER BY seq DESC LIMIT ?`,
    );
    this.#findMessage = db.prepare(
      `SELECT ${COLUMNS} FROM entries WHERE seq = ? AND ${IS_MESSAGE}`,
    );
    this.#findFile = db.prepare("SELECT 1 FROM files WHERE file = ? LIMIT 1");
    this.#findLastOf = db.prepare(
      `SELECT seq FROM entries WHERE seq > ? AND seq <= ? AND sender = ? AND ${IS_MESSAGE}
       AND (fields IS NULL OR fields ->> 'deleted' IS NULL) ORDER BY seq DESC LIMIT 1`,
    );
  }

  /** All is on the disk: what was replaced can be forgotten. */
  settle(): void {
    this.replaced = NOTHING;
  }

  read(range: ReadRange, last: number): readonly Entry[] {
    if ("before" in range) {
      const before = Math.min(range.before, last + 1);
      return this.#readBefore.all(before, range.limit).map(this.#toEntry).reverse();
    }
    const entries: Entry[] = [];
    let characters = range.characters ?? Infinity;
    for (const row of this.#readAfter.iterate(range.after, last, range.limit)) {
      const entry = this.#toEntry(row);
      entries.push(entry);
      characters -= textOf(entry).length + ((row.fields as string | null)?.length ?? 0);
      if (characters <= 0) break;
    }
    return entries;
  }

  readMessages(range: MessageRange, last: number): readonly Message[] {
    if ("after" in range) {
      return this.#messagesAfter.all(range.after, last, range.limit).map(this.#toMessage);
    }
    const before = Math.min(range.before, last + 1);
    return this.#messagesBefore.all(before, range.limit).map(this.#toMessage).reverse();
  }

  /** A message as it is now; undefined where it is none, or not there. */
  message(seq: number): Message | undefined {
    const row = this.#findMessage.get(seq);
    return row && this.#toMessage(row);
  }

  lastMessageOf(sender: string, last: number): number | undefined {
    const row = this.#findLastOf.get(last - LOOKED_BACK, last, sender);
    return row?.seq as number | undefined;
  }

  hasFile(id: string): boolean {
    if (this.#findFile.get(id)) return true;
    for (const entry of this.replaced.values()) {
      if (entry.type === "message" && entry.files?.some((file) => file.id === id)) return true;
    }
    return false;
  }

  readonly #toEntry = (row: Record<string, unknown>): Entry =>
    this.replaced.get(row.seq as number) ?? toEntry(row);

  readonly #toMessage = (row: Record<string, unknown>): Message => this.#toEntry(row) as Message;
}
