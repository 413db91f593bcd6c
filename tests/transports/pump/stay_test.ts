import { assertEquals } from "@std/assert";
import { Journal } from "../../../lib/transports/pump/stay.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function open() {
  const clock = new ManualClock();
  const lines: string[] = [];
  const journal = new Journal({ log: (_level, _category, message) => lines.push(message) }, clock);
  const stay = () => journal.stay({ transport: "sse", address: "192.0.2.1" });
  return { clock, lines, journal, stay };
}

Deno.test("who comes and who leaves is told, with how long it was and why it ended", () => {
  const { clock, lines, journal, stay } = open();
  const ann = stay();
  const bob = stay();
  ann.came("ann");
  bob.came("bob");
  clock.advance(61_000);
  ann.left("anna");
  bob.cut("dead");
  bob.cut("slow"); // what came first is why
  bob.left("bob");
  assertEquals(lines, [
    "ann came in (sse, 192.0.2.1)",
    "bob came in (sse, 192.0.2.1)",
    "anna left after 61 s (sse, 192.0.2.1)",
    "bob was cut after 61 s: did not answer pings (sse, 192.0.2.1)",
  ]);
  assertEquals(journal.cuts, { slow: 0, dead: 1, flooding: 0, failed: 0 });
});

Deno.test("of a crowd some are told by name and the others by number, and later ones by name again", () => {
  const { clock, lines, journal, stay } = open();
  for (let i = 0; i < 500; i++) stay().came(`guest ${i}`);
  for (let i = 0; i < 20; i++) stay().left(`guest ${i}`);
  assertEquals(lines.splice(0).length, 50);
  clock.advance(1000);
  assertEquals(lines.splice(0), ["and besides these 450 came in and 20 left"]);
  clock.advance(60_000);
  stay().came("ann");
  assertEquals(lines.splice(0), ["ann came in (sse, 192.0.2.1)"]);
  for (let i = 0; i < 100; i++) stay().came("more");
  lines.length = 0;
  journal[Symbol.dispose]();
  assertEquals([lines, clock.pending], [["and besides these 51 came in and 0 left"], 0]);
});
