import { assert, assertEquals } from "@std/assert";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { TestServer } from "../support/server.ts";
import { RawSocket } from "./clients/raw_socket.ts";
import { Inbox } from "./clients/inbox.ts";
import { OPCODE } from "./clients/raw_socket.ts";
import { openSocket } from "./clients/socket.ts";
import { bearer } from "./clients/client.ts";
import { websocket } from "./clients/websocket.ts";

/** A client of /ws that sends what it likes. */
async function open(server: TestServer, query = "", headers: Record<string, string> = {}) {
  const inbox = new Inbox();
  const { socket, ended } = await openSocket(server, `/ws${query}`, {
    headers,
    onFrame: (text) => text.split("\n").forEach((line) => inbox.push(JSON.parse(line))),
  });
  const closed = ended.then(({ code }) => {
    inbox.end(`closed with ${code}`);
    return code;
  });
  await inbox.until("live");
  return {
    inbox,
    socket,
    closed,
    send: (frame: unknown) =>
      socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}

Deno.test("a text frame that is no object is the text of a message", async () => {
  await using server = await TestServer.open();
  await using client = await open(server, "?name=ann");
  for (const text of ["hi", "[1]", '"quoted"', " {", "two\nlines"]) client.send(text);
  await client.inbox.untilSeq(5);
  assertEquals(client.inbox.messages.map(({ text }) => text), [
    "hi",
    "[1]",
    '"quoted"',
    " {",
    "two\nlines",
  ]);
  await client.inbox.until("ack", ({ seq }) => seq === 5);
  const acks = client.inbox.events.filter(({ type }) => type === "ack");
  assertEquals(acks[0], { type: "ack", seq: 1, duplicate: false });
});

Deno.test("what cannot be read is answered with an error that says why, and nothing ends", async () => {
  await using server = await TestServer.open();
  await using client = await open(server);
  const cases: [unknown, string, string][] = [
    ["{", "bad_request", "this is not valid JSON; wanted one object"],
    ['{"type":"message"}{}', "bad_request", "this is not valid JSON; wanted one object"],
    [{}, "bad_request", '"type" must be a string'],
    [{ type: 5 }, "bad_request", '"type" must be a string'],
    [{ type: "message" }, "bad_request", '"text" must be a string'],
    [{ type: "message", text: ["x"] }, "bad_request", '"text" must be a string'],
    [{ type: "message", text: "" }, "bad_request", "the text is empty"],
    ["", "bad_request", "the text is empty"],
    [
      { type: "message", text: "x".repeat(4001) },
      "too_long",
      "the text has 4001 characters; at most 4000 are accepted",
    ],
    [
      { type: "message", text: "x", id: 7 },
      "bad_request",
      '"id" must be 1 to 64 printable ASCII characters',
    ],
    [{ type: "rename" }, "bad_request", "the name must be text; wanted 1 to 32 visible characters"],
    [
      { type: "rename", name: "root" },
      "name_taken",
      'the name "root" is taken: it reads like the server or one of its keepers; choose another',
    ],
  ];
  for (const [frame, code, message] of cases) {
    const before = client.inbox.events.length;
    client.send(frame);
    const error = await client.inbox.until("error", (_, index) => index >= before);
    assertEquals(error, { type: "error", code: error.code, message });
    assertEquals(error.code, code);
  }
  client.send({ type: "message", text: "", id: "c-1" });
  assertEquals((await client.inbox.until("error", ({ id }) => id === "c-1")).code, "bad_request");
  client.send({ type: "pong" });
  client.send({ type: "of a later version", anything: true });
  client.send({ type: "message", text: "still here", more: "unknown" });
  await client.inbox.untilSeq(1);
  assertEquals(client.inbox.lines.length, 1);
});

Deno.test("binary closes with 1003, a frame above 16 KiB with 1009, and not one of 16 KiB", async () => {
  await using server = await TestServer.open();
  for (const path of ["/ws", "/ws/text"]) {
    const frames: [string | Uint8Array<ArrayBuffer>, number][] = [
      [new Uint8Array([123, 125]), 1003],
      ["{" + "x".repeat(16 * 1024), 1009],
      ["{" + "é".repeat(8 * 1024), 1009],
      ["x".repeat(1024 * 1024), 1009],
    ];
    for (const [frame, code] of frames) {
      const { socket, ended } = await openSocket(server, path);
      socket.send(frame);
      assertEquals((await ended).code, code, path);
    }
  }
  await using client = await open(server);
  client.send("{" + "x".repeat(16 * 1024 - 1));
  await client.inbox.until("error", ({ message }) => message.includes("valid JSON"));
});

Deno.test("text that is not UTF-8 ends its connection, and no other", async () => {
  await using server = await TestServer.open();
  await using client = await open(server);
  for (const path of ["/ws", "/ws/text", "/echo"]) {
    using socket = await RawSocket.open(server.httpPort, path);
    await socket.send(OPCODE.text, new Uint8Array([0x68, 0xff]));
    await socket.raw.takeRest(); // the runtime sends no close frame then
  }
  client.send("still here");
  await client.inbox.untilSeq(1);
});

Deno.test("a message in fragments, with a ping between them, is one message", async () => {
  await using server = await TestServer.open();
  using socket = await RawSocket.open(server.httpPort, "/ws");
  await socket.until('"live"');
  await socket.send(OPCODE.text, "one ", { fin: false });
  await socket.send(OPCODE.continuation, "me", { fin: false });
  await socket.send(OPCODE.ping, "?");
  const pong = await socket.next();
  assertEquals([pong.opcode, new TextDecoder().decode(pong.payload)], [OPCODE.pong, "?"]);
  await socket.send(OPCODE.continuation, "ssage");
  await socket.until('"text":"one message"');
});

Deno.test("renaming is told to all, and messages carry the new name from then on", async () => {
  await using server = await TestServer.open();
  await using ann = await open(server, "?name=ann");
  await using watcher = await open(server, "?name=watcher");
  ann.send("as ann");
  ann.send({ type: "rename", name: "  Anna  K. " });
  ann.send("as Anna");
  await watcher.inbox.untilSeq(2);
  const rename = { type: "rename", from: "ann", name: "Anna K." } as const;
  assertEquals(await ann.inbox.until("rename"), rename);
  assertEquals(await watcher.inbox.until("rename"), rename);
  assertEquals(watcher.inbox.messages.map(({ from }) => from), ["ann", "Anna K."]);
  watcher.send({ type: "rename", name: "anna k." });
  const { code } = await watcher.inbox.until("error");
  assertEquals(code, "name_taken");
  // The old name is free again.
  watcher.send({ type: "rename", name: "ann" });
  await ann.inbox.until("rename", ({ name }) => name === "ann");
});

Deno.test("renaming to one's own name is answered as done, and told to nobody else", async () => {
  await using server = await TestServer.open();
  await using ann = await open(server, "?name=ann");
  await using watcher = await open(server, "?name=watcher");
  ann.send({ type: "rename", name: " ann " });
  assertEquals(await ann.inbox.until("rename"), { type: "rename", from: "ann", name: "ann" });
  ann.send("still ann");
  await watcher.inbox.untilSeq(1);
  assertEquals(watcher.inbox.events.filter(({ type }) => type === "rename"), []);
});

Deno.test("typing is told once however often it is said", async () => {
  await using server = await TestServer.open();
  await using ann = await open(server, "?name=ann");
  await using watcher = await open(server, "?name=watcher");
  for (let i = 0; i < 20; i++) ann.send({ type: "typing" });
  ann.send("done");
  await watcher.inbox.untilSeq(1);
  await watcher.inbox.until("typing");
  const notices = watcher.inbox.events.filter(({ type }) => type === "typing");
  assertEquals(notices, [{ type: "typing", name: "ann" }]);
});

Deno.test("recent says how much of the history comes, within its limits", async () => {
  await using server = await TestServer.open();
  await server.running.room.log.append(
    Array.from({ length: 600 }, (_, i) => ({ sender: "x", from: "x", text: `${i}` })),
  );
  for (
    const [query, count] of [["", 50], ["?recent=0", 0], ["?recent=7", 7], [
      "?recent=500",
      500,
    ]] as const
  ) {
    await using client = await open(server, query);
    assertEquals(client.inbox.seqs.length, count);
    assertEquals(client.inbox.seqs[0], count === 0 ? undefined : 601 - count);
  }
  const refused = await fetch(`${server.url}/stream?recent=501`);
  const { error } = await refused.json();
  assertEquals(refused.status, 400);
  assertEquals(error.message, "recent=501: wanted a whole number from 0 to 500");
});

Deno.test("the session is taken from the cookie or the token, and else a guest's", async () => {
  await using server = await TestServer.open();
  await using guest = await open(server);
  const welcome = await guest.inbox.until("welcome");
  assert(/^guest-[a-z0-9]{4}$/.test(welcome.name), welcome.name);
  const ways = [bearer(welcome.token), { cookie: `x=1; partyline=${welcome.token}; y=2` }];
  for (const headers of ways) {
    await using again = await open(server, "", headers);
    const { name, count } = await again.inbox.until("welcome");
    assertEquals([name, count], [welcome.name, 1]);
  }
});

Deno.test("without a goodbye somebody who is back in time has not left", async () => {
  await using server = await TestServer.open({ graceMs: 60_000 });
  await using watcher = await open(server, "?name=watcher");
  {
    using socket = await RawSocket.open(server.httpPort, "/ws?name=ann");
    await socket.until('"live"');
  } // cut off, without a close frame
  await using ann = await websocket.join(server, { name: "bob" });
  await ann.leave(); // a goodbye is told at once
  await watcher.inbox.until("leave");
  const told = watcher.inbox.events.filter(({ type }) => type === "leave");
  assertEquals(told, [{ type: "leave", name: "bob", count: 2 }]);
  assertEquals(server.running.room.presence().names, ["watcher", "ann"]);
});

Deno.test("a client that goes on in spite of refusals is closed with 4029", async () => {
  await using server = await TestServer.open({
    rate: { perSecond: 0.001, burst: 1 },
    limits: NO_LIMITS,
  });
  const flood = await open(server);
  const error = async () => await flood.inbox.until("error");
  for (let i = 0; i < 1200; i++) flood.send(`flood ${i}`);
  const { code, retry_after } = await error();
  assertEquals(code, "rate_limited");
  assert(retry_after !== undefined && retry_after > 900, `${retry_after} s`);
  assertEquals(await flood.closed, 4029);
  assertEquals(server.running.room.tail.seq, 1);
});
