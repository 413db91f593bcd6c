// deno task test:crowd --full
import { defineCommand, toggle } from "../../../lib/cli/flags/mod.ts";
import { MemoryPeak } from "../support/memory.ts";
import { RestartableServer } from "../support/restartable.ts";
import { runTool } from "../support/tool.ts";
import { createHistory } from "./history.ts";
import { type Load, together } from "./load.ts";
import { fairLoads, floods } from "./loads.ts";
import { Users } from "./users_process.ts";

const SHORT = {
  messages: 20_000,
  streams: 100,
  sockets: 30,
  listeners: 50,
  resets: 60,
  halves: 200,
  seconds: 4,
  patience: 20,
};
const FULL = {
  messages: 200_000,
  streams: 300,
  sockets: 30,
  listeners: 50,
  resets: 300,
  halves: 1000,
  seconds: 12, // longer than the server waits for half a body
  patience: 180,
};
/** What a normal user meets at the most, in milliseconds: under one load, and under all of them. */
const WANTED = { p99: 100, max: 250, together: 500 };

await runTool(defineCommand({
  name: "test:crowd",
  summary: "many read, search and flood, while normal users write: how long do their acks take?",
  flags: {
    full: toggle({ default: false, help: "200,000 messages of history, and 300 readers of it" }),
  },
  examples: ["deno task test:crowd", "deno task test:crowd --full"],
  async run({ full }) {
    const size = full ? FULL : SHORT;
    const [fair, flooding] = [fairLoads(size), floods(size)];
    const idle: Load = { name: "nothing else", run: untilAborted };
    const all = together([...fair, ...flooding]);
    await using server = await RestartableServer.start({ args: ["--log-level", "warning"] });
    await server.end("SIGTERM");
    await Deno.remove(`${server.data}/partyline.db`);
    await createHistory(`${server.data}/partyline.db`, size.messages);

    let good = true;
    const measure = async (load: Load, limited: boolean) => {
      const isAll = load === all;
      const lasts = isAll
        ? 3 * size.seconds
        : /readers/.test(load.name)
        ? size.patience
        : undefined;
      const row = await underLoad(server, load, { limited, seconds: lasts ?? size.seconds });
      // Without limits the floods are there to show what the limits are for.
      if (!limited && flooding.includes(load)) return;
      good &&= isAll ? row.max < WANTED.together : row.p99 < WANTED.p99 && row.max < WANTED.max;
    };
    console.log(
      `${size.messages} messages of history; each load on a server that has just started`,
    );
    printHead("with the limits that are the default");
    for (const load of [idle, ...fair, ...flooding, all]) await measure(load, true);
    printHead("without limits");
    for (const load of [idle, ...fair, ...flooding]) await measure(load, false);
    return good ? 0 : 1;
  },
}));

/** Prints the row, and what the server reported. */
async function underLoad(
  server: RestartableServer,
  load: Load,
  { limited, seconds }: { readonly limited: boolean; readonly seconds: number },
): Promise<{ readonly p99: number; readonly max: number }> {
  server.start({ limited });
  const at = await server.addresses();
  const { process } = server;
  await (await fetch(at.url)).text(); // the page has been bundled, which takes a processor for a moment
  using memory = new MemoryPeak(process.pid);
  await using users = new Users(at.url);
  await users.measure(); // joined
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), 1000 * seconds);
  const came = await load.run(at, ending.signal);
  clearTimeout(timer);
  const { p50, p99, max } = await users.measure();
  const figures = [p50.toFixed(1), p99.toFixed(0), max.toFixed(0), memory.mb.toFixed(0)];
  printRow(load.name, figures, came);
  const reported = process.stderr.text.trimEnd();
  if (reported !== "") console.log(reported.replaceAll(/^/gm, "    "));
  await server.end("SIGKILL"); // what is left of the load is not waited for
  return { p99, max };
}

function printHead(title: string): void {
  console.log(`\n${title}:\n`);
  printRow("load", ["p50 ms", "p99 ms", "max ms", "MB"], "what came of it");
}

function printRow(name: string, figures: readonly string[], note: string): void {
  console.log(name.padEnd(53) + figures.map((figure) => figure.padStart(8)).join("") + "  " + note);
}

async function untilAborted(_at: unknown, signal: AbortSignal): Promise<string> {
  await new Promise((resolve) => signal.addEventListener("abort", resolve));
  return "";
}
