import type { DatabaseSync } from "node:sqlite";
import type { Draft, MessageDraft } from "../../../model/draft.ts";
import { type Entry, isChange, type Outcome, textOf } from "../../../model/message.ts";
import { fieldsOf, message } from "../rows.ts";
import { contentOf, fingerprint } from "./content.ts";
import { Decider } from "./decider.ts";
import { Projection, type ProjectionOptions } from "./projection.ts";
import { Reactors } from "./reactors.ts";

/** Where a batch begins, and when it is. */
export interface BatchStart {
  /** The kept range before it. */
  readonly first: number;
  readonly last: number;
  readonly at: number;
}

/** What was stored of a batch. */
export interface StoredBatch {
  /** What was stored, as it is after the whole batch. */
  readonly entries: readonly Entry[];
  /** Entries before it that it has changed, as they were, by their seq. */
  readonly replaced: ReadonlyMap<number, Entry>;
}

/** What became of the drafts of one batch. */
export interface WrittenBatch extends StoredBatch {
  /** One for each draft. */
  readonly outcomes: readonly Outcome[];
}

/** An entry that was decided elsewhere, with what is not told of it. */
export interface Placed {
  readonly entry: Entry;
  readonly sender: string;
  /** What was kept of what its sender said first under its id, where that is no longer there. */
  readonly print?: number;
}

/** Stores entries, and what they make of others, in batches within a transaction of the caller's. */
export class BatchWriter {
  readonly #decider: Decider;
  readonly #projection: Projection;
  readonly #insertPlain;
  readonly #insert;
  readonly #addFile;

  constructor(db: DatabaseSync, options: ProjectionOptions) {
    const reactors = new Reactors(db);
    this.#projection = new Projection(db, reactors, options);
    this.#decider = new Decider(db, reactors, this.#projection);
    this.#insertPlain = db.prepare(
      "INSERT INTO entries (seq, at, sender, id, name, text) VALUES (?, ?, ?, ?, ?, ?) " +
        "ON CONFLICT DO NOTHING",
    );
    this.#insert = db.prepare(
      `INSERT INTO entries (seq, at, sender, id, name, text, type, fields, ref, print)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (sender, id) WHERE id IS NOT NULL DO NOTHING`,
    );
    this.#addFile = db.prepare("INSERT OR IGNORE INTO files (file, seq) VALUES (?, ?)");
  }

  /** Decides what becomes of a draft that comes next, and stores nothing. */
  decide(draft: Draft, { first, last, at }: BatchStart): Entry | Outcome {
    this.#projection.begin();
    return (first > 1 ? this.#decider.forgotten(draft) : undefined) ??
      this.#decider.kept(draft) ?? this.#decider.decide(draft, { seq: last + 1, at });
  }

  /** Decides what becomes of drafts, in order, and stores that. */
  write(drafts: readonly Draft[], { first, last, at }: BatchStart): WrittenBatch {
    this.#projection.begin();
    const outcomes: Outcome[] = [];
    const entries: Entry[] = [];
    let seq = last;
    for (const draft of drafts) {
      const { sender, id, from } = draft;
      // Where nothing was ever trimmed, nobody has to look.
      let outcome = first > 1 ? this.#decider.forgotten(draft) : undefined;
      let entry: Entry | undefined;
      if (!outcome && isPlain(draft)) {
        const { changes } = this.#insertPlain.run(
          seq + 1,
          at,
          sender,
          id ?? null,
          from,
          draft.text,
        );
        if (changes === 1) entry = message(seq + 1, at, id, from, draft.text);
        else outcome = this.#decider.kept(draft);
      } else if (!outcome) {
        const decided = this.#decider.kept(draft) ??
          this.#decider.decide(draft, { seq: seq + 1, at });
        if ("at" in decided) this.#store({ entry: entry = decided, sender });
        else outcome = decided;
      }
      if (entry) {
        seq++;
        entries.push(entry);
        outcome = { seq, duplicate: false };
      }
      outcomes.push(outcome!);
    }
    return { outcomes, ...this.#finish(entries) };
  }

  /**
   * Stores entries that were decided elsewhere, in order. A change of a message that is not there changes
   * nothing, and of an edit of one the text is left out.
   */
  put(placed: readonly Placed[]): StoredBatch {
    this.#projection.begin();
    return this.#finish(placed.map((each) => this.#store(each)));
  }

  /** Returns the entry as it is stored. */
  #store({ entry, sender, print }: Placed): Entry {
    if (!isChange(entry) || this.#projection.find(entry.ref)?.now.type === "message") {
      this.#add(entry, sender, print);
      if (isChange(entry)) this.#projection.apply(entry, sender);
      return entry;
    }
    const isText = entry.type === "edit" && entry.text !== "";
    const left = isText ? { ...entry, text: "" } : entry;
    this.#add(left, sender, print ?? (isText ? fingerprint(contentOf(entry)) : undefined));
    return left;
  }

  #add(entry: Entry, sender: string, print: number | undefined): void {
    const insert = (id: string | null) =>
      this.#insert.run(
        entry.seq,
        entry.at,
        sender,
        id,
        entry.from,
        textOf(entry),
        entry.type === "message" ? null : entry.type,
        fieldsOf(entry),
        isChange(entry) ? entry.ref : null,
        print ?? null,
      );
    const { changes } = insert(entry.id ?? null);
    // What was decided by who did not know of the first one has its place all the same.
    if (changes === 0) insert(null);
    if (entry.type !== "message") return;
    for (const { id } of entry.files ?? []) this.#addFile.run(id, entry.seq);
  }

  #finish(entries: Entry[]): StoredBatch {
    const replaced = new Map<number, Entry>();
    const first = entries[0]?.seq ?? Infinity;
    for (const { before, now } of this.#projection.finish()) {
      if (now.seq >= first) entries[now.seq - first] = now;
      else replaced.set(now.seq, before);
    }
    return { entries, replaced };
  }
}

function isPlain(draft: Draft): draft is MessageDraft {
  return (draft.type === undefined || draft.type === "message") && draft.re === undefined &&
    draft.files === undefined;
}
