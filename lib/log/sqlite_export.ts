import type { DatabaseSync } from "node:sqlite";
import { openArchived } from "./sqlite/file.ts";
import { COLUMNS, readKeptTopic, toEntry } from "./sqlite/rows.ts";

/** Rows read at a time: an export beside a busy server never holds much. */
const PAGE = 1000;

/**
 * The log as lines of JSON, without their ends: a head that says how many lines of each kind follow,
 * then every entry as it is now, with its sender, then the ids of entries that are no longer kept:
 *
 *     {"type":"log","v":1,"epoch":"k3xw0q2d","messages":1,"topics":1,"changes":1,"forgotten":1}
 *     {"type":"message","seq":7,"at":1795215600000,"sender":"…","id":"c-7f","from":"ann","text":"hi"}
 *     {"type":"topic","seq":8,"at":1795215600001,"sender":"…","from":"ann","text":"tea"}
 *     {"type":"edit","seq":9,"at":1795215600002,"sender":"…","from":"ann","ref":7,"text":"hi"}
 *     {"type":"forgotten","seq":6,"sender":"…","id":"c-7e","print":3054198966}
 *
 * `id` only where there is one; `epoch` tells where the lines come from, and is not imported; `topics`
 * and `changes` (edits, deletes and reactions) only where there are any, and `topic` in the head where the newest is no
 * longer kept as an entry; `print` is the fingerprint of what was said first under an id, where that is
 * no longer there. What changes have made of a message is told with it, and made again from their lines
 * by an import. One consistent state, also while a server writes to the file. Throws a StartupError
 * where the file cannot be read.
 */
export function* exportLines(path: string): Generator<string> {
  const db = openArchived(path);
  try {
    db.exec("BEGIN"); // one snapshot for all that follows
    const layout = layoutOf(db);
    const kept = readKeptTopic(db);
    yield JSON.stringify({
      type: "log",
      v: 1,
      epoch: one(db, "SELECT value FROM meta WHERE key = 'epoch'"),
      ...countsOf(db, layout),
      ...(kept && { topic: kept }),
    });
    const page = db.prepare(
      `SELECT ${columnsOf(layout)}, sender FROM entries
       WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
    );
    for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)!.seq as number)) {
      for (const row of rows) yield lineOf(row);
    }
    if (!layout.hasForgotten) return;
    const forgotten = db.prepare(
      `SELECT 'forgotten' AS type, seq, sender, id, ${layout.hasChanges ? "print" : "NULL AS print"}
       FROM forgotten`,
    );
    for (const row of forgotten.iterate()) {
      yield JSON.stringify({ ...row, print: row.print ?? undefined });
    }
  } finally {
    db.close();
  }
}

/** A log of an older version is read as it is: what it does not know, it does not have. */
interface Layout {
  readonly hasForgotten: boolean;
  readonly hasTypes: boolean;
  readonly hasChanges: boolean;
}

function layoutOf(db: DatabaseSync): Layout {
  const hasColumn = (name: string) =>
    one(db, `SELECT 1 FROM pragma_table_info('entries') WHERE name = '${name}'`) === 1;
  return {
    hasForgotten: one(db, "SELECT 1 FROM sqlite_schema WHERE name = 'forgotten'") === 1,
    hasTypes: hasColumn("type"),
    hasChanges: hasColumn("ref"),
  };
}

/** As SQL: what `toEntry` takes, and the fingerprint. */
function columnsOf({ hasTypes, hasChanges }: Layout): string {
  if (hasChanges) return `${COLUMNS}, print`;
  const type = hasTypes ? "type" : "NULL AS type";
  return `seq, at, id, name AS "from", text, ${type}, NULL AS fields, NULL AS ref, NULL AS print`;
}

function countsOf(db: DatabaseSync, { hasForgotten, hasTypes }: Layout) {
  const count = (sql: string) => one(db, `SELECT count(*) FROM ${sql}`) as number;
  const topics = hasTypes ? count("entries WHERE type = 'topic'") : 0;
  const changes = hasTypes ? count("entries WHERE type IN ('edit', 'delete', 'reaction')") : 0;
  return {
    messages: count("entries") - topics - changes,
    ...(topics > 0 && { topics }),
    ...(changes > 0 && { changes }),
    forgotten: hasForgotten ? count("forgotten") : 0,
  };
}

function lineOf(row: Record<string, unknown>): string {
  const { type, seq, at, id, ...more } = toEntry(row);
  const { sender, print } = row;
  // What is undefined is left out.
  return JSON.stringify({ type, seq, at, sender, id, ...more, print: print ?? undefined });
}

function one(db: DatabaseSync, sql: string): unknown {
  return Object.values(db.prepare(sql).get() ?? {})[0];
}
