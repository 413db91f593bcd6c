import { assertEquals } from "@std/assert";
import fc from "fast-check";
import type { RoomEvent } from "../../lib/model/events.ts";
import { encodeLines, helpText, type LineRequest, parseLine } from "../../lib/wire/lines.ts";
import type { ReactionChange } from "../../lib/model/message.ts";
import { nameOrNone } from "../../lib/names/mod.ts";
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

Deno.test("what changes a message is a line of its own, and a message is told as it is now", () => {
  const at2 = at + 240_000;
  const ann = { at, from: "ann" };
  const photo = { id: "ab12", name: "photo.png", type: "image/png", size: 12_345 };
  const cases: [RoomEvent, string[]][] = [
    [message(47, { at, from: "bob", text: "ok", re: 42, to: "ann" }), [
      "[12:01] #47 bob (to #42 ann): ok",
    ]],
    [message(47, { at, from: "bob", text: "ok", re: 42 }), ["[12:01] #47 bob (to #42): ok"]],
    [message(47, { at, from: "bob", text: "/me nods", re: 42, to: "ann" }), [
      "[12:01] #47 (to #42 ann) * bob nods",
    ]],
    [{ type: "edit", seq: 48, at: at2, from: "ann", ref: 42, text: "hi!" }, [
      "[12:05] #48 ann edited #42: hi!",
    ]],
    [{ type: "edit", seq: 48, at: at2, from: "ann", ref: 42, text: "a\nb" }, [
      "[12:05] #48 ann edited #42: a",
      "            | b",
    ]],
    [{ type: "edit", seq: 48, at: at2, from: "ann", ref: 42, text: "" }, [
      "[12:05] #48 ann edited #42",
    ]],
    [{ type: "delete", seq: 49, at: at2, from: "ann", ref: 42 }, ["[12:05] #49 ann deleted #42"]],
    [reaction("bob", true), ["[12:01] #50 bob 👍 #42"]],
    [reaction("bob", false), ["[12:01] #50 bob took back 👍 #42"]],
    [reaction("bob took back", true), ['[12:01] #50 "bob took back" 👍 #42']],
    [message(42, { ...ann, text: "hi!", edited: at2 }), ["[12:01] #42 ann: hi! (edited)"]],
    [message(42, { ...ann, text: "/me waves", edited: at2 }), [
      "[12:01] #42 * ann waves (edited)",
    ]],
    [message(42, { ...ann, text: "a\nb", edited: at2, files: [photo] }), [
      "[12:01] #42 ann: a",
      "            | b (edited)",
      "            | [photo.png, 12 KB, http://h:8080/files/ab12/photo.png]",
    ]],
    [message(42, { ...ann, text: "", deleted: true }), ["[12:01] #42 ann: (deleted)"]],
    [message(42, { ...ann, text: "", deleted: true, re: 40, to: "bob" }), [
      "[12:01] #42 ann (to #40 bob): (deleted)",
    ]],
    [message(52, { ...ann, text: "", files: [photo] }), [
      "[12:01] #52 ann: [photo.png, 12 KB, http://h:8080/files/ab12/photo.png]",
    ]],
  ];
  for (const [event, lines] of cases) {
    assertEquals(encodeLines(batchOf(event), "http://h:8080/"), lines);
  }
});

Deno.test("a file is told by what it is called, its size, and a link that is one word", () => {
  const fileLine = (name: string, size: number) =>
    shown(message(1, { at, text: "", files: [{ id: "f", name, type: "text/plain", size }] }))[0]!
      .slice("[12:01] #1 ann: ".length);
  assertEquals(fileLine("a b.txt", 0), "[a b.txt, 0 B, /files/f/a%20b.txt]");
  assertEquals(fileLine("x", 999), "[x, 999 B, /files/f/x]");
  assertEquals(fileLine("x", 999_499), "[x, 999 KB, /files/f/x]");
  assertEquals(fileLine("x", 999_500), "[x, 1.0 MB, /files/f/x]");
  assertEquals(fileLine("x", 12_340_000), "[x, 12.3 MB, /files/f/x]");
  assertEquals(fileLine("é\ud83d", 1), "[é\ufffd, 1 B, /files/f/%C3%A9%EF%BF%BD]");
  assertEquals(
    fileLine("x, 1 B, http://evil/] [y\n\x1b[2J", 1),
    "[x, 1 B, http://evil/_ _y , 1 B, /files/f/x%2C%201%20B%2C%20http%3A%2F%2Fevil%2F%5D%20%5By%0A]",
  );
});

/** What a name is, as far as it tells a line: it has no colon and no number, and is no star. */
const NAME = String.raw`(?!\* )(?:(?!#\d)[^:])*`;
/** What each line says that it is. */
const KINDS = ([
  ["edit", `${NAME} edited #42(: |$)`],
  ["delete", `${NAME} deleted #42$`],
  ["took back", `${NAME} took back 👍 #42$`],
  ["reaction", `${NAME} 👍 #42$`],
  ["answer", String.raw`(${NAME} )?\(to #42 [^:]*\)`],
  ["message", ""],
] as const).map(([kind, line]) => [kind, new RegExp(String.raw`^\[12:01\] #46 ${line}`)] as const);

Deno.test("whatever somebody is called and writes, a line says what kind of entry it is", () => {
  const words = [
    " took back",
    " 👍",
    " edited",
    " deleted",
    "(to 42 x)",
    "* ",
    "#4",
    "2",
    ": ",
    "a",
  ];
  const said = fc.array(fc.constantFrom(...words, "👍 #42", " edited #42: x", "(to #42 ann)"), {
    maxLength: 5,
  }).map((parts) => parts.join(""));
  const name = said.map((raw) => nameOrNone(raw)).filter((name) => name !== undefined);
  const of = (line: string) => KINDS.find(([, pattern]) => pattern.test(line))![0];
  fc.assert(
    fc.property(name, said.filter((text) => text.trim() !== ""), (from, text) => {
      const common = { seq: 46, at, from, ref: 42 };
      const first = (event: RoomEvent) => of(shown(event)[0]!);
      assertEquals(first(message(46, { at, from, text })), "message");
      assertEquals(first(message(46, { at, from, text: `/me ${text}` })), "message");
      assertEquals(first(message(46, { at, from, text, re: 42, to: from })), "answer");
      assertEquals(
        first(message(46, { at, from, text: `/me ${text}`, re: 42, to: from })),
        "answer",
      );
      assertEquals(first({ ...common, type: "edit", text }), "edit");
      assertEquals(first({ ...common, type: "delete" }), "delete");
      assertEquals(first({ ...reaction(from, true), seq: 46 }), "reaction");
      assertEquals(first({ ...reaction(from, false), seq: 46 }), "took back");
    }),
    { numRuns: 1000 },
  );
});

function reaction(from: string, on: boolean): ReactionChange {
  const [count, names] = on ? [1, [from]] : [0, []];
  return { type: "reaction", seq: 50, at, from, ref: 42, emoji: "👍", on, count, names };
}

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
    ["/who", { type: "who", part: "" }],
    ["/who ann", { type: "who", part: "ann" }],
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
  const all = "help name who me reply edit delete react unreact topic since json operator quit";
  assertEquals(commands, all.split(" "));
  for (const name of commands) assertEquals(parseLine(`/${name} x`)?.type === "unknown", false);
  assertEquals(rows.at(-1), "//TEXT            send a text that starts with a slash");
  assertEquals(rows[1], "/name NEW         change your name");
  assertEquals(rows[8], "/unreact #N EMOJI take a reaction back");
});

Deno.test("/help names an operator's commands only to operators", () => {
  const namesOf = (operator: boolean) =>
    helpText(operator).split("\n").map((row) => /^\/(\w+)/.exec(row)?.[1]);
  const hidden = ["kick", "ban", "unban", "mute", "unmute", "slow", "bans", "undo"];
  assertEquals(namesOf(false).filter((name) => hidden.includes(name!)), []);
  assertEquals(namesOf(true).filter((name) => hidden.includes(name!)), hidden);
});

Deno.test("a command about a message says which, and an edit may mean the last one", () => {
  const cases: [line: string, command: unknown][] = [
    ["/reply #42 ok then", { type: "reply", ref: 42, text: "ok then" }],
    ["/reply 42 ok", { type: "reply", ref: 42, text: "ok" }],
    ["/reply #42", { type: "reply", ref: 42, text: "" }],
    ["/reply ok", { type: "reply", ref: undefined, text: "ok" }],
    ["/edit #42 hi!", { type: "edit", ref: 42, text: "hi!" }],
    ["/edit hi!", { type: "edit", ref: undefined, text: "hi!" }],
    ["/edit 42 is the answer", { type: "edit", ref: undefined, text: "42 is the answer" }],
    ["/edit #42nd street", { type: "edit", ref: undefined, text: "#42nd street" }],
    ["/delete #42", { type: "delete", ref: 42 }],
    ["/delete 42", { type: "delete", ref: 42 }],
    ["/delete", { type: "delete", ref: undefined }],
    ["/delete all", { type: "delete", ref: undefined }],
    ["/react #42 👍", { type: "reaction", ref: 42, emoji: "👍", on: true }],
    ["/react 42  👍 ", { type: "reaction", ref: 42, emoji: "👍", on: true }],
    ["/unreact #42 👍", { type: "reaction", ref: 42, emoji: "👍", on: false }],
    ["/react 👍", { type: "reaction", ref: undefined, emoji: "👍", on: true }],
  ];
  for (const [line, command] of cases) {
    assertEquals(parseLine(line), { type: "about", command } as LineRequest, line);
  }
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
