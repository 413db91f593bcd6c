// deno task test:fuzz --seconds 600
import { defineCommand, text, UsageError } from "../../../lib/cli/flags/mod.ts";
import { count, printTable, runTool, seedFlag } from "../support/tool.ts";
import { campaign } from "./campaign.ts";

await runTool(defineCommand({
  name: "test:fuzz",
  summary: "hostile input at every door, while normal users must not notice",
  flags: {
    seconds: count(60, "how long"),
    seed: seedFlag,
    case: text({ value: "M", default: "", help: "run M alone, as a failure names it" }),
  },
  examples: ["deno task test:fuzz --seconds 600", "deno task test:fuzz --seed 7 --case 12"],
  async run({ seconds, seed, case: run }) {
    console.log(`seed ${seed}`);
    const only = run === "" ? undefined : Number(run);
    if (only !== undefined && !Number.isSafeInteger(only)) {
      throw new UsageError("--case wants a number");
    }
    const came = await campaign({ seed, seconds, only });
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
