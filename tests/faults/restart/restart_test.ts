import { assert, assertEquals } from "@std/assert";
import { restart } from "./restart.ts";

// With 500 clients, and the histogram: deno task test:restart
Deno.test("after a restart everybody is back within the drain, spread over it, and nothing is lost", async () => {
  const { problems, exitCode, endedMs, backMs, byes } = await restart({
    clients: 60,
    drainSeconds: 2,
  });
  assertEquals(problems, []);
  assertEquals({ exitCode, byes, back: backMs.length }, { exitCode: 0, byes: 60, back: 60 });
  assert(endedMs < 2000, `it took ${endedMs} ms to end`);
  const [first, last] = [backMs[0]!, backMs.at(-1)!];
  assert(last - first > 500, `all came back within ${last - first} ms`);
});
