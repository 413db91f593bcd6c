import { backup, DatabaseSync } from "node:sqlite";

/**
 * Copies the file to a new one, which stands for itself: as of one moment, also while a server writes.
 * Rejects where it cannot be read, or the copy cannot be written.
 */
export async function backUpRegistry(path: string, to: string): Promise<void> {
  using db = new DatabaseSync(path, { readOnly: true });
  Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
  await backup(db, to, { rate: 2 ** 31 - 1 });
  using copy = new DatabaseSync(to);
  copy.exec("PRAGMA journal_mode = DELETE");
}
