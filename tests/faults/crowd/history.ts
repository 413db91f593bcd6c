import { DatabaseSync } from "node:sqlite";
import { systemLoop } from "../../../lib/base/event_loop.ts";
import { prepareToSearch } from "../../../lib/log/sqlite/searching/search.ts";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";

const WORDS = "the quick brown fox jumps over a lazy dog while people talk about the weather today"
  .split(" ");

/** Makes a file with so many messages of some 100 characters, all of them in the search index. */
export async function createHistory(path: string, messages: number): Promise<void> {
  await new SqliteLog(path, systemLoop)[Symbol.asyncDispose]();
  const db = new DatabaseSync(path);
  try {
    prepareToSearch(db);
    const insert = db.prepare(
      "INSERT INTO entries (seq, at, sender, name, text) VALUES (?, ?, 's', ?, ?)",
    );
    const now = Date.now();
    db.exec("BEGIN");
    for (let seq = 1; seq <= messages; seq++) {
      const words = Array.from({ length: 18 }, (_, i) => WORDS[(seq * (i + 3) + i) % WORDS.length]);
      insert.run(seq, now - messages + seq, `user${seq % 50}`, `${words.join(" ")} ${seq}`);
    }
    db.exec("INSERT INTO words (rowid, text) SELECT seq, fold(text) FROM entries");
    db.prepare("UPDATE meta SET value = ? WHERE key = 'indexed'").run(messages);
    db.exec("COMMIT");
  } finally {
    db.close();
  }
}
