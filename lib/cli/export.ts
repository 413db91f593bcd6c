import { exportFiles, type FilePool, withFileCount } from "../files/mod.ts";
import { filesPath, logPath } from "../log/data_dir.ts";
import { dataFlag } from "./data_flag.ts";
import { defineCommand } from "./flags/mod.ts";
import { exportLines } from "../log/sqlite_export.ts";
import { createFile } from "./files.ts";
import { clusterOf, sharedFlags } from "./serve/cluster_flags.ts";
import { lackingText, openSharedFiles } from "./shared_files.ts";

/** `deno task export`: the history as lines of JSON, to standard output or a new file. */
export const command = defineCommand({
  name: "export",
  summary: "write the history and its files as lines of JSON, also while the server runs",
  flags: { data: dataFlag, ...sharedFlags("NATS, which has the files that are not in --data") },
  operand: "[FILE]",
  examples: ["deno task export > lobby.ndjson", "deno task export --data /srv/chat lobby.ndjson"],
  touches: ({ data }, file) => ({ read: [data], write: file === undefined ? [] : [file] }),
  async run({ data, ...flags }, file) {
    await using shared = await openSharedFiles(clusterOf(flags));
    const lines = ReadableStream.from(linesOf(data, shared.pool));
    const to = file === undefined ? Deno.stdout : await createFile(file);
    await lines.pipeThrough(joined()).pipeTo(to.writable);
    return 0;
  },
});

/** The history, and then the files that its messages have. */
async function* linesOf(data: string, pool: FilePool | undefined): AsyncGenerator<string> {
  const history = exportLines(logPath(data));
  const head = history.next();
  if (head.done) return;
  // From here on the history is as of one moment; what its messages have was there by then.
  const files = exportFiles(filesPath(data), pool);
  yield withFileCount(head.value, files.count);
  yield* history;
  yield* files.lines();
  if (files.lacking > 0) console.error(`partyline: ${lackingText(files.lacking)}`);
}

/** Joins lines into large writes: one write per line would take most of the time. */
function joined(): TransformStream<string, Uint8Array> {
  const utf8 = new TextEncoder();
  let part = "";
  return new TransformStream({
    transform(line, controller) {
      part += line + "\n";
      if (part.length < 256 * 1024) return;
      controller.enqueue(utf8.encode(part));
      part = "";
    },
    flush: (controller) => controller.enqueue(utf8.encode(part)),
  });
}
