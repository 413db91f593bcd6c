import { assert, assertEquals } from "@std/assert";
import { natsTest } from "../../support/nats.ts";
import { cluster } from "./cluster.ts";
import { FAULTS } from "./faults.ts";

// The long form, with all faults and more people: deno task test:cluster
natsTest(
  "a node killed, then the NATS server that leads: nothing acked is lost, nothing is twice",
  async () => {
    const seed = Date.now() % 1_000_000;
    const { problems, injected, acked } = await cluster({
      nodes: 2,
      writers: 5,
      readers: 5,
      seed,
      faults: FAULTS.slice(0, 2),
      awayMs: 1000,
    });
    assertEquals(problems, [], `seed ${seed}`);
    assertEquals(injected.length, 2);
    assert(acked > 50, `only ${acked} were acked`);
  },
);
