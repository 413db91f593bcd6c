import { assertEquals } from "@std/assert";
import { Looker } from "../../lib/files/kind/looker.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

/** A thread that never comes back from a file called `endless`, and rejects one called `fatal`. */
const THREAD = "data:text/javascript," + encodeURIComponent(`
  self.onmessage = ({ data: { number, question } }) => {
    if (question === "endless") for (;;);
    if (question === "fatal") return self.postMessage({ number, error: "oh" });
    self.postMessage({ number, answer: { type: "text/" + question, extension: "txt" } });
  };
`);

Deno.test("a look that takes too long is given up with its thread, and the next is answered", async () => {
  const clock = new ManualClock();
  const reports: string[] = [];
  using looker = new Looker({ clock, report: (what) => reports.push(what), script: THREAD });
  assertEquals((await looker.look("first")).type, "text/first");
  const endless = looker.look("endless");
  const next = looker.look("next");
  await settle();
  clock.advance(5000);
  assertEquals(await endless, { type: "application/octet-stream", extension: "bin" });
  assertEquals((await next).type, "text/next");
  assertEquals((await looker.look("fatal")).type, "application/octet-stream");
  assertEquals((await looker.look("last")).type, "text/last");
  assertEquals(reports.length, 2);
});

Deno.test("the thread ends when nobody uploads anything, and comes back with the next file", async () => {
  const clock = new ManualClock();
  using looker = new Looker({
    clock,
    report(what, error) {
      throw new Error(what, { cause: error });
    },
    script: THREAD,
  });
  await looker.look("first");
  clock.advance(30_000);
  assertEquals(clock.pending, 0);
  assertEquals((await looker.look("second")).type, "text/second");
});
