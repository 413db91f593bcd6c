import { backup, DatabaseSync } from "node:sqlite";
import { Folder } from "./disk/folder.ts";
import { readTable } from "./disk/table.ts";
import { ContentSource } from "./pool/content_source.ts";
import type { FilePool } from "./pool/pool.ts";

/** What a backup of files has. */
export interface FileBackup {
  readonly count: number;
  /** Those whose bytes other nodes have, where these were not asked. */
  readonly lacking: number;
}

/**
 * Copies the files to a new folder, for its owner alone to read, also while a server writes: the table as
 * of one moment, and the contents that it has; one that is removed meanwhile is not copied. Nothing
 * happens where there are no files. `pool` has what other nodes have. Rejects where it cannot be written.
 */
export async function backUpFiles(path: string, to: string, pool?: FilePool): Promise<FileBackup> {
  const [from, copy] = [new Folder(path), new Folder(to)];
  if (!from.isThere) return { count: 0, lacking: 0 };
  copy.prepare();
  await copyTable(from.table, copy.table);
  const source = new ContentSource(from, pool);
  let count = 0;
  for (const { id } of [...readTable(copy.table)]) {
    const content = await source.open(id);
    if (!content) continue;
    await writeTo(copy.contentPath(id), content);
    count++;
  }
  return { count, lacking: source.lacking };
}

async function copyTable(from: string, to: string): Promise<void> {
  using db = new DatabaseSync(from, { readOnly: true });
  Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
  await backup(db, to, { rate: 2 ** 31 - 1 });
  using copy = new DatabaseSync(to);
  copy.exec("PRAGMA journal_mode = DELETE");
}

/** With a mode of its own from the first byte on. */
async function writeTo(path: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  using target = await Deno.open(path, { write: true, createNew: true, mode: 0o600 });
  await ReadableStream.from(content).pipeTo(target.writable);
}
