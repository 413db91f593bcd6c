// deno task test:fuzz --seconds 600
import { defineCommand, text } from "../../../lib/cli/flags/mod.ts";
import { count, printTable, runTool, seedFlag } from "../support/tool.ts";
import { campaign } from "./campaign.ts";

await runTool(defineCommand({
  name: "test:fuzz",
  summary: "hostile input at every door, while normal users must not notice",
  flags: {
    seconds: count(60, "how long"),
    seed: seedFlag,
    case: text({ value: "M", default: "", help: "one run again, as a failure names it" }),
  },
  examples: ["deno task test:fuzz --seconds 600", "deno task test:fuzz --seed 7 --case 12"],
  async run({ seconds, seed, case: path }) {
    console.log(`seed ${seed}`);
    const came = await campaign({ seed, seconds, path: path === "" ? undefined : path });
    const { runs, cases, reached, heapMb, residentMb, slowestMs, failure } = came;
    printTable({
      "runs": runs,
      "connections": cases,
      "heap, early and late": heapMb.map((mb) => `${mb.toFixed(0)} MB`).join(", "),
      "resident, early and late": residentMb.map((mb) => `${mb.toFixed(0)} MB`).join(", "),
      "slowest turn": `${slowestMs} ms`,
      ...Object.fromEntries([...reached].sort(([a], [b]) => a < b ? -1 : 1)),
    });
    if (failure === undefined) return 0;
    console.error(`\n${failure}`);
    return 1;
  },
}));
