import { assertEquals, assertRejects } from "@std/assert";
import { changedBy } from "../../../lib/model/change.ts";
import type { DraftFields } from "../../../lib/model/draft.ts";
import { type Entry, type FileInfo, isChange, type Message } from "../../../lib/model/message.ts";
import type { TestServer } from "../../support/server.ts";
import { TRANSPORTS } from "../clients/all.ts";
import { bearer, type Client, Refused } from "../clients/client.ts";
import { websocket } from "../clients/websocket.ts";
import { contract, hasTokens } from "./contract.ts";

/** What ann does, one after the other: something of each kind. */
const STORY: readonly DraftFields[] = [
  { text: "hi" },
  { text: "ok", re: 1 },
  { type: "edit", ref: 1, text: "hi!" },
  { type: "reaction", ref: 1, emoji: "👍", on: true },
  { type: "reaction", ref: 2, emoji: "🎉", on: true },
  { type: "reaction", ref: 1, emoji: "👍", on: false },
  { type: "edit", ref: 2, text: "never mind" },
  { type: "delete", ref: 2 },
  { text: "and on" },
];

/** The same as somebody hears it who is there. */
const AS_IT_HAPPENS = [
  "#1 ann: hi",
  "#2 ann (to #1 ann): ok",
  "#3 ann edited #1: hi!",
  "#4 ann put 👍 on #1",
  "#5 ann put 🎉 on #2",
  "#6 ann took back 👍 on #1",
  "#7 ann edited #2: never mind",
  "#8 ann deleted #2",
  "#9 ann: and on",
];

/** As somebody hears it who comes later: each message as it is now, and all else in its place. */
const AS_IT_IS = AS_IT_HAPPENS.with(0, "#1 ann: hi! (edited)")
  .with(1, "#2 ann (to #1 ann):  (deleted)").with(6, "#7 ann edited #2: ");

async function act(client: Client): Promise<void> {
  for (const [i, fields] of STORY.entries()) {
    assertEquals(await client.send(fields), { seq: i + 1, duplicate: false });
  }
}

contract(
  "each kind of entry is stored by it, and told by it as it happens",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    await using witness = await websocket.join(server, { name: "witness" });
    // Over some transports one's answer comes before the entry, which then shows what came after it.
    for (const [i, fields] of STORY.entries()) {
      await client.send(fields);
      for (const { inbox } of [client, witness]) await inbox.untilEntry(i + 1);
    }
    assertEquals(client.inbox.told, AS_IT_HAPPENS);
    assertEquals(witness.inbox.told, AS_IT_HAPPENS);
  },
);

contract("who comes later is told each message as it is now", async (transport, server) => {
  await using ann = await websocket.join(server, { name: "ann" });
  await act(ann);
  await using client = await transport.join(server, { name: "bob" });
  await client.inbox.untilEntry(9);
  assertEquals(client.inbox.told, AS_IT_IS);
});

contract(
  "from each cursor it goes on, whatever kind of entry comes next",
  async (transport, server) => {
    await using ann = await websocket.join(server, { name: "ann" });
    await act(ann);
    for (let since = 0; since < 9; since++) {
      await using client = await transport.join(server, { since: String(since) });
      // A terminal was shown its one screen before it could say where to go on.
      const shown = transport.form === "lines" ? 9 : 0;
      await client.inbox.untilEntry(9, shown);
      assertEquals(client.inbox.told.slice(shown), AS_IT_IS.slice(since), `after ${since}`);
    }
  },
);

contract(
  "whoever drops out at any point and comes back sees what all others see",
  async (transport, server) => {
    await using ann = await websocket.join(server, { name: "ann" });
    await using witness = await websocket.join(server, { name: "witness" });
    const view = new Map<number, Message>();
    let cursor = 0;
    for (const [i, fields] of STORY.entries()) {
      await ann.send(fields);
      if (i % 2 === 1) continue; // away for some of them
      await using client = await transport.join(server, { since: String(cursor) });
      await client.inbox.untilEntry(i + 1);
      fold(view, client.inbox.entries);
      cursor = i + 1;
    }
    await witness.inbox.untilEntry(9);
    const seen = fold(new Map(), witness.inbox.entries);
    assertEquals([...view.values()], [...seen.values()]);
    const { log } = server.running.room;
    assertEquals([...seen.values()], await log.readMessages({ after: 0, limit: 100 }));
  },
  hasTokens,
);

/** What somebody shows who shows messages as they come, and changes them by what comes after. */
function fold(view: Map<number, Message>, entries: readonly Entry[]): Map<number, Message> {
  for (const entry of entries) {
    if (entry.type === "message") view.set(entry.seq, entry);
    if (!isChange(entry)) continue;
    const message = view.get(entry.ref);
    if (message) view.set(entry.ref, changedBy(message, entry));
  }
  return view;
}

contract(
  "an id makes each kind happen once, by whatever transport it is sent again",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    const story = STORY.map((fields, i) => ({ ...fields, id: `c-${i + 1}` }));
    for (const fields of story) await client.send(fields);
    await client.leave();
    for (const other of TRANSPORTS.filter(hasTokens)) {
      await using again = await other.join(server, { token: client.token!, since: "9" });
      for (const [i, fields] of story.entries()) {
        assertEquals(await again.send(fields), { seq: i + 1, duplicate: true }, other.name);
      }
      for (const [i, { id }] of story.entries()) {
        const something = { text: `something else than ${i}`, id };
        const { code } = await assertRejects(() => again.send(something), Refused);
        assertEquals(code, "bad_request");
      }
    }
    assertEquals(server.running.room.tail.seq, 9);
  },
  hasTokens,
);

contract(
  "what changes nothing stores nothing, and is told where it was done",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    await client.say("hi");
    const react = (on: boolean) =>
      client.send({ type: "reaction", ref: 1, emoji: "👍", on, id: crypto.randomUUID() });
    assertEquals(await react(false), { seq: 1, duplicate: true });
    assertEquals(await react(true), { seq: 2, duplicate: false });
    assertEquals(await react(true), { seq: 2, duplicate: true });
    assertEquals(await react(false), { seq: 3, duplicate: false });
    assertEquals(await react(false), { seq: 3, duplicate: true });
    assertEquals(server.running.room.tail.seq, 3);
  },
  hasTokens,
);

contract(
  "what cannot be done is refused by name, and the connection goes on",
  async (transport, server) => {
    await using bob = await websocket.join(server, { name: "bob" });
    await bob.say("mine"); // 1
    await bob.say("gone"); // 2
    await bob.send({ type: "delete", ref: 2 }); // 3
    await using client = await transport.join(server, { name: "ann" });
    const cases: [DraftFields, string][] = [
      [{ text: "x", re: 9 }, "there is no message #9, or it is no longer kept"],
      [{ text: "x", re: 3 }, "#3 is not a message"],
      [{ type: "edit", ref: 9, text: "x" }, "there is no message #9, or it is no longer kept"],
      [{ type: "edit", ref: 1, text: "x" }, "#1 is not yours"],
      [{ type: "edit", ref: 2, text: "x" }, "#2 was deleted already"],
      [{ type: "edit", ref: 3, text: "x" }, "#3 is not a message"],
      [{ type: "delete", ref: 1 }, "#1 is not yours"],
      [{ type: "delete", ref: 2 }, "#2 was deleted already"],
      [{ type: "reaction", ref: 2, emoji: "👍", on: true }, "#2 was deleted already"],
      [{ type: "reaction", ref: 1, emoji: "x", on: true }, '"emoji" must be one emoji, as 👍'],
    ];
    for (const [fields, message] of cases) {
      const refused = await assertRejects(() => client.send(fields), Refused);
      assertEquals(refused.message, message, JSON.stringify(fields));
    }
    assertEquals(await client.send({ text: "and on", re: 1 }), { seq: 4, duplicate: false });
    assertEquals(server.running.room.tail.seq, 4);
  },
);

contract(
  "a message is told with its files, and without them once it is deleted",
  async (transport, server) => {
    await using ann = await websocket.join(server, { name: "ann" });
    const file = await upload(server, ann.token!, "a note.txt", "hello");
    await ann.send({ text: "", files: [file.id] });
    await ann.send({ text: "two of them", files: [file.id], re: 1 });
    const link = `[a note.txt, 5 B, ${server.url}/files/${file.id}/a%20note.txt]`;
    await using client = await transport.join(server, { name: "bob", since: "0" });
    await client.inbox.untilEntry(2);
    if (transport.form === "lines") {
      assertEquals(client.inbox.told[0], `#1 ann: ${link}`);
      assertEquals(client.inbox.told[1], "#2 ann (to #1 ann): two of them");
    } else {
      assertEquals(client.inbox.messages.map(({ text, files }) => ({ text, files })), [
        { text: "", files: [file] },
        { text: "two of them", files: [file] },
      ]);
    }
    await ann.send({ type: "delete", ref: 1 });
    await client.inbox.untilEntry(3);
    assertEquals(client.inbox.told.at(-1), "#3 ann deleted #1");
  },
);

contract(
  "a message with files is stored by it, and a retry of it is one",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    const file = await upload(server, client.token!, "a.txt", "hello");
    const said = { text: "look", files: [file.id], id: "c-1" };
    assertEquals(await client.send(said), { seq: 1, duplicate: false });
    assertEquals(await client.send(said), { seq: 1, duplicate: true });
    await client.inbox.untilEntry(1);
    assertEquals(client.inbox.messages[0]?.files, [file]);
    const unknown = { text: "x", files: ["0".repeat(64)] };
    assertEquals((await assertRejects(() => client.send(unknown), Refused)).code, "not_found");
  },
  hasTokens,
);

async function upload(
  { url }: TestServer,
  token: string,
  name: string,
  body: string,
): Promise<FileInfo> {
  const response = await fetch(`${url}/api/files?name=${encodeURIComponent(name)}`, {
    method: "POST",
    headers: bearer(token),
    body,
  });
  assertEquals(response.status, 201);
  return (await response.json()).file;
}

contract(
  "an answer to what was deleted is told with whom it answers",
  async (transport, server) => {
    await using bob = await websocket.join(server, { name: "bob" });
    await bob.say("hi");
    await bob.send({ type: "delete", ref: 1 });
    await using client = await transport.join(server, { name: "ann" });
    await client.send({ text: "what was it?", re: 1 });
    await client.inbox.untilEntry(3);
    assertEquals(client.inbox.told.at(-1), "#3 ann (to #1 bob): what was it?");
  },
);
