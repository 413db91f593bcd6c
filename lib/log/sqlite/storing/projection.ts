import type { DatabaseSync } from "node:sqlite";
import { changedBy } from "../../../model/change.ts";
import { type Change, type Entry, type Message, textOf } from "../../../model/message.ts";
import { COLUMNS, fieldsOf, toEntry } from "../rows.ts";
import { contentOf, fingerprint } from "./content.ts";
import type { Reactors } from "./reactors.ts";

/** An entry that changes are about. */
export interface Target {
  readonly before: Entry;
  /** Whose it is, and what was kept of what they said first. */
  readonly sender: string;
  readonly print: number | null;
  now: Entry;
}

export interface ProjectionOptions {
  /** Told within the transaction that a message has another text. */
  readonly onText: (seq: number, text: string) => void;
  /** Told within the transaction that a message is deleted. */
  readonly onDelete: (seq: number) => void;
}

/**
 * What changes make of the messages that they are about. During a batch that is kept in memory, so that
 * each message is written once for all of its changes.
 */
export class Projection {
  readonly #reactors: Reactors;
  readonly #options: ProjectionOptions;
  readonly #find;
  readonly #editsOf;
  readonly #update;
  readonly #removeFiles;
  #targets = new Map<number, Target>();

  constructor(db: DatabaseSync, reactors: Reactors, options: ProjectionOptions) {
    this.#reactors = reactors;
    this.#options = options;
    this.#find = db.prepare(`SELECT ${COLUMNS}, sender, print FROM entries WHERE seq = ?`);
    this.#editsOf = db.prepare(
      `SELECT ${COLUMNS}, sender, print FROM entries
       WHERE ref = ? AND type = 'edit' AND entries.text <> ''`,
    );
    this.#update = db.prepare("UPDATE entries SET text = ?, fields = ?, print = ? WHERE seq = ?");
    this.#removeFiles = db.prepare("DELETE FROM files WHERE seq = ?");
  }

  /** Begins a batch. One that was not finished has been rolled back. */
  begin(): void {
    this.#targets = new Map();
  }

  /** An entry as the batch has made it so far. */
  find(seq: number): Target | undefined {
    const known = this.#targets.get(seq);
    if (known) return known;
    const row = this.#find.get(seq);
    if (!row) return undefined;
    const found = toTarget(row);
    this.#targets.set(seq, found);
    return found;
  }

  /** Takes in a change of a message that is there, stored by `sender`. */
  apply(change: Change, sender: string): void {
    const { ref } = change;
    const target = this.find(ref)!;
    if (change.type === "reaction") this.#reactors.set(change, sender);
    if (change.type === "delete") {
      if ((target.now as Message).edited !== undefined) {
        for (const row of this.#editsOf.all(ref)) {
          const edit = toTarget(row);
          edit.now = changedBy(edit.before, change);
          this.#targets.set(edit.before.seq, edit);
        }
      }
      this.#reactors.remove(ref);
      this.#removeFiles.run(ref);
      this.#options.onDelete(ref);
    }
    target.now = changedBy(target.now, change);
  }

  /** Writes what the batch has changed, and returns it. */
  finish(): readonly Target[] {
    const changed: Target[] = [];
    for (const target of this.#targets.values()) {
      if (target.now === target.before) continue;
      this.#write(target);
      changed.push(target);
    }
    return changed;
  }

  #write({ before, now, print }: Target): void {
    const [was, is] = [textOf(before), textOf(now)];
    // With its files, a text is all that a message or an edit was and may be no longer.
    const changes = was !== is || contentOf(before) !== contentOf(now);
    const kept = print ??
      (changes && before.id !== undefined ? fingerprint(contentOf(before)) : null);
    this.#update.run(is, fieldsOf(now), kept, now.seq);
    if (before.type === "message" && was !== is) this.#options.onText(before.seq, is);
  }
}

function toTarget(row: Record<string, unknown>): Target {
  const before = toEntry(row);
  return { before, now: before, sender: row.sender as string, print: row.print as number | null };
}
