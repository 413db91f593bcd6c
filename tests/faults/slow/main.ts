// deno task test:slow --readers 100 --megabytes 200
import { defineCommand } from "../../../lib/cli/flags/mod.ts";
import { count, printTable, runTool } from "../support/tool.ts";
import { slowReaders } from "./slow_readers.ts";

/** What the README promises. */
const GROWTH_MB = 100;

await runTool(defineCommand({
  name: "test:slow",
  summary: "people stop reading while others write, and read on later",
  flags: {
    readers: count(100, "how many stop reading, over six transports in turn", 1000),
    megabytes: count(200, "how much is posted meanwhile", 2000),
  },
  examples: ["deno task test:slow --readers 100 --megabytes 200"],
  async run(values) {
    const result = await slowReaders({ ...values, progress: console.log });
    const mb = (value: number) => `${value.toFixed(1)} MB`;
    console.log();
    printTable({
      "posted": `${result.posted} messages, ${values.megabytes} MB`,
      "the server grew": `${mb(result.grewStalledMb)} while ${values.readers} did not read`,
      "": `${mb(result.grewReadingMb)} while all of them read on`,
      "who reads waited": `${result.healthyMs.median.toFixed(1)} ms (median), ` +
        `${result.healthyMs.most.toFixed(1)} ms (most) for a line of its own`,
      "came back by cursor": `${result.returns} times`,
      "lines missed": 0,
    });
    return result.grewStalledMb < GROWTH_MB ? 0 : 1;
  },
}));
