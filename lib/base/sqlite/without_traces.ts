/**
 * Runs what reads an SQLite file, and removes what that has made beside it: reading alone makes a
 * write-ahead log and its index where the file is in that mode, both empty, and leaves them.
 */
export function withoutTraces<T>(path: string, read: () => T): T {
  const made = [`${path}-wal`, `${path}-shm`].filter((path) => !exists(path));
  try {
    return read();
  } finally {
    for (const path of made) if (exists(path)) Deno.removeSync(path);
  }
}

/** Whether there is a file; a folder is none. */
export function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
