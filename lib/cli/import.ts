import { fileURLToPath } from "node:url";
import { importFiles } from "../files/mod.ts";
import { openDataDir } from "../log/data_dir.ts";
import { dataFlag } from "./data_flag.ts";
import { defineCommand } from "./flags/mod.ts";
import { LineDecoder } from "../wire/line_decoder.ts";
import { systemLoop } from "../base/event_loop.ts";
import type { ClusterOptions } from "../server.ts";
import { clusterFlags, clusterOf, servers } from "./serve/cluster_flags.ts";
import { importLines } from "../log/sqlite_import.ts";
import { openFile } from "./files.ts";

/**
 * Longer than any line of an export: 4,000 characters, each escaped, and what belongs to a message (20
 * emoji with 20 names each, 10 files); the bytes of a file come 32 KiB a line.
 */
const LINE_BYTES = 256 * 1024;

/** What looks at files runs in a thread, which is loaded from here. */
const OWN_FILES = fileURLToPath(new URL("../", import.meta.url));

/** `deno task import`: the history from standard input or a file; the server must not run. */
export const command = defineCommand({
  name: "import",
  summary: "read what export wrote into an empty data directory",
  flags: {
    ...clusterFlags,
    data: dataFlag,
    log: servers("NATS, for several nodes to go on with it"),
  },
  operand: "[FILE]",
  examples: ["deno task import < lobby.ndjson", "deno task import --data /srv/chat lobby.ndjson"],
  touches: ({ data }, file) => ({
    read: [data, OWN_FILES, ...file === undefined ? [] : [file]],
    write: [data],
  }),
  async run({ data, ...values }, file) {
    const cluster = clusterOf(values);
    const from = file === undefined ? Deno.stdin : await openFile(file);
    using dir = openDataDir(data);
    const { count, cleaned } = await importLines(
      dir.log,
      importFiles(dir.files, linesOf(from.readable)),
    );
    console.log(`${count} messages imported into ${dir.log}`);
    if (cluster) {
      await share(cluster, dir.log);
      console.log(`and into the stream ${cluster.stream}: nodes can be started`);
    }
    if (cleaned > 0) {
      console.log(`${cleaned} of them had control characters or the like, which were removed`);
    }
    return 0;
  },
});

/** Nobody else needs what belongs to NATS. */
async function share(cluster: ClusterOptions, path: string): Promise<void> {
  const { Nats } = await import("../nats/mod.ts");
  const { importIntoStream } = await import("../log/jetstream/import.ts");
  await using nats = await Nats.open(cluster);
  const { stream, replicas } = cluster;
  await importIntoStream(nats, { stream, replicas, path, loop: systemLoop });
}

async function* linesOf(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new LineDecoder(LINE_BYTES);
  for await (const chunk of bytes) yield* decoder.push(chunk).map(textOf);
  const last = decoder.end();
  if (last) yield textOf(last);
}

function textOf(line: ReturnType<LineDecoder["push"]>[number]): string {
  if (line.type === "line") return line.text;
  throw new Error(line.type === "too_long" ? "the line is too long" : "the line is not UTF-8");
}
