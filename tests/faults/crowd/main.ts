// deno task test:crowd --full
import { defineCommand, toggle } from "../../../lib/cli/flags/mod.ts";
import { MemoryPeak } from "../support/memory.ts";
import { RestartableServer } from "../support/restartable.ts";
import { runTool } from "../support/tool.ts";
import { createHistory } from "./history.ts";
import { type Load, loadsOf, together } from "./loads.ts";
import { Users } from "./users_process.ts";

const SHORT = { messages: 20_000, streams: 100, sockets: 30, seconds: 4, patience: 20 };
const FULL = { messages: 200_000, streams: 300, sockets: 30, seconds: 10, patience: 180 };
/** What a normal user meets at the most, under one load and under all of them. */
const WANTED = { p99: 100, max: 250, together: 500 };

await runTool(defineCommand({
  name: "test:crowd",
  summary: "many read everything and search, while five people write: how long do their acks take?",
  flags: {
    full: toggle({ default: false, help: "200,000 messages of history, and 300 readers of it" }),
  },
  examples: ["deno task test:crowd", "deno task test:crowd --full"],
  async run({ full }) {
    const size = full ? FULL : SHORT;
    const loads = loadsOf(size);
    await using server = await RestartableServer.start({});
    await server.end("SIGTERM");
    await Deno.remove(`${server.data}/partyline.db`);
    await createHistory(`${server.data}/partyline.db`, size.messages);
    server.start();
    const at = await server.addresses();
    const { pid } = server.process;
    await using users = new Users(at.url);
    await users.measure(); // joined
    const idle: Load = { name: "nothing else", run: waitFor };
    console.log(`${size.messages} messages of history\n`);
    printRow("load", ["p50 ms", "p99 ms", "max ms", "MB"], "what came of it");
    let good = true;
    for (const load of [idle, ...loads, together(loads)]) {
      using memory = new MemoryPeak(pid);
      await users.measure();
      const ending = new AbortController();
      const isAll = load.name.startsWith("all");
      const seconds = isAll
        ? 3 * size.seconds
        : load.name.includes("readers")
        ? size.patience
        : size.seconds;
      const timer = setTimeout(() => ending.abort(), 1000 * seconds);
      const came = await load.run(at, ending.signal);
      clearTimeout(timer);
      const { p50, p99, max } = await users.measure();
      good &&= isAll ? max < WANTED.together : p99 < WANTED.p99 && max < WANTED.max;
      const figures = [p50.toFixed(1), p99.toFixed(0), max.toFixed(0), memory.mb.toFixed(0)];
      printRow(load.name, figures, came);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    if (server.process.stderr.text !== "") console.log(`\n${server.process.stderr.text.trimEnd()}`);
    return good ? 0 : 1;
  },
}));

function printRow(name: string, figures: readonly string[], note: string): void {
  console.log(name.padEnd(50) + figures.map((figure) => figure.padStart(8)).join("") + "  " + note);
}

async function waitFor(_at: unknown, signal: AbortSignal): Promise<string> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return "";
}
