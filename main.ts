import { run } from "./lib/cli/main.ts";

Deno.exit(await run(Deno.args));
