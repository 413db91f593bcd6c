import type { DatabaseSync } from "node:sqlite";
import { openArchived } from "./sqlite/file.ts";
import { readKeptTopic } from "./sqlite/rows.ts";

/** Rows read at a time: an export beside a busy server never holds much. */
const PAGE = 1000;

/**
 * The log as lines of JSON, without their ends: a head that says how many lines of each kind follow,
 * then every entry with its sender, then the ids of entries that are no longer kept:
 *
 *     {"type":"log","v":1,"epoch":"k3xw0q2d","messages":1,"topics":1,"forgotten":1}
 *     {"type":"message","seq":7,"at":1795215600000,"sender":"…","id":"c-7f","from":"ann","text":"hi"}
 *     {"type":"topic","seq":8,"at":1795215600001,"sender":"…","from":"ann","text":"tea"}
 *     {"type":"forgotten","seq":6,"sender":"…","id":"c-7e"}
 *
 * `id` only where there is one; `epoch` tells where the lines come from, and is not imported; `topics`
 * only where there are any, and `topic` in the head where the newest is no longer kept as an entry. One
 * consistent state, also while a server writes to the file. Throws a StartupError where the file cannot be read.
 */
export function* exportLines(path: string): Generator<string> {
  const db = openArchived(path);
  try {
    db.exec("BEGIN"); // one snapshot for all that follows
    // A log of an older version is read as it is: it has not forgotten anything yet, or no topics.
    const hasForgotten = one(db, "SELECT 1 FROM sqlite_schema WHERE name = 'forgotten'") === 1;
    const hasTypes =
      one(db, "SELECT 1 FROM pragma_table_info('entries') WHERE name = 'type'") === 1;
    const topics = hasTypes ? one(db, "SELECT count(*) FROM entries WHERE type = 'topic'") : 0;
    const kept = readKeptTopic(db);
    yield JSON.stringify({
      type: "log",
      v: 1,
      epoch: one(db, "SELECT value FROM meta WHERE key = 'epoch'"),
      messages: one(db, "SELECT count(*) FROM entries") as number - (topics as number),
      ...(topics !== 0 && { topics }),
      forgotten: hasForgotten ? one(db, "SELECT count(*) FROM forgotten") : 0,
      ...(kept && { topic: kept }),
    });
    const page = db.prepare(
      `SELECT ${
        hasTypes ? "coalesce(type, 'message')" : "'message'"
      } AS type, seq, at, sender, id, name AS "from", text FROM entries
       WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
    );
    for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)!.seq as number)) {
      // What JSON leaves out is what SQL calls null.
      for (const row of rows) yield JSON.stringify({ ...row, id: row.id ?? undefined });
    }
    if (!hasForgotten) return;
    const forgotten = db.prepare("SELECT 'forgotten' AS type, seq, sender, id FROM forgotten");
    for (const row of forgotten.iterate()) yield JSON.stringify(row);
  } finally {
    db.close();
  }
}

function one(db: DatabaseSync, sql: string): unknown {
  return Object.values(db.prepare(sql).get() ?? {})[0];
}
