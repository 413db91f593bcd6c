import { backup } from "node:sqlite";
import { StartupError } from "../base/startup_error.ts";
import { openArchived } from "./sqlite/file.ts";

/** A copy of the log in a new file, consistent while people write. Throws where the file exists. */
export async function backUp(path: string, to: string): Promise<void> {
  const db = openArchived(path);
  try {
    Deno.openSync(to, { write: true, createNew: true, mode: 0o600 }).close();
    // All pages in one step, hence of one moment: SQLite begins again after each write between two.
    await backup(db, to, { rate: 2 ** 31 - 1 });
  } catch (cause) {
    throw new StartupError(
      `cannot write the backup ${to}: ${
        (cause as Error).message
      }; name a file that does not exist yet`,
      { cause },
    );
  } finally {
    db.close();
  }
}
