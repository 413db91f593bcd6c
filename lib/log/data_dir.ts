import { text } from "../cli/flags/mod.ts";
import { StartupError } from "../base/startup_error.ts";

/** The folder of one server's data, held by it alone until disposed. */
export interface DataDir extends Disposable {
  readonly log: string;
  readonly key: string;
}

export const dataFlag = text({
  value: "DIR",
  default: "./data",
  help: "where the history is kept",
});

/** The log in a folder that is a server's. */
export function logPath(path: string): string {
  return `${path}/partyline.db`;
}

/**
 * Makes the folder where there is none (readable for its owner only) and takes its lock, which the
 * operating system gives back however the process ends. Throws a StartupError where another server
 * has it, or where it cannot be written.
 */
export function openDataDir(path: string): DataDir {
  const lock = openLock(path);
  if (!lock.tryLockSync(true)) {
    lock.close();
    throw new StartupError(
      `another Partyline is using ${path}; stop it, or use another --data directory`,
    );
  }
  return {
    log: logPath(path),
    key: `${path}/session.key`,
    [Symbol.dispose]: () => lock.close(),
  };
}

function openLock(path: string): Deno.FsFile {
  try {
    Deno.mkdirSync(path, { recursive: true, mode: 0o700 });
    return Deno.openSync(`${path}/lock`, { create: true, write: true, mode: 0o600 });
  } catch (cause) {
    throw new StartupError(
      `cannot write to ${path}: ${(cause as Error).message}; ` +
        "make it writable, or use another --data directory",
      { cause },
    );
  }
}
