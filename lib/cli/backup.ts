import { logPath } from "../log/data_dir.ts";
import { backUpFolder } from "./backup_folder.ts";
import { dataFlag } from "./data_flag.ts";
import { defineCommand, toggle, UsageError } from "./flags/mod.ts";
import { backUp } from "../log/sqlite_backup.ts";
import { clusterOf, sharedFlags } from "./serve/cluster_flags.ts";
import { lackingText, openSharedFiles } from "./shared_files.ts";

/** `deno task backup`: a copy that a server can be started with, of the history or of everything. */
export const command = defineCommand({
  name: "backup",
  summary: "copy the history, or everything, while the server runs",
  flags: {
    data: dataFlag,
    all: toggle({
      default: false,
      help: "everything a server needs, in a new folder: history, people, the session key",
    }),
    ...sharedFlags("NATS, which has the files that are not in --data, for --all"),
  },
  operand: "FILE|FOLDER",
  examples: [
    "deno task backup --all saved",
    "to restore it: copy the folder, and start a server with --data and the copy",
    "deno task backup lobby.db",
    "the history alone: put it into an empty data directory as partyline.db",
  ],
  touches: ({ data, all }, to) => {
    const written = to === undefined ? [] : all ? [to] : withJournals(to);
    return { read: [data, ...written], write: written };
  },
  async run({ data, all, ...flags }, to) {
    if (to === undefined) throw new UsageError("wanted the FILE or FOLDER to write; see --help");
    if (all) {
      await using shared = await openSharedFiles(clusterOf(flags));
      const { messages: count, lacking } = await backUpFolder(data, to, shared.pool);
      if (lacking > 0) console.error(`partyline: ${lackingText(lacking)}`);
      console.log(
        `${count} messages, people and the session key copied to ${to}: whoever can read it can ` +
          "be anybody",
      );
      return 0;
    }
    const count = await backUp(logPath(data), to);
    console.log(
      `${count} messages copied to ${to}; neither people nor the session key are in it: --all ` +
        "copies these too, or nobody is recognised after a restore",
    );
    return 0;
  },
});

/** The file, and what SQLite makes beside it while it writes. */
function withJournals(file: string): string[] {
  return [file, `${file}-journal`, `${file}-wal`, `${file}-shm`];
}
