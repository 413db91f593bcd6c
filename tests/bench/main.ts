import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBench } from "./bench.ts";
import { generatorCommand } from "./processes/crew.ts";
import { Launcher } from "./processes/launcher.ts";
import { describeMachine } from "./machine.ts";
import { HELP, type Options, parseOptions } from "./options.ts";
import { allPeers, type Peer } from "./peers/peer.ts";
import { plot } from "./report/plot.ts";
import { report } from "./report/report.ts";
import { type Row, rowsOf } from "./peers/row.ts";
import { Toolchain } from "./processes/toolchain.ts";
import { Workshop } from "./processes/workshop.ts";

const partyline = join(import.meta.dirname!, "..", "..");
const { options, wanted } = readArgs();
const tools = new Toolchain();
const progress = (line: string): void => console.error(`· ${line}`);

const absent: string[] = [];
const versions = new Map<Peer, string>();
for (const peer of new Set(wanted.map((row) => row.peer))) {
  try {
    versions.set(peer, await peer.prepare(tools));
  } catch (error) {
    absent.push(`${peer.name} is left out: ${error instanceof Error ? error.message : error}`);
  }
}
const rows = wanted.filter((row) => versions.has(row.peer));

const launcher = await Launcher.create(options.pin);
Deno.addSignalListener("SIGINT", () => void leave(130));
Deno.addSignalListener("SIGTERM", () => void leave(130));
addEventListener("unhandledrejection", (event) => {
  event.preventDefault(); // it would end this process and leave the others running
  console.error(event.reason);
  void leave(130);
});
const generator = await generatorCommand(tools);
const workshop = new Workshop(tools, launcher, generator);
const results = await runBench(rows, workshop, { options, progress });

const machine = describeMachine(Deno.args, {
  versions: [...versions].map(([peer, version]) => `${peer.name}: ${peer.title} (${version})`),
  pinned: launcher.pinned,
  generator: generator[0]!.endsWith("node") ? "Node" : "Deno",
});
const markdown = report(
  { ...results, notes: [...absent, ...results.notes] },
  options,
  machine,
);
const out = options.out ??
  await Deno.makeTempDir({ dir: tmpdir(), prefix: "partyline-bench-out-" });
await Deno.mkdir(out, { recursive: true });
await Deno.writeTextFile(join(out, "bench.md"), markdown);
const everything = { machine, options, absent, ...results };
await Deno.writeTextFile(join(out, "bench.json"), JSON.stringify(everything, null, 2) + "\n");
if (options.parts.includes("latency")) {
  await Deno.writeTextFile(join(out, "latency.svg"), plot(results.rows, options.rates));
}
console.log(markdown);
console.error(`Written to ${out}`);
await leave(0); // a signal listener would keep it

function readArgs(): { options: Options; wanted: Row[] } {
  try {
    const options = parseOptions(Deno.args);
    if (options !== undefined) {
      return { options, wanted: rowsOf(allPeers(partyline, options.also), options.peers) };
    }
    console.log(HELP);
    Deno.exit(0);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(2);
  }
}

/** Ends what was started and removes what it left. */
async function leave(code: number): Promise<never> {
  await launcher[Symbol.asyncDispose]();
  await Deno.remove(tools.scratch, { recursive: true });
  Deno.exit(code);
}
