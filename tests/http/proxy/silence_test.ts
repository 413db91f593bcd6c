import { assertEquals } from "@std/assert";
import { Silence } from "../../../lib/http/proxy/silence.ts";
import { ManualClock } from "../../support/manual_clock.ts";

Deno.test("that a stream stayed silent is told to the operator, once a minute with a count", () => {
  const clock = new ManualClock();
  const reports: string[] = [];
  const silence = new Silence(clock, (what) => reports.push(what));
  const say = (silent: string) =>
    silence.heard(new Headers({ "x-partyline-silent": silent }), "192.0.2.1");
  for (const nonsense of ["", "tcp", "constructor", "sse2", "x".repeat(1000)]) say(nonsense);
  silence.heard(new Headers(), "192.0.2.1");
  assertEquals(reports, []);
  for (let i = 0; i < 3; i++) say("sse");
  const why = "a proxy between gathers the answers of /events before it passes them on " +
    "(nginx: proxy_buffering off)";
  const gaveUp = "a client at 192.0.2.1 gave up sse, which stayed silent, for another transport";
  assertEquals(reports, [`${gaveUp}: ${why}`]);
  clock.advance(60_000);
  say("sse");
  assertEquals(reports[1], `${gaveUp}, and 2 others did since the last report: ${why}`);
  clock.advance(60_000);
  say("websocket");
  assertEquals(reports[2]!.includes("gave up websocket"), true);
});
