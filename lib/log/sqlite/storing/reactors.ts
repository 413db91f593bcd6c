import type { DatabaseSync } from "node:sqlite";
import type { ReactionDraft } from "../../../model/draft.ts";
import { LIMITS, type ReactionChange } from "../../../model/message.ts";

/** Who has reacted to which message with what, and who has taken it back. */
export class Reactors {
  readonly #find;
  readonly #set;
  readonly #names;
  readonly #remove;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(
      "SELECT seq, active FROM reactions WHERE ref = ? AND emoji = ? AND sender = ?",
    );
    this.#set = db.prepare(
      `INSERT OR REPLACE INTO reactions (ref, emoji, sender, name, seq, active)
       VALUES (?, ?, ?, ?, ?, ?)`,
    );
    this.#names = db.prepare(
      `SELECT name FROM reactions WHERE ref = ? AND emoji = ? AND active = 1 AND sender <> ?
       ORDER BY seq LIMIT ${LIMITS.reactors}`,
    );
    this.#remove = db.prepare("DELETE FROM reactions WHERE ref = ?");
  }

  /** Whether somebody has that emoji on the message now, and the seq of what made it so, if anything did. */
  find({ ref, emoji, sender }: ReactionDraft): { on: boolean; seq: number | undefined } {
    const row = this.#find.get(ref, emoji, sender);
    return { on: row?.active === 1, seq: row?.seq as number | undefined };
  }

  set({ seq, ref, emoji, from, on }: ReactionChange, sender: string): void {
    this.#set.run(ref, emoji, sender, from, seq, Number(on));
  }

  /** Those who reacted first, but for the sender. */
  namesWithout({ ref, emoji, sender }: ReactionDraft): string[] {
    return this.#names.all(ref, emoji, sender).map(({ name }) => name as string);
  }

  /** The message is gone. */
  remove(ref: number): void {
    this.#remove.run(ref);
  }
}
