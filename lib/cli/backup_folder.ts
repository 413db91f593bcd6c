import { StartupError } from "../base/startup_error.ts";
import { backUpFiles, type FilePool } from "../files/mod.ts";
import { filesPath, logPath, peoplePath } from "../log/data_dir.ts";
import { backUp } from "../log/sqlite_backup.ts";
import { backUpRegistry } from "../registry/mod.ts";

/** Databases are copied by SQLite; the others say something of the one folder alone. */
const NOT_COPIED = /^(?:(?:partyline|people)\.db(?:-.*)?|last-seen|lock|\..*)$/;

/**
 * Copies all that a server needs into a new folder, for its owner alone to read: the history, what is
 * remembered about people, the files of messages (`pool` has what other nodes have of these), and each
 * other file as it is, the session key among them. Resolves with the number of messages, and of files
 * that could not be had. Throws a StartupError where that cannot be; then nothing of it is left.
 */
export async function backUpFolder(
  data: string,
  to: string,
  pool?: FilePool,
): Promise<{ readonly messages: number; readonly lacking: number }> {
  try {
    Deno.mkdirSync(to, { mode: 0o700 });
  } catch (cause) {
    throw cannotWrite(to, cause, "name a folder that does not exist yet, in one that does");
  }
  try {
    const messages = await backUp(logPath(data), logPath(to));
    // After the history: what its messages have was there by then.
    const { lacking } = await backUpFiles(filesPath(data), filesPath(to), pool);
    for (const { name, isFile } of Deno.readDirSync(data)) {
      if (name === "people.db") await backUpRegistry(peoplePath(data), peoplePath(to));
      else if (isFile && !NOT_COPIED.test(name)) copyPrivately(`${data}/${name}`, `${to}/${name}`);
    }
    return { messages, lacking };
  } catch (cause) {
    Deno.removeSync(to, { recursive: true });
    if (cause instanceof StartupError) throw cause;
    throw cannotWrite(to, cause, "make room, or name a folder on another disk");
  }
}

/** What is appended to while it is copied is copied as far as it had come. */
function copyPrivately(from: string, to: string): void {
  Deno.writeFileSync(to, Deno.readFileSync(from), { createNew: true, mode: 0o600 });
}

function cannotWrite(path: string, cause: unknown, advice: string): StartupError {
  const { message } = cause as Error;
  return new StartupError(`cannot write the backup ${path}: ${message}; ${advice}`, { cause });
}
