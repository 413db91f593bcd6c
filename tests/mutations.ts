// Changes lib/ in small ways at random, in a copy, and shows which changes no test notices.
// Takes half a minute for each, so it does not run in CI.
//
//   deno run -A tests/mutations.ts --seed 7 --count 60 --paths lib/room/,lib/transports/
import { defineCommand, integer, text } from "../lib/cli/flags/mod.ts";
import { Random } from "./faults/support/random.ts";
import { count, printTable, runTool, seedFlag } from "./faults/support/tool.ts";
import { testsOf } from "./mutations/tests_of.ts";
import { diffOf, type Ended, MutableTree, type Mutant } from "./mutations/tree.ts";

/** Type checking a changed file and what it imports. */
const CHECK_LIMIT_MS = 120_000;

const command = defineCommand({
  name: "mutations",
  summary: "change lib/ at random, and see which changes no test notices",
  flags: {
    seed: seedFlag,
    count: count(60, "how many changes that type-check are tested"),
    paths: text({ value: "PATH,…", default: "lib/", help: "where the changes are made" }),
    limit: integer({
      value: "SECONDS",
      default: 180,
      min: 1,
      max: 3600,
      help: "how long the tests of one folder may take",
    }),
  },
  examples: ["deno run -A tests/mutations.ts --seed 7 --paths lib/room/,lib/transports/"],
  async run({ seed, count, paths, limit }) {
    const limitMs = 1000 * limit;
    await using tree = await MutableTree.copy();
    const mutants = await tree.mutants(paths.split(","));
    console.log(`${mutants.length} places, seed ${seed}`);
    const folders = [...new Set(mutants.flatMap(({ path }) => testsOf(path)))];
    const broken = await failing(tree, folders, limitMs);
    if (broken.length > 0) console.log(`fail unchanged, and are left out: ${broken.join(", ")}`);

    const survivors: Mutant[] = [];
    const tally = { "does not type-check": 0, noticed: 0, "timed out": 0, survived: 0 };
    const random = new Random(seed);
    for (let tested = 0; tested < count && mutants.length > 0;) {
      const [mutant] = mutants.splice(random.between(0, mutants.length), 1);
      const outcome = await tryOut(mutant!, tree, { broken, limitMs });
      tally[outcome]++;
      if (outcome === "does not type-check") continue;
      tested++;
      console.log(`${tested}/${count} ${outcome}: ${mutant!.kind}, ${place(mutant!)}`);
      if (outcome === "survived") survivors.push(mutant!);
    }
    for (const survivor of survivors) console.log(`\n${survivor.kind}: ${diffOf(survivor)}`);
    console.log();
    printTable(tally);
    return 0;
  },
});

type Outcome = "does not type-check" | "noticed" | "timed out" | "survived";

/** The folders whose tests fail without any change: they would notice everything. */
async function failing(
  tree: MutableTree,
  folders: readonly string[],
  limitMs: number,
): Promise<string[]> {
  const failed: string[] = [];
  for (const folder of folders) {
    if (await runTests(tree, folder, limitMs) !== "passed") failed.push(folder);
  }
  return failed;
}

async function tryOut(
  mutant: Mutant,
  tree: MutableTree,
  options: { broken: readonly string[]; limitMs: number },
): Promise<Outcome> {
  await using _change = await tree.apply(mutant);
  const checked = await tree.deno(["check", "--quiet", mutant.path], CHECK_LIMIT_MS);
  if (checked !== "passed") return "does not type-check";
  for (const folder of testsOf(mutant.path)) {
    if (options.broken.includes(folder)) continue;
    const ended = await runTests(tree, folder, options.limitMs);
    if (ended === "failed") return "noticed";
    if (ended === "timed out") return ended;
  }
  return "survived";
}

async function runTests(tree: MutableTree, folder: string, limitMs: number): Promise<Ended> {
  if (!await tree.exists(folder)) return "passed";
  const args = ["test", "--quiet", "--no-check", "--allow-all", "--fail-fast", folder];
  return await tree.deno(args, limitMs);
}

/** Its file and line. */
function place(mutant: Mutant): string {
  return diffOf(mutant).split("\n", 1)[0]!;
}

if (import.meta.main) await runTool(command);
