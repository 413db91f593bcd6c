import { openArchived } from "./sqlite/file.ts";

/** Rows read at a time: an export beside a busy server never holds much. */
const PAGE = 1000;

/**
 * The log as lines of JSON, without their ends: a head, then every entry with its sender, then the
 * ids of entries that are no longer kept. One consistent state, also while a server writes to the
 * file. Throws a StartupError where the file cannot be read.
 */
export function* exportLines(path: string): Generator<string> {
  const db = openArchived(path);
  try {
    db.exec("BEGIN"); // one snapshot for all that follows
    const epoch = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.value;
    yield JSON.stringify({ type: "log", v: 1, epoch });
    const page = db.prepare(
      `SELECT 'message' AS type, seq, at, sender, id, name AS "from", text FROM entries
       WHERE seq > ? ORDER BY seq LIMIT ${PAGE}`,
    );
    for (let rows = page.all(0); rows.length > 0; rows = page.all(rows.at(-1)!.seq as number)) {
      // What JSON leaves out is what SQL calls null.
      for (const row of rows) yield JSON.stringify({ ...row, id: row.id ?? undefined });
    }
    if (!db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'forgotten'").get()) return;
    const forgotten = db.prepare("SELECT 'forgotten' AS type, seq, sender, id FROM forgotten");
    for (const row of forgotten.iterate()) yield JSON.stringify(row);
  } finally {
    db.close();
  }
}
