import type { Histogram } from "../base/observe/histogram.ts";
import type { Draft } from "../model/draft.ts";
import type { Entry, Message, Outcome, Topic } from "../model/message.ts";
import type { LogBounds } from "../model/cursor.ts";

/**
 * Up to `limit` entries next to a position: the oldest after `after`, or the newest before `before`.
 * With `characters`, a log may stop where the texts have so many, so that nothing is read in vain; at
 * least one entry comes where there is one.
 */
export type ReadRange =
  | { readonly after: number; readonly limit: number; readonly characters?: number }
  | { readonly before: number; readonly limit: number };

/** As `ReadRange`, of messages alone: other entries are passed over, and do not count. */
export type MessageRange =
  | { readonly after: number; readonly limit: number }
  | { readonly before: number; readonly limit: number };

export interface Search {
  /** Words, each of which must occur in the text, in any place, in any case and with any accents. */
  readonly query: string;
  /** Only messages under this name, as it is folded. */
  readonly from?: string;
  /** Only entries newer, and older, than these seqs. */
  readonly after?: number;
  readonly before?: number;
  readonly limit: number;
  /** Aborted when nobody waits for the answer any more: then the search ends with what it has. */
  readonly signal?: AbortSignal;
}

/** The messages that a search found, newest first. */
export interface Found {
  readonly entries: readonly Message[];
  /**
   * Where the search ended before it had looked everywhere, for its time or its signal: it has looked
   * at all entries from this seq on, and may be continued with it as `before`.
   */
  readonly unfinished?: number;
}

/**
 * The one ordered, durable history. What every log promises, and `tests/log/log_contract.ts` holds it to:
 *
 * - `seq` is dense: 1, 2, 3, … in the order of `append`, and no seq is ever given twice.
 * - `append` resolves when all of its drafts are stored durably, but those whose outcome is a Refusal;
 *   or rejects with none of them stored, with a Refusal, `unavailable`, where it can be tried again. A
 *   draft that is refused as `unavailable` may be stored or not; a retry with its id tells. Whether a draft is refused is decided in order, by what was
 *   stored before it, and by nothing else: `not_found` where there is no entry `ref` or `re` (any more),
 *   `bad_request` where that is no message, is deleted already, or has too many emoji, `forbidden` where
 *   it is somebody else's, or too old to be edited; and as a message's missing files say.
 * - A draft whose `id` its `sender` has used before, in this call or any earlier one, stores nothing;
 *   its receipt has the first one's seq and `duplicate: true`, or, where that was something else, it is
 *   refused (`bad_request`). A reaction that changes nothing stores nothing either: its receipt has the
 *   seq of the reaction that made it so, of the message where none did, and its `id` stays free.
 * - What is read is as it is now: each message as `changedBy` all changes of it that are stored, and an
 *   edit of a message that was deleted or trimmed without its text. A deleted text, also of an edit,
 *   is in no file of the log a minute later.
 * - Each stored entry is announced to every watcher exactly once, in order, before its append resolves,
 *   by whomever it was written, as it is then: what changes it later is announced after it. Duplicates
 *   are not announced.
 * - `last` is the newest entry announced, and no reading method returns anything newer.
 * - `trim` forgets the oldest entries and never the newest; their ids stay known, and seq goes on.
 * - `topic` is the newest topic announced, also where its entry has been forgotten.
 * - `epoch` is the same for as long as the entries are, and differs between logs; a log that was
 *   restored, copied or imported is another log.
 * - Once it is `broken`, it stays so until it is opened again: `append` and `trim` reject with that
 *   error and change nothing. Reading and searching may go on.
 *
 * The caller makes `appendsAtOnce` appends at a time at most; they are stored in the order of the calls.
 */
export interface Log extends LogBounds, AsyncDisposable {
  /** Why nothing can be stored any more; the log has reported it. */
  readonly broken: Error | undefined;
  /** What the room is about; undefined where nobody has said so yet. */
  readonly topic: Topic | undefined;
  readonly appendsAtOnce: number;
  append(drafts: readonly Draft[]): Promise<readonly Outcome[]>;
  /** Entries in ascending order, without a hole between them. */
  read(range: ReadRange): Promise<readonly Entry[]>;
  /** Messages in ascending order, without a message left out between them. */
  readMessages(range: MessageRange): Promise<readonly Message[]>;
  /**
   * Messages that have all words of the query; a query without words and filters finds none. Takes a few seconds at most, and not of the event loop.
   * Rejects with a Refusal, `unavailable`, where too many wait for theirs.
   */
  search(search: Search): Promise<Found>;
  /**
   * The newest message that somebody has said and that is not deleted; undefined where there is none
   * among the newest 10,000 entries.
   */
  lastMessageOf(sender: string): Promise<number | undefined>;
  /**
   * Whether a message has the file with that id. What a message no longer has since it was deleted or
   * trimmed, none may have: a delete is announced, and who trims knows.
   */
  hasFile(id: string): Promise<boolean>;
  /**
   * Resolves when that entry is announced, which somebody has seen elsewhere; at once where this log has
   * everything there is, or cannot know.
   */
  reach(seq: number): Promise<void>;
  /** Forgets entries older than a seq, at most `limit` of them; resolves with how many. */
  trim(before: number, limit: number): Promise<number>;
  /** Calls `listener` with what has been stored, at least one entry each time, until disposed. */
  watch(listener: (entries: readonly Entry[]) => void): Disposable;
}

/** A log that is kept somewhere, as the server has it. */
export interface KeptLog extends Log {
  /** How long transactions of messages took, in milliseconds. To be read. */
  readonly commits: Histogram;
  /** How long it took until they were safe: on the disk, or where all nodes have them from. */
  readonly syncs: Histogram;
  /**
   * Resolves when all is announced here that any node had stored by the call; rejects where that cannot be
   * told now. A log that nobody else stores anything in does without.
   */
  caughtUp?(): Promise<void>;
}
