import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { ProtocolError } from "../../../lib/client/errors.ts";
import { Position } from "../../../lib/client/reading/position.ts";
import { message } from "../../support/fakes.ts";
import { welcome } from "../fakes.ts";

/** The seqs that are new, until a hole or the end. */
function take(position: Position, from: number, count: number): number[] {
  const taken: number[] = [];
  try {
    for (let seq = from; seq < from + count; seq++) {
      if (position.take(message(seq))) taken.push(seq);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
  }
  return taken;
}

Deno.test("what is known already is left out, and a hole ends what is taken", () => {
  const position = new Position("k-2");
  assertEquals(take(position, 1, 3), [3]);
  assertEquals(take(position, 4, 1), [4]);
  assertEquals(take(position, 6, 2), []);
  assertEquals(position.cursor, "k-4");
});

Deno.test("entries of all kinds move on, also those that are not known", () => {
  const position = new Position("k-2");
  const topic = { type: "topic", seq: 3, at: 1, from: "ann", text: "tea" } as const;
  const unknown = { type: "unknown", seq: 4, event: {} } as const;
  assertEquals([position.take(topic), position.take(unknown)], [true, true]);
  assertEquals([position.take(topic), position.cursor], [false, "k-4"]);
  assertThrows(() => position.take({ ...unknown, seq: 6 }), ProtocolError);
});

Deno.test("where the server does not go on from the cursor, what it sends first is the beginning", () => {
  const position = new Position("k-2");
  position.take(welcome({ epoch: "new" }));
  assertEquals(position.cursor, "k-2", "until it says so");
  assertThrows(() => position.take(message(7)), ProtocolError);
  position.take({ type: "reset", reason: "epoch", epoch: "new", first: 1, last: 9 });
  assertEquals(take(position, 7, 2), [7, 8]);
  assertEquals(position.cursor, "new-8");
});

Deno.test("an empty room is a place to go on from, too", () => {
  const position = new Position();
  assertEquals(position.cursor, undefined);
  position.take(welcome({ epoch: "k" }));
  position.take({ type: "live", seq: 0 });
  assertEquals(position.cursor, "k-0");
  assertEquals(take(position, 1, 1), [1]);
});

Deno.test("a log of which nothing was seen may be another the next time", () => {
  const position = new Position();
  position.take(welcome({ epoch: "k" }));
  position.take(welcome({ epoch: "new" }));
  assertEquals(take(position, 5, 1), [5]);
  assertEquals(position.cursor, "new-5");
});

Deno.test("a bare number goes on in the log that there is", () => {
  const position = new Position("46");
  assertEquals(position.cursor, "46");
  position.take(welcome({ epoch: "k", resumed: true }));
  assertEquals(position.cursor, "k-46");
});

Deno.test("law: however connections are cut and come back, each entry is taken once and in order", () => {
  const connections = fc.array(
    fc.record({ back: fc.nat(5), lost: fc.nat(2), count: fc.nat(8) }),
    { maxLength: 20 },
  );
  fc.assert(fc.property(connections, (connections) => {
    const position = new Position("k-0");
    const taken: number[] = [];
    for (const { back, lost, count } of connections) {
      taken.push(...take(position, Math.max(1, position.seq! + 1 - back + lost), count));
    }
    assertEquals(taken, taken.map((_, i) => i + 1));
  }));
});
