import type { DatabaseSync } from "node:sqlite";
import type { Draft } from "../../../model/draft.ts";
import type { Outcome } from "../../../model/message.ts";
import { Refusal } from "../../../model/refusal.ts";
import { COLUMNS, toEntry } from "../rows.ts";
import { contentOf, fingerprint } from "./content.ts";

/** What senders have used their ids for: entries that are kept, and those that are not any more. */
export class KnownIds {
  readonly #find;
  readonly #findForgotten;

  constructor(db: DatabaseSync) {
    this.#find = db.prepare(`SELECT ${COLUMNS}, print FROM entries WHERE sender = ? AND id = ?`);
    this.#findForgotten = db.prepare(
      "SELECT seq, print FROM forgotten WHERE sender = ? AND id = ?",
    );
  }

  /** What becomes of a draft whose id its sender has used for an entry that is kept. */
  kept(draft: Draft): Outcome | undefined {
    if (draft.id === undefined) return undefined;
    const row = this.#find.get(draft.sender, draft.id);
    if (!row) return undefined;
    const content = contentOf(draft);
    const isSame = row.print === null
      ? contentOf(toEntry(row)) === content
      : row.print === fingerprint(content);
    return isSame ? duplicate(row.seq as number) : usedFor(draft.id, row.seq as number);
  }

  /** The same for an entry that was trimmed. */
  forgotten(draft: Draft): Outcome | undefined {
    if (draft.id === undefined) return undefined;
    const row = this.#findForgotten.get(draft.sender, draft.id);
    if (!row) return undefined;
    // Versions that knew no changes have not noted what it was.
    const isSame = row.print === null || row.print === fingerprint(contentOf(draft));
    return isSame ? duplicate(row.seq as number) : usedFor(draft.id, row.seq as number);
  }
}

function duplicate(seq: number): Outcome {
  return { seq, duplicate: true };
}

function usedFor(id: string, seq: number): Refusal {
  return new Refusal(
    "bad_request",
    `the id "${id}" was used for something else, #${seq}; wanted a new one`,
  );
}
