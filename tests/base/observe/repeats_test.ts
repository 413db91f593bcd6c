import { assertEquals } from "@std/assert";
import { Repeats } from "../../../lib/base/observe/repeats.ts";
import { ManualClock } from "../../support/manual_clock.ts";

function open() {
  const clock = new ManualClock();
  const told: string[] = [];
  const repeats = new Repeats(clock, (more) => told.push(`others ${more}`));
  const note = (what: string) => repeats.note(what, (more) => told.push(`${what} ${more}`));
  return { clock, told, repeats, note };
}

Deno.test("what goes on is told at once, and then once a minute with how often it happened", () => {
  const { clock, told, note } = open();
  for (let i = 0; i < 100; i++) note("a");
  note("b");
  assertEquals(told.splice(0), ["a 0", "b 0"]);
  clock.advance(60_000);
  assertEquals(told.splice(0), ["a 99"]);
  note("a");
  note("b"); // it was quiet for a minute, so this is a first time
  assertEquals(told.splice(0), ["b 0"]);
  clock.advance(60_000);
  assertEquals(told.splice(0), ["a 1"]);
  clock.advance(120_000);
  assertEquals([told, clock.pending], [[], 0]);
});

Deno.test("a thousand things are told apart, and what is beyond is counted together", () => {
  const { clock, told, note } = open();
  for (let i = 0; i < 3000; i++) note(`${i}`);
  assertEquals(told.splice(0).slice(-2), ["999 0", "others 0"]);
  clock.advance(60_000);
  assertEquals(told, ["others 1999"]);
});

Deno.test("at the end what was not told yet is told", () => {
  const { clock, told, repeats, note } = open();
  for (let i = 0; i < 3; i++) note("a");
  note("b");
  repeats[Symbol.dispose]();
  assertEquals([told, clock.pending], [["a 0", "b 0", "a 2"], 0]);
});
