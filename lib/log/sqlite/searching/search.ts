import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventLoop } from "../../../base/event_loop.ts";
import { fold } from "../../../model/search/fold.ts";
import type { Message } from "../../../model/message.ts";
import type { Found } from "../../log.ts";
import { COLUMNS, IS_MESSAGE, toMessage } from "../rows.ts";

/** How long one search may look; what it has found by then is its answer. */
export const SEARCH_MS = 2000;
/** Texts read in one step, and so long as the index helps, texts looked up: some 10 ms each. */
export const SCAN_STEP = 5000;
const LOOK_UP_STEP = 20_000;

/** Plain data, so that it can be sent to a worker. */
export interface SearchQuery {
  /** As `wordsOf` returns them. */
  readonly words: readonly string[];
  /** The name of whose messages are searched, folded; by default everybody's. */
  readonly from?: string;
  /** Entries from `first` on and before `end` are searched. */
  readonly first: number;
  readonly end: number;
  /** Up to this seq the texts are in the index. It may grow while the search goes on. */
  readonly indexed: number;
  readonly limit: number;
}

export interface SearchOptions {
  readonly loop: EventLoop;
  readonly signal: AbortSignal;
}

/**
 * Finds the messages that have all words and are from whom was asked for, newest first, in steps between which others have their turn.
 * Ends with what it has found when the signal aborts or the time is over. `prepareToSearch` was called
 * for the database.
 */
export async function search(
  db: DatabaseSync,
  query: SearchQuery,
  { loop, signal }: SearchOptions,
): Promise<Found> {
  const entries: Message[] = [];
  const start = loop.monotonic();
  let looked = query.end;
  let paused = query.end;
  for (const step of searchSteps(db, query)) {
    entries.push(...step.entries);
    looked = step.from;
    if (looked <= query.first || entries.length >= query.limit) return { entries };
    if (paused - looked >= SCAN_STEP) {
      await new Promise<void>((resolve) => loop.soon(resolve));
      paused = looked;
    }
    if (signal.aborted || loop.monotonic() - start >= SEARCH_MS) {
      return { entries, unfinished: looked };
    }
  }
  return { entries };
}

interface Step {
  readonly entries: readonly Message[];
  /** Everything from this seq on has been looked at. */
  readonly from: number;
}

function* searchSteps(
  db: DatabaseSync,
  { words, from: name, first, end, indexed, limit }: SearchQuery,
): Generator<Step> {
  // The index knows runs of three characters.
  const long = words.filter((word) => [...word].length >= 3);
  const short = words.filter((word) => !long.includes(word));
  // What was deleted has no words, but somebody has written it.
  const others = words.length > 0 ? "" : `AND ${IS_KEPT}`;
  const sender = name === undefined ? [] : [name];
  const more = `${others} ${sender.map(() => "AND fold(name) = ?").join("")}`;
  const scannedFrom = long.length > 0 ? Math.max(first, indexed + 1) : first;
  let left = limit;
  let to = end;
  const step = (from: number, statement: StatementSync, ...values: string[]): Step => {
    const entries = statement.all(...values, from, to, left).map(toMessage);
    left -= entries.length;
    to = from;
    return { entries, from };
  };

  if (to > scannedFrom) {
    const scan = db.prepare(
      `SELECT ${COLUMNS} FROM entries
       WHERE ${IS_MESSAGE} ${
        having(words)
      } ${more} AND seq >= ? AND seq < ? ORDER BY seq DESC LIMIT ?`,
    );
    while (to > scannedFrom && left > 0) {
      yield step(Math.max(scannedFrom, to - SCAN_STEP), scan, ...words, ...sender);
    }
  }
  if (to > first && left > 0) {
    const lookUp = db.prepare(
      `SELECT ${COLUMNS} FROM words CROSS JOIN entries ON seq = words.rowid
       WHERE words MATCH ? ${having(short)} ${more} AND words.rowid >= ? AND words.rowid < ?
       ORDER BY words.rowid DESC LIMIT ?`,
    );
    const phrases = long.map((word) => `"${word.replaceAll('"', '""')}"`).join(" ");
    while (to > first && left > 0) {
      yield step(Math.max(first, to - LOOK_UP_STEP), lookUp, phrases, ...short, ...sender);
    }
  }
}

/** As SQL: it was not deleted. */
const IS_KEPT = "(fields IS NULL OR json_extract(fields, '$.deleted') IS NULL)";

/** The words of a query, each of which a text must have. */
export function wordsOf(query: string): string[] {
  // SQLite would take a NUL for the end of the query.
  return fold(query.replaceAll("\0", " ")).split(/\s+/u).filter((word) => word !== "");
}

/** Gives a connection what searching and indexing need. */
export function prepareToSearch(db: DatabaseSync): void {
  db.function("fold", { deterministic: true }, (text) => fold(String(text)));
  db.function(
    "has",
    { deterministic: true },
    (text, word) => Number(fold(String(text)).includes(String(word))),
  );
}

/**
 * A condition on each folded word. What is written in one way only SQLite itself finds, and faster: of
 * CJK and hangul, and the digits and marks of ASCII.
 */
function having(words: readonly string[]): string {
  return words.map((word) =>
    ONE_FORM.test(word) ? "AND instr(entries.text, ?)" : "AND has(entries.text, ?)"
  ).join(" ");
}

const ONE_FORM = /^[!-@[-`{-~\u3000-\u9fff\uac00-\ud7a3\u{20000}-\u{3ffff}]+$/u;
