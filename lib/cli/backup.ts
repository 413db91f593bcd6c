import { logPath } from "../log/data_dir.ts";
import { dataFlag } from "./data_flag.ts";
import { defineCommand, UsageError } from "./flags/mod.ts";
import { backUp } from "../log/sqlite_backup.ts";

/** `deno task backup FILE`: a copy of the log that a server can be started with. */
export const command = defineCommand({
  name: "backup",
  summary: "copy the history to a file, also while the server runs",
  flags: { data: dataFlag },
  operand: "FILE",
  examples: [
    "deno task backup lobby.db",
    "to restore it: put it into an empty data directory as partyline.db, and beside it a copy of",
    "session.key, which is not in the backup: without it everybody who comes back is somebody new",
  ],
  touches: ({ data }, file) => ({
    read: [data, ...file === undefined ? [] : withJournals(file)],
    write: file === undefined ? [] : withJournals(file),
  }),
  async run({ data }, file) {
    if (file === undefined) throw new UsageError("wanted the FILE to write; see --help");
    const count = await backUp(logPath(data), file);
    console.log(
      `${count} messages copied to ${file}; the session key is not in it: keep a copy of ` +
        `${data}/session.key too, or nobody is recognised after a restore`,
    );
    return 0;
  },
});

/** The file, and what SQLite makes beside it while it writes. */
function withJournals(file: string): string[] {
  return [file, `${file}-journal`, `${file}-wal`, `${file}-shm`];
}
