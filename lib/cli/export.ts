import { exportFiles, withFileCount } from "../files/mod.ts";
import { filesPath, logPath } from "../log/data_dir.ts";
import { dataFlag } from "./data_flag.ts";
import { defineCommand } from "./flags/mod.ts";
import { exportLines } from "../log/sqlite_export.ts";
import { createFile } from "./files.ts";

/** `deno task export`: the history as lines of JSON, to standard output or a new file. */
export const command = defineCommand({
  name: "export",
  summary: "write the history and its files as lines of JSON, also while the server runs",
  flags: { data: dataFlag },
  operand: "[FILE]",
  examples: ["deno task export > lobby.ndjson", "deno task export --data /srv/chat lobby.ndjson"],
  touches: ({ data }, file) => ({ read: [data], write: file === undefined ? [] : [file] }),
  async run({ data }, file) {
    const lines = ReadableStream.from(linesOf(data));
    const to = file === undefined ? Deno.stdout : await createFile(file);
    await lines.pipeThrough(joined()).pipeTo(to.writable);
    return 0;
  },
});

/** The history, and then the files that its messages have. */
async function* linesOf(data: string): AsyncGenerator<string> {
  const history = exportLines(logPath(data));
  const head = history.next();
  if (head.done) return;
  // From here on the history is as of one moment; what its messages have was there by then.
  const files = exportFiles(filesPath(data));
  yield withFileCount(head.value, files.count);
  yield* history;
  yield* files.lines();
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
