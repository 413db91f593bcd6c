// deno task test:cluster --rounds 3 --writers 100 --seed 1
import { defineCommand } from "../../../lib/cli/flags/mod.ts";
import { histogram } from "../restart/restart.ts";
import { Random } from "../support/random.ts";
import { count, printTable, runTool, seedFlag } from "../support/tool.ts";
import { cluster, type Injected } from "./cluster.ts";
import { FAULTS } from "./faults.ts";
import { moved } from "./moved.ts";

await runTool(defineCommand({
  name: "test:cluster",
  summary: "kill and stop nodes and NATS servers while people write and read on all nodes",
  flags: {
    rounds: count(2, "how often each fault is injected", 1000),
    nodes: count(3, "nodes", 10),
    writers: count(60, "how many write, over five transports in turn", 500),
    readers: count(40, "how many read all of it, over five transports in turn", 500),
    away: count(8, "seconds that what was stopped or killed stays so", 60),
    clients: count(500, "how many move to other nodes when theirs is killed", 2000),
    seed: seedFlag,
  },
  examples: ["deno task test:cluster --rounds 3 --seed 1"],
  async run({ seed, rounds, away, clients, ...values }) {
    console.log(`seed ${seed}`);
    const random = new Random(seed);
    const faults = Array.from({ length: rounds }, () => shuffled(FAULTS, random)).flat();
    const { injected, problems, ...figures } = await cluster({
      ...values,
      seed,
      faults,
      awayMs: 1000 * away,
      progress: console.log,
    });
    const { acked, stored, retries, duplicates, returns } = figures;
    console.log();
    for (const row of table(injected)) console.log(row);
    console.log();
    printTable({
      "acked": acked,
      "stored": stored,
      "posted again": `${retries} times; ${duplicates} were there already`,
      "readers came back": `${returns} times`,
      "lost, doubled or out of order": problems.length,
    });
    const move = await moved({ clients, nodes: values.nodes, progress: console.log });
    console.log("\nlive on another node after the kill of theirs:");
    for (const row of histogram(move.backMs)) console.log(row);
    printTable({
      "moved": move.backMs.length,
      "the last one after": `${move.backMs.at(-1)?.toFixed(0)} ms`,
      "lost, doubled or out of order": move.problems.length,
    });
    const all = [...problems, ...move.problems];
    for (const problem of all.slice(0, 20)) console.log(`! ${problem}`);
    return all.length === 0 ? 0 : 1;
  },
}));

/** A row for each fault: how often, what was acked meanwhile, and the longest time without an ack. */
function table(injected: readonly Injected[]): string[] {
  const rows = [...Map.groupBy(injected, ({ name }) => name)].map(([name, all]) => [
    name,
    `${all.length}`,
    `${all.reduce((sum, { acked }) => sum + acked, 0)}`,
    `${(Math.max(...all.map(({ silentMs }) => silentMs)) / 1000).toFixed(1)} s`,
  ]);
  const header = ["fault", "times", "acked meanwhile", "longest without an ack"];
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

function shuffled<T>(items: readonly T[], random: Random): T[] {
  return items.map((item) => ({ item, at: random.next() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
