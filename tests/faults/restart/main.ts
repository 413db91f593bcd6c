// deno task test:restart --clients 500
import { defineCommand } from "../../../lib/cli/flags/mod.ts";
import { count, printTable, runTool } from "../support/tool.ts";
import { histogram, restart } from "./restart.ts";

await runTool(defineCommand({
  name: "test:restart",
  summary: "restart the server under its clients, and see all of them back",
  flags: {
    clients: count(500, "how many WebSocket clients are connected", 5000),
    drain: count(5, "the server's --drain, in seconds", 60),
  },
  examples: ["deno task test:restart --clients 500"],
  async run({ clients, drain }) {
    const result = await restart({ clients, drainSeconds: drain, progress: console.log });
    const { exitCode, endedMs, backMs, byes, acked, problems } = result;
    console.log("\nback after the signal:");
    for (const row of histogram(backMs)) console.log(row);
    console.log();
    printTable({
      "the server ended": `after ${endedMs.toFixed(0)} ms, with ${exitCode}`,
      "told when to come back": byes,
      "back and resumed": backMs.length,
      "acked meanwhile": acked,
      "lost, doubled or out of order": problems.length,
    });
    for (const problem of problems.slice(0, 20)) console.log(`! ${problem}`);
    return problems.length === 0 && exitCode === 0 && endedMs < 1000 * drain ? 0 : 1;
  },
}));
