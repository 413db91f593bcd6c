import { exists } from "../../../base/sqlite/without_traces.ts";
import { lookInto } from "../file.ts";
import { copiedEpoch } from "../identity.ts";

/** What there is of a database: with what lies beside the file. */
const PARTS = ["", "-wal", "-shm"];

/**
 * Makes room for a copy of the log with that epoch: what is there and is no copy of it is given another
 * name, and nothing of it is lost. Returns that name, or undefined where nothing was in the way.
 */
export function setAside(path: string, epoch: string): string | undefined {
  if (!exists(path)) return undefined;
  const found = lookInto(path, (db) => {
    const isEmpty = db.prepare("SELECT 1 FROM sqlite_schema").get() === undefined;
    if (isEmpty) return undefined;
    const row = db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get();
    return { copyOf: copiedEpoch(db), epoch: String(row?.value ?? "old") };
  });
  if (found === undefined || found.copyOf === epoch) return undefined;
  const aside = freeName(path, found.epoch);
  for (const part of PARTS) {
    if (exists(path + part)) Deno.renameSync(path + part, aside + part);
  }
  return aside;
}

function freeName(path: string, epoch: string): string {
  const stem = path.replace(/\.db$/, "");
  for (let i = 1;; i++) {
    const name = `${stem}-${epoch}${i === 1 ? "" : `-${i}`}.db`;
    if (!exists(name)) return name;
  }
}
