import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { RoomEvent, Welcome } from "../../lib/model/events.ts";
import { Position } from "../../static/connection/position.ts";
import { message } from "../support/fakes.ts";

function welcome(epoch: string, resumed: boolean): Welcome {
  const limits = { text: 4000, name: 32 };
  const [room, name, token] = ["lobby", "ann", ""];
  const range = { first: 1, last: 9, count: 1 };
  return { type: "welcome", v: 1, room, epoch, name, token, resumed, limits, ping: 25, ...range };
}

const seqs = (events: readonly RoomEvent[]) =>
  events.flatMap((event) => event.type === "message" ? [event.seq] : []);

Deno.test("what is known already is left out, and a hole ends what is taken", () => {
  const position = new Position({ epoch: "k", seq: 2 });
  const first = position.take([message(1), message(2), message(3)]);
  assertEquals([seqs(first.events), first.hole], [[3], false]);
  const second = position.take([message(4), message(6), message(7)]);
  assertEquals([seqs(second.events), second.hole, position.cursor], [[4], true, "k-4"]);
});

Deno.test("where the server does not go on from the cursor, what it sends first is the beginning", () => {
  const position = new Position({ epoch: "k", seq: 2 });
  const reset = { type: "reset", reason: "epoch", epoch: "new", first: 1, last: 9 } as const;
  const { events, hole } = position.take([welcome("new", false), reset, message(7), message(8)]);
  assertEquals([seqs(events), hole, position.cursor], [[7, 8], false, "new-8"]);
});

Deno.test("an empty room is a place to go on from, too", () => {
  const position = new Position();
  assertEquals(position.cursor, undefined);
  position.take([welcome("k", true), { type: "live", seq: 0 }]);
  assertEquals(position.cursor, "k-0");
  assertEquals(seqs(position.take([message(1)]).events), [1]);
});

Deno.test("law: however lines are cut and come back, each entry is taken once and in order", () => {
  const lines = fc.array(
    fc.record({ back: fc.nat(5), lost: fc.nat(2), count: fc.nat(8) }),
    { maxLength: 20 },
  );
  fc.assert(fc.property(lines, (lines) => {
    const position = new Position({ epoch: "k", seq: 0 });
    const taken: number[] = [];
    for (const { back, lost, count } of lines) {
      const known = Number(position.cursor!.split("-")[1]);
      const from = Math.max(1, known + 1 - back + lost);
      const sent = Array.from({ length: count }, (_, i) => message(from + i));
      taken.push(...seqs(position.take(sent).events));
    }
    assertEquals(taken, taken.map((_, i) => i + 1));
  }));
});
