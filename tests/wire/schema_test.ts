import { assert, assertEquals } from "@std/assert";
import { Ajv2020, type ValidateFunction } from "ajv";
import { createEncodings } from "../../lib/wire/encodings.ts";
import type { DraftFields } from "../../lib/model/draft.ts";
import { STATUS } from "../../lib/model/refusal.ts";
import { makeOperator } from "../../lib/moderation/mod.ts";
import { PING_MS } from "../../lib/room/room.ts";
import schema from "../../lib/wire/events.schema.json" with { type: "json" };
import { TestRoom } from "../support/fakes.ts";
import { TestServer } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { bearer } from "../transports/clients/client.ts";
import { Inbox } from "../transports/clients/inbox.ts";
import { openSocket } from "../transports/clients/socket.ts";

type Definition = keyof typeof schema.$defs;

const published = validators(schema);
/** The same, with no field that it does not name: what is sent must be written down. */
const closed = validators(closedCopy(schema));

Deno.test("every event of every transport is as the schema says, and each type is seen", async () => {
  const seen = new Map<string, unknown>();
  const check = (events: readonly { type: string }[]) => {
    assert(events.length > 0);
    for (const event of events) {
      fits(closed("event"), event);
      seen.set(event.type, event);
    }
  };
  for (const transport of TRANSPORTS.filter(({ form }) => form !== "lines")) {
    await using server = await TestServer.open({ graceMs: 0 });
    await using witness = await TRANSPORTS[0]!.join(server, { name: "witness" });
    const ann = await transport.join(server, { name: "ann", since: "another0log-7" });
    const { seq } = await ann.say("hello", "c-1");
    assertEquals(await ann.say("hello", "c-1"), { seq, duplicate: true });
    await ann.inbox.untilSeq(seq);
    await ann.leave();
    check(ann.inbox.events);
    check(witness.inbox.events);
  }
  check(await whatASocketHears());
  check(await whatATerminalHearsAsJson());
  check(await whatTheRoomSaysByItself());
  check(await whatOperatorsDo());
  check(await whatBecomesOfMessages());
  const types = schema.$defs.event.oneOf.map(({ $ref }) => $ref.split("/").at(-1));
  assertEquals([...seen.keys()].sort(), types.toSorted());
});

Deno.test("what is answered over HTTP is as the schema says", async () => {
  await using server = await TestServer.open();
  const ask = async (definition: Definition, path: string, init: RequestInit = {}) => {
    const response = await fetch(`${server.url}${path}`, init);
    const answer = await response.json();
    fits(closed(definition), answer);
    return answer;
  };
  const post = (text: string, headers = {}) => ({ method: "POST", body: text, headers });
  const json = { "content-type": "application/json" };
  const { token } = await ask("sessionAnswer", "/api/session", post('{"name":"ann"}', json));
  await ask("errorAnswer", "/api/session", post('{"name":"root"}', json));
  for (let i = 0; i < 3; i++) await ask("postAnswer", "/api/messages", post("hi", bearer(token)));
  await ask("errorAnswer", "/api/messages", post(" "));
  await ask("pollAnswer", "/poll?since=0");
  await ask("pollAnswer", "/poll?since=another0log-7");
  await ask("pollAnswer", "/poll?since=3&wait=0");
  await ask("errorAnswer", "/poll?since=x");
  const change = (method: string, body: string | null = null) => ({
    method,
    body,
    headers: { ...json, ...bearer(token) },
  });
  const thumb = "/api/messages/2/reactions/%F0%9F%91%8D";
  await ask("changeAnswer", "/api/messages/1", change("PATCH", '{"text":"hi!"}'));
  for (let i = 0; i < 2; i++) await ask("changeAnswer", thumb, change("PUT"));
  await ask("messageAnswer", "/api/messages/2");
  await ask("changeAnswer", "/api/messages/3", change("DELETE"));
  await ask("messageAnswer", "/api/messages/3");
  await ask("errorAnswer", "/api/messages/3", change("DELETE"));
  await ask("errorAnswer", "/api/messages/99");
  await ask("pollAnswer", "/poll?since=0");
  await ask("pageAnswer", "/api/messages");
  await ask("pageAnswer", "/api/messages?limit=2");
  await ask("pageAnswer", "/api/search?q=hi");
  await ask("errorAnswer", "/api/search");
  await ask("presenceAnswer", "/api/presence", { headers: bearer(token) });
  await ask("peopleAnswer", "/api/people?q=a");
  await ask("errorAnswer", "/ws");
  await ask("errorAnswer", "/nowhere");
});

Deno.test("the schema takes a client's frame where the server does, and refuses it where that does", async () => {
  await using server = await TestServer.open();
  const inbox = new Inbox();
  const { socket, ended } = await openSocket(server, "/ws?name=ann", {
    onFrame: (text) => text.split("\n").forEach((line) => inbox.push(JSON.parse(line))),
  });
  const frames: { good: boolean; frame: Record<string, unknown> }[] = [
    { good: true, frame: { type: "message", id: "c-1", text: "hi" } },
    { good: true, frame: { type: "message", text: "𝄞".repeat(4000) } },
    { good: true, frame: { type: "message", text: "hi", later: "ignored" } },
    { good: true, frame: { type: "message", text: "ok", re: 1 } },
    { good: true, frame: { type: "message", text: "ok", files: [] } },
    { good: true, frame: { type: "edit", ref: 1, text: "hi!" } },
    { good: true, frame: { type: "reaction", ref: 1, emoji: "👍", on: true } },
    { good: true, frame: { type: "reaction", ref: 1, emoji: "👍", on: false } },
    { good: true, frame: { type: "delete", id: "c-2", ref: 1 } },
    { good: false, frame: { type: "message", text: "ok", re: 0 } },
    { good: false, frame: { type: "message", text: "ok", re: "1" } },
    { good: false, frame: { type: "message", text: "ok", files: "f" } },
    { good: false, frame: { type: "message", text: "ok", files: ["../f"] } },
    { good: false, frame: { type: "message", text: "ok", files: Array(11).fill("f") } },
    { good: false, frame: { type: "message", files: [] } },
    { good: false, frame: { type: "edit", ref: 1 } },
    { good: false, frame: { type: "edit", ref: 1, text: "" } },
    { good: false, frame: { type: "edit", text: "hi!" } },
    { good: false, frame: { type: "delete" } },
    { good: false, frame: { type: "delete", ref: 1.5 } },
    { good: false, frame: { type: "reaction", ref: 1, emoji: "", on: true } },
    { good: false, frame: { type: "reaction", ref: 1, emoji: "👍" } },
    { good: false, frame: { type: "reaction", ref: 1, emoji: "👍", on: 1 } },
    { good: true, frame: { type: "rename", name: "anna" } },
    { good: true, frame: { type: "typing" } },
    { good: true, frame: { type: "pong" } },
    { good: false, frame: { type: "message" } },
    { good: false, frame: { type: "message", text: "" } },
    { good: false, frame: { type: "message", text: 7 } },
    { good: false, frame: { type: "message", text: "x".repeat(4001) } },
    { good: false, frame: { type: "message", id: "", text: "hi" } },
    { good: false, frame: { type: "message", id: "é", text: "hi" } },
    { good: false, frame: { type: "message", id: "x".repeat(65), text: "hi" } },
    { good: false, frame: { type: "rename" } },
    { good: false, frame: { type: "rename", name: "x".repeat(33) } },
    { good: false, frame: { text: "hi" } },
  ];
  for (const [n, { good, frame }] of frames.entries()) {
    const before = inbox.events.length;
    socket.send(JSON.stringify(frame));
    // Answered after it, and so the end of what it was answered by.
    socket.send(JSON.stringify({ type: "message", id: `after-${n}`, text: "next" }));
    await inbox.until("ack", ({ id }) => id === `after-${n}`);
    const answers = inbox.events.slice(before);
    assertEquals(answers.every(({ type }) => type !== "error"), good, JSON.stringify(frame));
    assertEquals(published("frame")(frame), good, JSON.stringify(frame));
  }
  socket.close();
  await ended;
});

Deno.test("the schema refuses an event that lacks a field, or has one of another kind", async () => {
  const samples = new Map<string, Record<string, unknown>>();
  const heard = [
    ...await whatASocketHears(),
    ...await whatATerminalHearsAsJson(),
    ...await whatTheRoomSaysByItself(),
    ...await whatOperatorsDo(),
    ...await whatBecomesOfMessages(),
  ];
  for (const event of heard) {
    if (!samples.has(event.type)) samples.set(event.type, { ...event });
  }
  const [validate, { $defs }] = [published("event"), schema];
  for (const [type, sample] of samples) {
    fits(validate, sample);
    const { required } = $defs[type as "message"];
    for (const field of Object.keys(sample)) {
      assert(!validate({ ...sample, [field]: null }), `${type} with ${field}: null`);
      const { [field]: _, ...without } = sample;
      assertEquals(validate(without), !required.includes(field), `${type} without ${field}`);
    }
    assert(!validate({ ...sample, type: "nothing" }));
    assert(!validate(JSON.stringify(sample)));
  }
});

Deno.test("the schema refuses values that no server sends", () => {
  const message = { type: "message", seq: 1, at: 0, from: "ann", text: "hi" };
  const reset = { type: "reset", reason: "gap", epoch: "k3x", first: 1, last: 1 };
  const file = { id: "f", name: "a.png", type: "image/png", size: 12, width: 8, height: 6 };
  const thumb = { emoji: "👍", count: 2, names: ["ann", "bob"] };
  const reaction = { ...message, ...thumb, type: "reaction", ref: 1, on: true };
  const right = [
    message,
    reset,
    { ...message, later: "ignored" },
    { type: "presence", count: 201 },
    { type: "error", code: "rate_limited", message: "wait", retry_after: 1 },
    { ...message, re: 1, to: "ann", edited: 1, reactions: [thumb], changed: 4 },
    { ...message, text: "", files: [file] },
    { ...message, text: "", deleted: true, changed: 4 },
    reaction,
    { ...reaction, on: false, count: 0, names: [] },
    { ...message, type: "edit", ref: 1, text: "" },
  ];
  const wrong = [
    { ...message, seq: 0 },
    { ...message, seq: 1.5 },
    { ...message, id: "é" },
    { ...message, from: "" },
    { ...message, text: "x".repeat(4001) },
    { ...message, text: "" },
    { ...message, re: 0 },
    { ...message, deleted: false },
    { ...message, files: [] },
    { ...message, files: Array(11).fill(file) },
    { ...message, files: [{ ...file, id: "../x" }] },
    { ...message, reactions: [] },
    { ...message, reactions: [{ ...thumb, count: 0 }] },
    { ...message, reactions: [{ ...thumb, names: Array(21).fill("ann") }] },
    { ...reaction, on: "yes" },
    { ...reset, reason: "lost" },
    { ...reset, epoch: "K-3" },
    { type: "presence", count: 201, names: Array(201).fill("ann") },
    { type: "error", code: "teapot", message: "no" },
    { type: "error", code: "rate_limited", message: "wait" },
    { type: "error", code: "rate_limited", message: "wait", retry_after: null },
    { type: "ack", seq: 1, duplicate: "no" },
  ];
  for (const event of right) fits(published("event"), event);
  for (const event of wrong) assert(!published("event")(event), JSON.stringify(event));
});

Deno.test("the schema has the codes that the server has", () => {
  assertEquals(schema.$defs.code.enum.toSorted(), Object.keys(STATUS).sort());
});

/** Names, typing, errors and the end of the server, over WebSocket. */
async function whatASocketHears() {
  await using server = await TestServer.open({ rate: { perSecond: 1, burst: 2 } });
  const inbox = new Inbox();
  const { socket, ended } = await openSocket(server, "/ws?name=ann&since=9", {
    onFrame: (text) => text.split("\n").forEach((line) => inbox.push(JSON.parse(line))),
  });
  const send = (frame: unknown) => socket.send(JSON.stringify(frame));
  send({ type: "typing" });
  send({ type: "rename", name: "anna" });
  send({ type: "rename", name: "root" });
  for (const id of ["c-1", "c-2", "c-3"]) send({ type: "message", id, text: "hi" });
  socket.send("{");
  await inbox.until("error", ({ code }) => code === "rate_limited");
  const bob = await TRANSPORTS[0]!.join(server, { name: "bob" });
  await bob.leave();
  await inbox.until("leave");
  await server.running.room.close(1000);
  await ended;
  return inbox.events;
}

/** The answers that are for people, as a program gets them over TCP. */
async function whatATerminalHearsAsJson() {
  await using server = await TestServer.open();
  const inbox = new Inbox();
  const conn = await Deno.connect({ hostname: "127.0.0.1", port: server.tcpPort });
  const said = new TextEncoder().encode('{"type":"hello","name":"ann"}\n/who\n/help\n/quit\n');
  await conn.write(said);
  let text = "";
  for await (const part of conn.readable.pipeThrough(new TextDecoderStream())) text += part;
  text.split(/\r?\n/).filter((line) => line.startsWith("{"))
    .forEach((line) => inbox.push(JSON.parse(line)));
  return inbox.events;
}

/** What comes with time alone: pings. */
async function whatTheRoomSaysByItself() {
  await using test = new TestRoom();
  const { frame } = createEncodings(test.log.epoch);
  const follower = test.follow();
  await test.turn(PING_MS);
  const lines = follower.batches.flatMap((batch) => frame(batch).split("\n"));
  const events: { type: string }[] = lines.map((line) => JSON.parse(line));
  assert(events.some(({ type }) => type === "ping"));
  return events;
}

/** Answers, edits, reactions, files and deletes, as they happen and as they are. */
async function whatBecomesOfMessages() {
  const file = { id: "f", name: "a.png", type: "image/png", size: 12, width: 8, height: 6 };
  await using test = new TestRoom({ files: { limit: 100, resolveFiles: () => [file] } });
  const { frame } = createEncodings(test.log.epoch);
  const [ann, follower] = [test.visit("s-ann", "ann"), test.follow(0)];
  const story: DraftFields[] = [
    { text: "hi" },
    { text: "ok", re: 1 },
    { text: "", files: ["f"] },
    { type: "edit", ref: 1, text: "hi!" },
    { type: "reaction", ref: 1, emoji: "👍", on: true },
    { type: "reaction", ref: 2, emoji: "👍", on: true },
    { type: "reaction", ref: 1, emoji: "👍", on: false },
    { type: "edit", ref: 2, text: "never mind" },
    { type: "delete", ref: 2 },
  ];
  for (const fields of story) {
    const stored = ann.post({ id: crypto.randomUUID(), ...fields });
    await test.turn();
    await stored;
  }
  const later = test.follow(0);
  await test.turn();
  const lines = [...follower.batches, ...later.batches].flatMap((batch) =>
    frame(batch).split("\n")
  );
  const events: { type: string }[] = lines.map((line) => JSON.parse(line));
  for (const type of ["message", "edit", "delete", "reaction"]) {
    assert(events.some((event) => event.type === type), type);
  }
  return events;
}

/** Orders, as an operator's terminal in JSON hears of them, and whom they are about. */
async function whatOperatorsDo() {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    await using server = await TestServer.open({ data });
    const { token } = await makeOperator(data, "ann");
    await using eve = await TRANSPORTS[0]!.join(server, { name: "eve" });
    const inbox = new Inbox();
    const { socket, ended } = await openSocket(server, "/ws", {
      headers: bearer(token),
      onFrame: (text) => text.split("\n").forEach((line) => inbox.push(JSON.parse(line))),
    });
    const orders = [
      { type: "topic", text: "tea" },
      { type: "mute", name: "eve", reason: "loud" },
      { type: "slow", seconds: 3 },
      { type: "bans" },
      { type: "ban", name: "eve", time: "2h", reason: "spam" },
      { type: "kick", name: "nobody" },
      { type: "undo" },
    ];
    for (const [n, order] of orders.entries()) {
      fits(published("frame"), order);
      socket.send(JSON.stringify({ ...order, id: `o-${n}` }));
      await inbox.until(["done", "ack", "error"], ({ id }) => id === `o-${n}`);
    }
    await eve.inbox.untilEnd();
    await using back = await TRANSPORTS[0]!.join(server, { token });
    const answer = await fetch(`${server.url}/api/moderation`, { headers: bearer(token) });
    fits(closed("moderationAnswer"), await answer.json());
    socket.close();
    await ended;
    return [...inbox.events, ...eve.inbox.events, ...back.inbox.events];
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

function validators(root: object): (definition: Definition) => ValidateFunction {
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictRequired: false });
  ajv.addSchema(root, "wire");
  ajv.compile(root); // the root itself must be a schema too
  return (definition) => ajv.getSchema(`wire#/$defs/${definition}`)!;
}

function closedCopy(value: unknown): object {
  return JSON.parse(
    JSON.stringify(
      value,
      (_, part) => part?.type === "object" ? { ...part, additionalProperties: false } : part,
    ),
  );
}

function fits(validate: ValidateFunction, value: unknown): void {
  const errors = validate(value) ? "" : JSON.stringify(validate.errors, null, 1);
  assertEquals(errors, "", JSON.stringify(value));
}
