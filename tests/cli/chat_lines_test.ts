import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { isEssential, jsonLine, linesOf } from "../../lib/cli/chat/lines.ts";
import type { Happening } from "../../lib/cli/chat/narrator.ts";
import { welcome } from "../client/fakes.ts";
import { message } from "../support/fakes.ts";

Deno.test("what happens is shown as in the TCP room, and what only a client knows beside it", () => {
  const plain = (happening: Happening) => linesOf(happening, { colour: false });
  assertEquals(plain(welcome({ count: 2, names: ["ann", "bob"] })), [
    "* lobby, 2 online: ann, bob",
    "* you are ann",
  ]);
  assertEquals(plain({ type: "lost", reason: "gone", retryMs: 2345 }), [
    "* connection lost (gone), trying again in 2.3 s",
  ]);
  const back = { type: "back", welcome: welcome() } as const;
  assertEquals(plain({ ...back, seq: 46 }), ["* reconnected as ann, resumed after #46"]);
  assertEquals(plain({ ...back, seq: undefined }), ["* reconnected as ann"]);
  assertEquals(plain({ type: "join", name: "bob", count: 2 }), ["* bob joined"]);
  assertEquals(plain({ type: "live", seq: 1 }), []);
  assertEquals(plain({ type: "bye", reconnect_ms: 1 }), []);
  assert(isEssential(message(1)) && !isEssential({ type: "join", name: "bob", count: 2 }));
});

const nasty = fc.array(
  fc.constantFrom(
    "\x1b",
    "\x9b",
    "[2J",
    "[31m",
    "\u202e",
    "\u2028",
    "\x07",
    "\n",
    "\t",
    "4",
    ": ",
    "é世",
  ),
  { maxLength: 12 },
).map((pieces) => pieces.join(""));

Deno.test("colours change no text, and nothing of a text steers the terminal", () => {
  fc.assert(fc.property(nasty, nasty, (from, text) => {
    const entry = message(46, { from, text });
    const plain = linesOf(entry, { colour: false });
    const painted = linesOf(entry, { colour: true });
    // deno-lint-ignore no-control-regex
    const stripped = painted.map((line) => line.replace(/\x1b\[[\d;]+m/g, ""));
    assertEquals(stripped, plain);
    for (const line of plain) assert(!/[\p{Cc}\u202e]/u.test(line.replaceAll("\t", "")), line);
  }));
});

Deno.test("the name is what is coloured, the same everywhere, and the rest of the head is dim", () => {
  const [line = ""] = linesOf(message(46, { from: "4", text: "4" }), { colour: true });
  const [again = ""] = linesOf(message(1, { from: "4", text: "/me waves" }), { colour: true });
  // deno-lint-ignore no-control-regex
  const [, colour] = /^\x1b\[2m\[\d\d:\d\d\] #46 \x1b\[0m\x1b\[1;38;5;(\d+)m4\x1b\[0m: 4$/.exec(
    line,
  )!;
  assert(again.endsWith(`* \x1b[0m\x1b[1;38;5;${colour}m4\x1b[0m waves`), JSON.stringify(again));
});

Deno.test("a line of JSON is the event, and nothing that a terminal obeys", () => {
  fc.assert(fc.property(nasty, (text) => {
    const entry = message(1, { text: text + "\x1b[2J\x9b\u202e\u2028" });
    const line = jsonLine(entry);
    assert(!/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(line));
    assertEquals(JSON.parse(line), entry);
  }));
});
