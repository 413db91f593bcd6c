import { runtimeProblem } from "./lib/base/runtime.ts";

// What the program is made of may not even load on an older runtime, so it is imported after the check.
const problem = runtimeProblem(Deno.version.deno);
if (problem !== undefined) {
  console.error(`partyline: ${problem}`);
  Deno.exit(1);
}
const { run } = await import("./lib/cli/main.ts");
Deno.exit(await run(Deno.args));
