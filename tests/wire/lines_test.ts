import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { RoomEvent } from "../../lib/model/events.ts";
import { encodeLines, helpText, type LineRequest, parseLine } from "../../lib/wire/lines.ts";
import { batchOf, message } from "../support/fakes.ts";

const at = new Date(2026, 10, 20, 12, 1).getTime();

function shown(event: RoomEvent): string[] {
  return encodeLines(batchOf(event));
}

Deno.test("events are shown as the protocol says", () => {
  const cases: [RoomEvent, string[]][] = [
    [message(46, { at, from: "bob", text: "morning" }), ["[12:01] #46 bob: morning"]],
    [message(46, { at, from: "bob", text: "/me waves to all" }), [
      "[12:01] #46 * bob waves to all",
    ]],
    [message(46, { at, from: "bob", text: "/meow" }), ["[12:01] #46 bob: /meow"]],
    [
      message(46, { at, from: "bob", text: "a\n b\n" }),
      ["[12:01] #46 bob: a", "            |  b", "            | "],
    ],
    [{ type: "join", name: "bob", count: 4 }, ["* bob joined"]],
    [{ type: "leave", name: "bob", count: 3 }, ["* bob left"]],
    [{ type: "rename", from: "bob", name: "rob" }, ["* bob is now rob"]],
    [{ type: "presence", count: 2, names: ["ann", "bob"] }, ["* 2 online: ann, bob"]],
    [{ type: "presence", count: 201 }, ["* 201 online"]],
    [{ type: "info", text: "hello ann\n/help for help" }, ["* hello ann", "* /help for help"]],
    [{ type: "error", code: "rate_limited", message: "try again in 2 s" }, ["! try again in 2 s"]],
    [{ type: "bye", reconnect_ms: 1 }, ["* the server is going away, come back in a moment"]],
    [{ type: "typing", name: "bob" }, []],
    [{ type: "live", seq: 46 }, []],
    [{ type: "ping", last: 46 }, []],
    [{ type: "ack", seq: 46, duplicate: false }, []],
  ];
  for (const [event, lines] of cases) assertEquals(shown(event), lines);
});

Deno.test("a reset says what is missing and why", () => {
  const reset = { type: "reset", epoch: "k3x", first: 31, last: 46 } as const;
  const cases: [RoomEvent, string][] = [
    [{ ...reset, reason: "gap", asked: 8 }, "# messages 9 to 30 are no longer kept"],
    [{ ...reset, reason: "gap" }, "# messages before 31 are no longer kept"],
    [{ ...reset, reason: "future", asked: 99 }, "# there is no message 99 yet; the newest is 46"],
    [
      { ...reset, reason: "epoch", asked: 8 },
      "# that cursor is from another history; here is the end of this one",
    ],
  ];
  for (const [event, line] of cases) assertEquals(shown(event), [line]);
});

Deno.test("nothing anybody wrote gets control of a terminal, or looks like another's line", () => {
  const text = fc.string({
    unit: fc.constantFrom(..."\n\r\x1b\x9b\x07[]0;mA#*!\t\x00\u202e\u2028", "[12:01] #47 ann: "),
  });
  fc.assert(fc.property(text, text, (from, text) => {
    const lines = [
      ...shown(message(46, { at, from, text })),
      ...shown({ type: "join", name: from, count: 1 }),
      ...shown({ type: "rename", from, name: text }),
      ...shown({ type: "error", code: "bad_request", message: text }),
    ];
    const first = lines.shift()!;
    assertEquals(first.startsWith("[12:01] #46 "), true);
    for (const line of [first, ...lines]) {
      // deno-lint-ignore no-control-regex
      assertEquals(/[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u202e]/.test(line), false);
    }
    const own = lines.splice(0, lines.length - 3);
    assertEquals(own.every((line) => line.startsWith("            | ")), true);
    assertEquals(lines.map((line) => line[0]), ["*", "*", "!"]);
  }));
});

Deno.test("a typed line is the text of a message or a command", () => {
  const cases: [string, ReturnType<typeof parseLine>][] = [
    ["hi all", { type: "message", text: "hi all" }],
    [" hi ", { type: "message", text: " hi " }],
    ["//x", { type: "message", text: "/x" }],
    ["/ x", { type: "message", text: "/ x" }],
    ["/me waves", { type: "message", text: "/me waves" }],
    ["/name rob roy ", { type: "name", name: "rob roy" }],
    ["/NAME rob", { type: "name", name: "rob" }],
    ["/name", { type: "name", name: "" }],
    ["/since 40", { type: "since", cursor: "40" }],
    ["/since k3x-40", { type: "since", cursor: "k3x-40" }],
    ["/who", { type: "who" }],
    ["/help", { type: "help" }],
    ["/json", { type: "json" }],
    ["/quit", { type: "quit" }],
    ["quit", { type: "quit" }],
    [" quit ", { type: "quit" }],
    ["quite so", { type: "message", text: "quite so" }],
    ["/search x", { type: "unknown", command: "search" }],
    ["/dance", { type: "unknown", command: "dance" }],
    ["", undefined],
    [" \t", undefined],
  ];
  for (const [line, request] of cases) assertEquals(parseLine(line), request, line);
});

Deno.test("/help names every command there is, and each of them is one", () => {
  const rows = helpText(false).split("\n");
  const commands = rows.map((row) => /^\/(\w+)/.exec(row)?.[1]).filter((name) =>
    name !== undefined
  );
  const all = ["help", "name", "who", "me", "topic", "since", "json", "operator", "quit"];
  assertEquals(commands, all);
  for (const name of commands) assertEquals(parseLine(`/${name} x`)?.type === "unknown", false);
  assertEquals(rows.at(-1), "//TEXT          send a text that starts with a slash");
  assertEquals(rows[1], "/name NEW       change your name");
});

Deno.test("/help names an operator's commands only to operators", () => {
  const namesOf = (operator: boolean) =>
    helpText(operator).split("\n").map((row) => /^\/(\w+)/.exec(row)?.[1]);
  const hidden = ["kick", "ban", "unban", "mute", "unmute", "slow", "bans", "undo"];
  assertEquals(namesOf(false).filter((name) => hidden.includes(name!)), []);
  assertEquals(namesOf(true).filter((name) => hidden.includes(name!)), hidden);
});

Deno.test("an operator's line is the order that a frame would be", () => {
  const cases: [line: string, fields: Record<string, unknown>][] = [
    ["/kick eve", { type: "kick", name: "eve", reason: "" }],
    ["/kick eve go away", { type: "kick", name: "eve", reason: "go away" }],
    ['/ban "eve adams" 2h spam', {
      type: "ban",
      name: "eve adams",
      time: "2h",
      reason: "spam",
    }],
    ["/ban @eve spam", { type: "ban", name: "@eve", reason: "spam" }],
    ["/ban eve forever", { type: "ban", name: "eve", time: "forever", reason: "" }],
    ["/mute eve 10m", { type: "mute", name: "eve", time: "10m", reason: "" }],
    ["/unban eve adams", { type: "unban", name: "eve adams" }],
    ['/unmute "eve"', { type: "unmute", name: "eve" }],
    ["/slow 10", { type: "slow", seconds: "10" }],
    ["/topic tea and cake", { type: "topic", text: "tea and cake" }],
    ["/topic -", { type: "topic", text: "" }],
    ["/bans", { type: "bans" }],
    ["/undo", { type: "undo" }],
  ];
  for (const [line, fields] of cases) {
    assertEquals(parseLine(line), { type: "order", fields } as unknown as LineRequest, line);
  }
  assertEquals(parseLine("/topic"), { type: "topic" });
  assertEquals(parseLine("/operator abc.def"), { type: "operator", token: "abc.def" });
});
