import { assert, assertEquals } from "@std/assert";
import { chaos } from "./chaos.ts";

// The long form: deno task test:chaos
Deno.test("a server killed at random moments has lost nothing it acked, and nobody misses or doubles a line", async () => {
  const seed = Date.now() % 1_000_000;
  const { problems, acked, kills } = await chaos({ kills: 3, seconds: 4, writers: 8, seed });
  assertEquals(problems, [], `seed ${seed}`);
  assertEquals(kills, 3);
  assert(acked > 50, `only ${acked} were acked`);
});
