import { assert, assertEquals, assertMatch } from "@std/assert";
import { type TestOptions, TestServer } from "../support/server.ts";
import { openSocket } from "./clients/socket.ts";
import { Raw } from "./clients/raw.ts";
import { websocket } from "./clients/websocket.ts";

const RULE = "wanted 1 to 32 visible characters";
const PROMPT = "* lobby, 0 online. Your name? (Enter for a guest name)\r\n";

/** A room with so many messages by bob, and somebody who is being asked for a name. */
async function arrive(messages = 0, options: TestOptions = {}) {
  const server = await TestServer.open(options);
  for (let i = 1; i <= messages; i++) {
    await server.running.room.post({ sender: "b", from: "bob", text: `message ${i}` });
  }
  const raw = await Raw.connect(server.tcpPort);
  assertEquals(await raw.takeUntil("\r\n"), PROMPT);
  return {
    server,
    raw,
    async [Symbol.asyncDispose]() {
      raw[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Times are whatever they are. */
function timeless(text: string): string {
  return text.replaceAll(/^\[\d\d:\d\d\]/gm, "[hh:mm]");
}

Deno.test("somebody is asked for a name, greeted, shown ten messages, and sees their own numbered", async () => {
  await using room = await arrive(12);
  await room.raw.send("ann\nhi all\r\n");
  const shown = timeless(await room.raw.takeUntil("hi all\r\n"));
  const history = Array.from(
    { length: 10 },
    (_, i) => `[hh:mm] #${i + 3} bob: message ${i + 3}\r\n`,
  );
  assertEquals(
    shown,
    "* hello ann; the last 10 of 12 messages follow, /help for help\r\n" + history.join("") +
      "[hh:mm] #13 ann: hi all\r\n",
  );
});

Deno.test("an empty room says so, and Enter gives a guest's name", async () => {
  await using room = await arrive();
  await room.raw.send("\n");
  assertMatch(
    await room.raw.takeUntil("\r\n"),
    /^\* hello guest-[a-z0-9]{4}; no messages yet, \/help for help\r\n$/,
  );
});

Deno.test("a name that cannot be is asked for again, one that is taken becomes the next free one", async () => {
  await using room = await arrive();
  await room.raw.send("n".repeat(33) + "\n");
  assertEquals(await room.raw.takeUntil("\r\n"), `! the name has 33 characters; ${RULE}\r\n`);
  // As over HTTP: none of these is taken out of a name in silence.
  for (const hidden of ["\u200b", "\u202e", "\u2066"]) {
    await room.raw.send(`a${hidden}b\n`);
    assertEquals(
      await room.raw.takeUntil("\r\n"),
      `! the name has a control or invisible character; ${RULE}\r\n`,
    );
  }
  await using _ann = await websocket.join(room.server, { name: "ann" });
  await room.raw.send("ann\n");
  assertMatch(await room.raw.takeUntil("\r\n"), /^\* hello ann2; /);
});

Deno.test("each command does what /help says", async () => {
  await using room = await arrive(3);
  const { raw } = room;
  await raw.send("ann\n/help\n");
  await raw.takeUntil("bob: message 3\r\n");
  assertEquals(
    await raw.takeUntil("a slash\r\n"),
    [
      "* /help             show the commands",
      "* /name NEW         change your name",
      "* /who [NAME]       show who is here, or find them",
      "* /me ACTION        say what you do",
      "* /reply #N TEXT    answer message N",
      "* /edit [#N] TEXT   change your last message, or N",
      "* /delete #N        delete message N",
      "* /react #N EMOJI   react to message N",
      "* /unreact #N EMOJI take a reaction back",
      "* /topic            show the topic",
      "* /since N          show the messages after number N",
      "* /json             events as JSON lines from here on",
      "* /operator TOKEN   go on as an operator",
      "* /quit             leave",
      "* //TEXT            send a text that starts with a slash",
      "",
    ].join("\r\n"),
  );
  const cases: [string, string][] = [
    ["/who", "* 1 online: ann"],
    ["/who AN", '* with "AN" in the name: ann'],
    ["/who bob", '* nobody here has "bob" in the name'],
    ["/topic", "* there is no topic"],
    ["/ban bob", "! only operators can do that; an operator's token proves it"],
    ["/name Anna K.", "* ann is now Anna K."],
    ["/name  Anna  K.", "* your name is Anna K."],
    ["/name Anna\u202eK.", `! the name has a control or invisible character; ${RULE}`],
    [
      "/name root",
      '! the name "root" is taken: it reads like the server or one of its keepers; choose another',
    ],
    ["/name", `! the name is empty; ${RULE}`],
    ["/me waves", "[hh:mm] #4 * Anna K. waves"],
    ["//who", "[hh:mm] #5 Anna K.: /who"],
    ["/ a slash alone", "[hh:mm] #6 Anna K.: / a slash alone"],
    ["/WHO", "* 1 online: Anna K."],
    ["/nonsense", "! there is no such command; /help tells those there are"],
    ["/since 5", "[hh:mm] #6 Anna K.: / a slash alone"],
    [`/since ${room.server.running.room.log.epoch}-5`, "[hh:mm] #6 Anna K.: / a slash alone"],
    ["/since x", "! /since wants a number, or <epoch>-<number>"],
    ["/since 99", "# there is no message 99 yet; the newest is 6"],
  ];
  for (const [typed, answer] of cases) {
    await raw.send(typed + "\n");
    assertEquals(timeless(await raw.takeUntil("\r\n")), answer + "\r\n", typed);
  }
});

Deno.test("an edit without a number is of what one said last, wherever, and is not deleted", async () => {
  await using room = await arrive();
  const { raw, server } = room;
  await raw.send("ann\n/edit x\n");
  await raw.takeUntil("nothing here yet; wanted /edit #42 TEXT\r\n");
  // In one piece: each is of what stands before it.
  await raw.send("one\n/edit ONE\ntwo\n/edit TWO\n");
  await raw.takeUntil("edited #2: TWO\r\n");
  await raw.send("/since 0\n");
  const told = await raw.takeUntil("edited #2: TWO\r\n");
  assertEquals(told.match(/#\d .*/g), [
    "#1 ann: ONE (edited)",
    "#2 ann: TWO (edited)",
    "#3 ann edited #1: ONE",
    "#4 ann edited #2: TWO",
  ]);
  await raw.send("/delete #2\n");
  await raw.takeUntil("deleted #2\r\n");
  await raw.send("/json\n");
  const { token } = JSON.parse(await raw.takeUntil("\n"));
  await using elsewhere = await websocket.join(server, { token });
  await raw.send("/edit One\n");
  await raw.takeUntil('"ref":1,"text":"One"');
  await elsewhere.send({ text: "three" });
  await raw.send("/edit Three\n");
  await raw.takeUntil('"text":"Three"');
  const [three] = await server.running.room.log.readMessages({ after: 5, limit: 9 });
  assertEquals(three?.text, "Three");
});

Deno.test("of a crowd /who names those who spoke last, and finds anybody", async () => {
  await using room = await arrive();
  const { raw, server: { running } } = room;
  for (let i = 0; i < 250; i++) running.room.people.enter(`s${i}`, `person-${i}`);
  running.room.people.enter("bjorn", "Björn");
  running.room.people.speak("s9", "person-9");
  await raw.send("ann\nhi\n");
  await raw.takeUntil("hi\r\n");
  await raw.send("/who\n");
  await raw.takeUntil("* 252 online\r\n");
  const named = await raw.takeUntil("\r\n");
  assertMatch(named, /^\* who spoke last is first: ann, person-9, .*, and more; \/who NAME finds/);
  assertEquals(named.split(", ").length, 21);
  await raw.send("/who bjo\n");
  assertEquals(await raw.takeUntil("\r\n"), '* with "bjo" in the name: Björn\r\n');
});

Deno.test("notices begin with a star: who comes, renames and goes", async () => {
  await using room = await arrive();
  await room.raw.send("ann\n");
  await room.raw.takeUntil("\r\n");
  const bob = await websocket.join(room.server, { name: "bob" });
  assertEquals(await room.raw.takeUntil("\r\n"), "* bob joined\r\n");
  await bob.leave();
  assertEquals(await room.raw.takeUntil("\r\n"), "* bob left\r\n");
});

Deno.test("after /json every event is a line of JSON, beginning with welcome", async () => {
  await using room = await arrive(1);
  await room.raw.send("ann\n");
  await room.raw.takeUntil("message 1\r\n");
  await room.raw.send("/json\nhi\n");
  const welcome = JSON.parse(await room.raw.takeUntil("\n"));
  assertEquals([welcome.type, welcome.name, welcome.last], ["welcome", "ann", 1]);
  const message = JSON.parse(await room.raw.takeUntil("\n"));
  assertEquals([message.seq, message.from, message.text], [2, "ann", "hi"]);
  await room.raw.send('{"type":"message","id":"c-1","text":"as JSON"}\n');
  assertEquals(JSON.parse(await room.raw.takeUntil("\n")).id, "c-1");
  const ack = JSON.parse(await room.raw.takeUntil("\n"));
  assertEquals(ack, { type: "ack", id: "c-1", seq: 3, duplicate: false });
  await room.raw.send('{"type":\n');
  const { code } = JSON.parse(await room.raw.takeUntil("\n"));
  assertEquals(code, "bad_request");
});

for (const word of ["/quit", "quit", "  quit  "]) {
  Deno.test(`"${word}" leaves, and what was said before is still shown`, async () => {
    await using room = await arrive();
    await room.raw.send(`ann\none\ntwo\n${word}\nthree\n`);
    const shown = timeless(await room.raw.takeRest());
    assert(shown.endsWith("[hh:mm] #1 ann: one\r\n[hh:mm] #2 ann: two\r\n"), shown);
    assertEquals(room.server.running.room.presence().count, 0);
    assertEquals(room.server.running.room.tail.seq, 2);
  });
}

Deno.test("the end of input leaves, and what was said is still shown, the last line too", async () => {
  await using room = await arrive();
  await room.raw.send("ann\none\nwithout an end");
  await room.raw.finish();
  const shown = timeless(await room.raw.takeRest());
  assert(shown.endsWith("[hh:mm] #1 ann: one\r\n[hh:mm] #2 ann: without an end\r\n"), shown);
  assertEquals(room.server.running.room.presence().count, 0);
});

Deno.test("a whole script in one piece, its end included, is carried out in order", async () => {
  await using room = await arrive();
  const lines = Array.from({ length: 300 }, (_, i) => `line ${i + 1}`);
  await room.raw.send(`ann\n${lines.join("\n")}\n`);
  await room.raw.finish();
  const shown = timeless(await room.raw.takeRest()).split("\r\n").slice(1, -1);
  assertEquals(shown, lines.map((line, i) => `[hh:mm] #${i + 1} ann: ${line}`));
});

Deno.test("empty lines are ignored, or leave where the operator says so", async () => {
  {
    await using room = await arrive();
    await room.raw.send("ann\n\r\n\n   \nhi\n");
    assertMatch(await room.raw.takeUntil("hi\r\n"), /#1 ann: hi\r\n$/);
  }
  await using room = await arrive(0, { emptyLine: "leave" });
  await room.raw.send("ann\nhi\n\nmore\n");
  assertMatch(await room.raw.takeRest(), /#1 ann: hi\r\n$/);
  assertEquals(room.server.running.room.tail.seq, 1);
});

Deno.test("a line too long is skipped to its end and answered with an error, and nothing ends", async () => {
  await using room = await arrive();
  await room.raw.send("ann\n" + "x".repeat(100_000) + "\n" + "y".repeat(4001) + "\nstill here\n");
  await room.raw.takeUntil("for help\r\n");
  const error = "! the line is too long; at most 16384 bytes\r\n";
  assertEquals(await room.raw.takeUntil("\r\n"), error);
  const refusal = "! the text has 4001 characters; at most 4000 are accepted\r\n";
  assertEquals(await room.raw.takeUntil("\r\n"), refusal);
  assertMatch(await room.raw.takeUntil("\r\n"), /#1 ann: still here\r\n$/);
});

Deno.test("what is not UTF-8 is refused by the line", async () => {
  await using room = await arrive();
  await room.raw.send(new Uint8Array([...new TextEncoder().encode("ann\nbad "), 0xc3, 0x28, 10]));
  await room.raw.takeUntil("for help\r\n");
  assertEquals(await room.raw.takeUntil("\r\n"), "! the line is not UTF-8\r\n");
});

Deno.test("telnet negotiation and terminal sequences are removed, in the name and commands too", async () => {
  await using room = await arrive();
  await using watcher = await websocket.join(room.server, { name: "watcher" });
  const bytes = (text: string) => new TextEncoder().encode(text);
  // IAC DO, IAC SB … IAC SE: what a telnet client may send by itself.
  await room.raw.send(new Uint8Array([255, 253, 1, ...bytes("an"), 255, 250, 24, 0, 255, 240]));
  await room.raw.send("\x1b[A" + "n\n");
  assertMatch(await room.raw.takeUntil("\r\n"), /^\* hello ann; /);
  await room.raw.send("\x1b[31mred\x1b[0m \x07bell\u202e\n");
  assertMatch(await room.raw.takeUntil("\r\n"), /#1 ann: red bell\r\n$/);
  await room.raw.send("\x1b[A/who\n");
  assertEquals(await room.raw.takeUntil("\r\n"), "* 2 online: watcher, ann\r\n");
  await watcher.inbox.untilSeq(1);
  assertEquals(watcher.inbox.lines, ["#1 ann: red bell"]);
});

Deno.test("a message of several lines cannot pass for others", async () => {
  await using room = await arrive();
  await room.raw.send("ann\n");
  await room.raw.takeUntil("\r\n");
  await room.server.running.room.post({
    sender: "b",
    from: "bob",
    text: "hi\n[12:00] #9 root: pay",
  });
  assertEquals(
    timeless(await room.raw.takeUntil("pay\r\n")),
    "[hh:mm] #1 bob: hi\r\n           | [12:00] #9 root: pay\r\n",
  );
});

for (
  const line of ["GET / HTTP/1.1", "POST /api/messages HTTP/1.0", "Host: 127.0.0.1", "host: x"]
) {
  Deno.test(`a browser that was led here is cut at once: ${line}`, async () => {
    await using room = await arrive();
    await room.raw.fling(`${line}\r\nContent-Type: text/plain\r\n\r\nann\r\nforged\r\n/quit\r\n`);
    assertEquals(await room.raw.takeRest(), "");
    assertEquals(room.server.running.room.tail.seq, 0);
  });
}

Deno.test("above the rate an error says when to try again", async () => {
  await using room = await arrive(0, { rate: { perSecond: 0.1, burst: 1 } });
  await room.raw.send("ann\none\ntwo\n");
  await room.raw.takeUntil("for help\r\n");
  const shown = await room.raw.takeUntil("10 s\r\n");
  assert(shown.includes("! rate limited, try again in 10 s\r\n"), shown);
});

Deno.test("over /ws/text the same is said in frames, the first of which is the name", async () => {
  await using server = await TestServer.open();
  const frames: string[] = [];
  const { socket, ended } = await openSocket(server, "/ws/text", {
    onFrame: (text) => frames.push(timeless(text)),
  });
  socket.send("ann");
  socket.send("one\r\ntwo\n");
  socket.send("/quit");
  const { code } = await ended;
  assertEquals(code, 1000);
  assertEquals(frames.join("\n").split("\n"), [
    PROMPT.trim(),
    "* hello ann; no messages yet, /help for help",
    "[hh:mm] #1 ann: one",
    "[hh:mm] #2 ann: two",
  ]);
});
