// deno task test:chaos --kills 30 --seconds 60 --seed 1
import { defineCommand } from "../../../lib/cli/flags/mod.ts";
import { count, printTable, runTool, seedFlag } from "../support/tool.ts";
import { chaos } from "./chaos.ts";

await runTool(defineCommand({
  name: "test:chaos",
  summary: "kill the server over and over while people write and read, then look for what was lost",
  flags: {
    kills: count(30, "how often the server is killed (SIGKILL)", 1000),
    seconds: count(60, "over how long", 3600),
    writers: count(10, "how many write, over five transports in turn", 100),
    seed: seedFlag,
  },
  examples: ["deno task test:chaos --kills 30 --seconds 60 --seed 1"],
  async run(values) {
    console.log(`seed ${values.seed}`);
    const { problems, ...figures } = await chaos({ ...values, progress: console.log });
    const { kills, early, acked, stored, retries, duplicates, returns } = figures;
    console.log();
    printTable({
      "killed": `${kills} times, ${early} of them while starting`,
      "acked": acked,
      "stored": stored,
      "posted again": `${retries} times; ${duplicates} were there already`,
      "readers came back": `${returns} times`,
      "lost, doubled or out of order": problems.length,
    });
    for (const problem of problems.slice(0, 20)) console.log(`! ${problem}`);
    return problems.length === 0 ? 0 : 1;
  },
}));
