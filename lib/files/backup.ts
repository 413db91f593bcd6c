import { backup, DatabaseSync } from "node:sqlite";
import { Folder } from "./disk/folder.ts";
import { readTable } from "./disk/table.ts";

/**
 * Copies the files to a new folder, for its owner alone to read, also while a server writes: the table as
 * of one moment, and the contents that it has; one that is removed meanwhile is not copied. Nothing
 * happens where there are no files. Returns how many there are. Rejects where it cannot be written.
 */
export async function backUpFiles(path: string, to: string): Promise<number> {
  const [from, copy] = [new Folder(path), new Folder(to)];
  if (!from.isThere) return 0;
  copy.prepare();
  await copyTable(from.table, copy.table);
  let count = 0;
  for (const { id } of [...readTable(copy.table)]) {
    if (await copyFile(from.contentPath(id), copy.contentPath(id))) count++;
  }
  return count;
}

async function copyTable(from: string, to: string): Promise<void> {
  using db = new DatabaseSync(from, { readOnly: true });
  Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
  await backup(db, to, { rate: 2 ** 31 - 1 });
  using copy = new DatabaseSync(to);
  copy.exec("PRAGMA journal_mode = DELETE");
}

/** With a mode of its own from the first byte on. Whether it was still there. */
async function copyFile(from: string, to: string): Promise<boolean> {
  try {
    using source = await Deno.open(from, { read: true });
    using target = await Deno.open(to, { write: true, createNew: true, mode: 0o600 });
    await source.readable.pipeTo(target.writable);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
