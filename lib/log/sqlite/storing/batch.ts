import type { DatabaseSync } from "node:sqlite";
import { changedBy } from "../../../model/change.ts";
import type {
  DeleteDraft,
  Draft,
  EditDraft,
  MessageDraft,
  ReactionDraft,
} from "../../../model/draft.ts";
import {
  type Change,
  type Entry,
  isChange,
  LIMITS,
  type Message,
  type Outcome,
  type ReactionChange,
  textOf,
} from "../../../model/message.ts";
import { Refusal } from "../../../model/refusal.ts";
import { COLUMNS, fieldsOf, message, toEntry } from "../rows.ts";
import { contentOf, fingerprint } from "./content.ts";
import { KnownIds } from "./known_ids.ts";
import { Reactors } from "./reactors.ts";

/** Where a batch begins, and when it is. */
export interface BatchStart {
  /** The kept range before it. */
  readonly first: number;
  readonly last: number;
  readonly at: number;
}

/** What became of the drafts of one batch. */
export interface StoredBatch {
  /** One for each draft. */
  readonly outcomes: readonly Outcome[];
  /** What was stored, as it is after the whole batch. */
  readonly entries: readonly Entry[];
  /** Entries before it that it has changed, as they were, by their seq. */
  readonly replaced: ReadonlyMap<number, Entry>;
}

export interface BatchWriterOptions {
  /** Told within the transaction that a message has another text. */
  readonly onText: (seq: number, text: string) => void;
  /** Told within the transaction that a message is deleted. */
  readonly onDelete: (seq: number) => void;
}

/** An entry that a batch changes. */
interface Touched {
  readonly before: Entry;
  /** Whose it is, and what was kept of what they said first. */
  readonly sender: string;
  readonly print: number | null;
  now: Entry;
}

/** Decides what becomes of drafts, in order, and stores it: the entries, and what they make of others. */
export class BatchWriter {
  readonly #ids: KnownIds;
  readonly #reactors: Reactors;
  readonly #options: BatchWriterOptions;
  readonly #insert;
  readonly #insertMore;
  readonly #find;
  readonly #editsOf;
  readonly #update;
  readonly #addFile;
  readonly #removeFiles;

  constructor(db: DatabaseSync, options: BatchWriterOptions) {
    this.#ids = new KnownIds(db);
    this.#reactors = new Reactors(db);
    this.#options = options;
    this.#insert = db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#insertMore = db.prepare(
      `INSERT INTO entries (seq, at, sender, id, name, text, type, fields, ref)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#find = db.prepare(`SELECT ${COLUMNS}, sender, print FROM entries WHERE seq = ?`);
    this.#editsOf = db.prepare(
      `SELECT ${COLUMNS}, sender, print FROM entries
       WHERE ref = ? AND type = 'edit' AND entries.text <> ''`,
    );
    this.#update = db.prepare("UPDATE entries SET text = ?, fields = ?, print = ? WHERE seq = ?");
    this.#addFile = db.prepare("INSERT OR IGNORE INTO files (file, seq) VALUES (?, ?)");
    this.#removeFiles = db.prepare("DELETE FROM files WHERE seq = ?");
  }

  /** Within a transaction of the caller's. */
  write(drafts: readonly Draft[], { first, last, at }: BatchStart): StoredBatch {
    const outcomes: Outcome[] = [];
    const entries: Entry[] = [];
    const touched = new Map<number, Touched>();
    let seq = last;
    for (const draft of drafts) {
      const { sender, id, from } = draft;
      // Where nothing was ever trimmed, nobody has to look.
      let outcome = first > 1 ? this.#ids.forgotten(draft) : undefined;
      let entry: Entry | undefined;
      if (!outcome && isPlain(draft)) {
        const { changes } = this.#insert.run(seq + 1, at, sender, id ?? null, from, draft.text);
        if (changes === 1) entry = message(seq + 1, at, id, from, draft.text);
        else outcome = this.#ids.kept(draft);
      } else if (!outcome) {
        outcome = this.#ids.kept(draft);
        const made = outcome ?? this.#make(draft, seq + 1, at, touched);
        if ("at" in made) this.#store(entry = made, draft, touched);
        else outcome = made;
      }
      if (entry) {
        seq++;
        entries.push(entry);
        outcome = { seq, duplicate: false };
      }
      outcomes.push(outcome!);
    }
    const replaced = new Map<number, Entry>();
    for (const [seq, each] of touched) {
      if (each.now === each.before) continue;
      this.#write(each);
      if (seq > last) entries[seq - last - 1] = each.now;
      else replaced.set(seq, each.before);
    }
    return { outcomes, entries, replaced };
  }

  /** Stores an entry as it is, whatever it says of others; within a transaction of the caller's. */
  put(entry: Entry, sender: string): void {
    const { type, seq, at, id, from } = entry;
    this.#insertMore.run(
      seq,
      at,
      sender,
      id ?? null,
      from,
      textOf(entry),
      type === "message" ? null : type,
      fieldsOf(entry),
      isChange(entry) ? entry.ref : null,
    );
    if (entry.type !== "message") return;
    for (const { id } of entry.files ?? []) this.#addFile.run(id, seq);
  }

  /** The entry that a draft becomes; or why it becomes none. */
  #make(draft: Draft, seq: number, at: number, touched: Map<number, Touched>): Entry | Outcome {
    const { id, from } = draft;
    const common = { seq, at, ...(id !== undefined && { id }), from };
    switch (draft.type) {
      case undefined:
      case "message":
        return this.#makeMessage(draft, common);
      case "topic":
        return { type: "topic", ...common, text: draft.text };
    }
    const target = this.#touch(draft.ref, touched);
    const refusal = refusalOf(draft, target);
    if (refusal) return refusal;
    const { ref } = draft;
    switch (draft.type) {
      case "edit":
        return { type: "edit", ...common, ref, text: draft.text };
      case "delete":
        return { type: "delete", ...common, ref };
      case "reaction":
        return this.#makeReaction(draft, common, target!.now as Message);
    }
  }

  #makeMessage(
    { text, re, files, refusal }: MessageDraft,
    common: Pick<Entry, "seq" | "at" | "from">,
  ): Message | Refusal {
    if (refusal) return refusal;
    const more = { ...(files && files.length > 0 && { files }) };
    if (re === undefined) return { type: "message", ...common, text, ...more };
    const row = this.#find.get(re);
    if (!row) return notFound(re);
    if (row.type !== null) return noMessage(re);
    return { type: "message", ...common, text, re, to: row.from as string, ...more };
  }

  #makeReaction(
    draft: ReactionDraft,
    common: Pick<Entry, "seq" | "at" | "from">,
    { seq, reactions = [] }: Message,
  ): ReactionChange | Outcome {
    const { ref, emoji, on } = draft;
    const before = this.#reactors.find(draft);
    if (before.on === on) return { seq: before.seq ?? seq, duplicate: true };
    const shown = reactions.find((each) => each.emoji === emoji);
    if (on && !shown && reactions.length >= LIMITS.reactions) {
      return new Refusal(
        "bad_request",
        `#${ref} has ${LIMITS.reactions} different emoji already; more are not accepted`,
      );
    }
    this.#reactors.set(draft, common.seq);
    const { count = 0, names = [] } = shown ?? {};
    return {
      type: "reaction",
      ...common,
      ref,
      emoji,
      on,
      count: count + (on ? 1 : -1),
      names: !on
        ? this.#reactors.names(draft)
        : count < LIMITS.reactors
        ? [...names, common.from]
        : names,
    };
  }

  #store(entry: Entry, { sender }: Draft, touched: Map<number, Touched>): void {
    this.put(entry, sender);
    if (isChange(entry)) this.#apply(entry, touched);
  }

  #apply(change: Change, touched: Map<number, Touched>): void {
    const { ref } = change;
    const target = touched.get(ref)!;
    if (change.type === "delete") {
      if ((target.now as Message).edited !== undefined) {
        for (const row of this.#editsOf.all(ref)) {
          const edit = toTouched(row);
          edit.now = changedBy(edit.before, change);
          touched.set(edit.before.seq, edit);
        }
      }
      this.#reactors.remove(ref);
      this.#removeFiles.run(ref);
      this.#options.onDelete(ref);
    }
    target.now = changedBy(target.now, change);
  }

  /** An entry as the batch has made it so far. */
  #touch(seq: number, touched: Map<number, Touched>): Touched | undefined {
    const known = touched.get(seq);
    if (known) return known;
    const row = this.#find.get(seq);
    if (!row) return undefined;
    const found = toTouched(row);
    touched.set(seq, found);
    return found;
  }

  #write({ before, now, print }: Touched): void {
    const [was, is] = [textOf(before), textOf(now)];
    // With its files, a text is all that a message or an edit was and may be no longer.
    const changes = was !== is || contentOf(before) !== contentOf(now);
    const kept = print ??
      (changes && before.id !== undefined ? fingerprint(contentOf(before)) : null);
    this.#update.run(is, fieldsOf(now), kept, now.seq);
    if (before.type === "message" && was !== is) this.#options.onText(before.seq, is);
  }
}

function isPlain(draft: Draft): draft is MessageDraft {
  return (draft.type === undefined || draft.type === "message") && draft.re === undefined &&
    draft.files === undefined;
}

function toTouched(row: Record<string, unknown>): Touched {
  const before = toEntry(row);
  return { before, now: before, sender: row.sender as string, print: row.print as number | null };
}

/** Why a message cannot be changed so; undefined where it can. */
function refusalOf(
  draft: EditDraft | DeleteDraft | ReactionDraft,
  target: Touched | undefined,
): Refusal | undefined {
  const { type, ref, sender } = draft;
  if (!target) return notFound(ref);
  if (target.now.type !== "message") return noMessage(ref);
  if (target.now.deleted) return new Refusal("bad_request", `#${ref} was deleted already`);
  if (type === "reaction") return undefined;
  const isOwn = target.sender === sender || (type === "delete" && draft.operator === true);
  if (!isOwn) return new Refusal("forbidden", `#${ref} is not yours`);
  if (type === "edit" && target.now.at < draft.notBefore) {
    return new Refusal("forbidden", `#${ref} is too old to be edited`);
  }
  return undefined;
}

function notFound(seq: number): Refusal {
  return new Refusal("not_found", `there is no message #${seq}, or it is no longer kept`);
}

function noMessage(seq: number): Refusal {
  return new Refusal("bad_request", `#${seq} is not a message`);
}
