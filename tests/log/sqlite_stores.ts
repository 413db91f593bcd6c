import { systemLoop } from "../../lib/base/event_loop.ts";
import { SqliteLog } from "../../lib/log/sqlite_log.ts";
import type { Store } from "./log_contract.ts";

/** A log in a file of a folder of its own. */
export function createFile(): Promise<Store & { dir: string; path: string }> {
  const dir = Deno.makeTempDirSync();
  const path = `${dir}/partyline.db`;
  return Promise.resolve({
    dir,
    path,
    open: () => Promise.resolve(new SqliteLog(path, systemLoop)),
    // A test may have removed it.
    [Symbol.asyncDispose]: () => Deno.remove(dir, { recursive: true }).catch(() => {}),
  });
}

/** A log that is gone when it is closed. */
export function createMemory(): Promise<Store> {
  return Promise.resolve({
    open: () => Promise.resolve(new SqliteLog(":memory:", systemLoop)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}
