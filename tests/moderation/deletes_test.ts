import { assertEquals, assertRejects } from "@std/assert";
import { bearer, postAs, Refused } from "../transports/clients/client.ts";
import { Raw } from "../transports/clients/raw.ts";
import { websocket } from "../transports/clients/websocket.ts";
import { Guarded } from "./guarded.ts";

/** What the audit says besides the operator that was made, without its times. */
function acts(guarded: Guarded): unknown[] {
  return guarded.audit.slice(1).map(({ at: _, ...rest }) => rest);
}

Deno.test("an operator deletes what anybody said, and only that is put down in the audit", async () => {
  await using guarded = await Guarded.open();
  const { server, token } = guarded;
  await using eve = await websocket.join(server, { name: "eve" });
  await eve.say("spam");
  await postAs(server, undefined, { text: "spam of nobody in particular" });
  const own = await postAs(server, token, { text: "my own" });
  assertEquals(await postAs(server, token, { type: "delete", ref: own.seq }), {
    seq: 4,
    duplicate: false,
  });
  assertEquals(acts(guarded), []);
  const remove = { type: "delete", ref: 1, id: "o-1" } as const;
  assertEquals(await postAs(server, token, remove), { seq: 5, duplicate: false });
  assertEquals(await postAs(server, token, remove), { seq: 5, duplicate: true });
  await postAs(server, token, { type: "delete", ref: 2 });
  assertEquals(acts(guarded), [
    { by: "ann", what: "delete", whom: "eve", message: 1 },
    { by: "ann", what: "delete", whom: "guest", message: 2 },
  ]);
  const told = await eve.inbox.until("delete", ({ ref }) => ref === 1);
  assertEquals(told.from, "ann");
  const again = postAs(server, token, { type: "delete", ref: 1 });
  assertEquals((await assertRejects(() => again, Refused)).message, "#1 was deleted already");
  assertEquals(acts(guarded).length, 2);
});

Deno.test("an operator edits nobody else's message, and who is no operator deletes none", async () => {
  await using guarded = await Guarded.open();
  const { server, token } = guarded;
  await using eve = await websocket.join(server, { name: "eve" });
  await using bob = await websocket.join(server, { name: "bob" });
  await eve.say("mine");
  const edit = () => postAs(server, token, { type: "edit", ref: 1, text: "ours" });
  assertEquals((await assertRejects(edit, Refused)).message, "#1 is not yours");
  const remove = () => bob.send({ type: "delete", ref: 1 });
  assertEquals((await assertRejects(remove, Refused)).message, "#1 is not yours");
  const said = () =>
    bob.send({ type: "delete", ref: 1, operator: true } as { type: "delete"; ref: 1 });
  assertEquals((await assertRejects(said, Refused)).message, "#1 is not yours");
  assertEquals(acts(guarded), []);
});

Deno.test("what was deleted cannot be undone; undo says so, and goes on with what was before it", async () => {
  await using guarded = await Guarded.open();
  const { server, token } = guarded;
  await using eve = await websocket.join(server, { name: "eve" });
  await eve.say("spam");
  await guarded.order({ type: "slow", seconds: 3 });
  await postAs(server, token, { type: "delete", ref: 1 });
  const { status, error } = await guarded.order({ type: "undo" });
  assertEquals([status, error.code, error.message], [
    404,
    "not_found",
    "that cannot be undone: the text of #1 is gone for good",
  ]);
  assertEquals((await guarded.order({ type: "undo" })).text, "the slow mode is over");
});

Deno.test("what cannot be put down in the audit is not deleted", async () => {
  const reports: string[] = [];
  await using guarded = await Guarded.open({ report: (what) => reports.push(what) });
  const { server, token } = guarded;
  await using eve = await websocket.join(server, { name: "eve" });
  await eve.say("spam");
  Deno.removeSync(`${guarded.data}/audit.jsonl`);
  Deno.mkdirSync(`${guarded.data}/audit.jsonl`);
  const remove = () => postAs(server, token, { type: "delete", ref: 1 });
  assertEquals((await assertRejects(remove, Refused)).code, "unavailable");
  const [message] = await server.running.room.log.readMessages({ after: 0, limit: 1 });
  assertEquals(message?.text, "spam");
  assertEquals(reports, ["cannot write the audit of what operators do"]);
});

Deno.test("in a terminal an operator deletes by the number, and is told what happened", async () => {
  await using guarded = await Guarded.open();
  await using eve = await websocket.join(guarded.server, { name: "eve" });
  await eve.say("spam");
  using raw = await Raw.connect(guarded.server.tcpPort);
  await raw.takeUntil("(Enter for a guest name)");
  await raw.send(`\n/operator ${guarded.token}\n`);
  await raw.takeUntil("/help tells what you can do\r\n");
  await raw.send("/delete #1\n");
  await raw.takeUntil(" #2 ann deleted #1\r\n");
  assertEquals(acts(guarded), [{ by: "ann", what: "delete", whom: "eve", message: 1 }]);
});

Deno.test("who is muted says nothing and changes nothing, and slow mode is for messages alone", async () => {
  await using guarded = await Guarded.open();
  const { server } = guarded;
  await using eve = await websocket.join(server, { name: "eve" });
  await eve.say("hi");
  await guarded.order({ type: "slow", seconds: 600 });
  await eve.say("again");
  const more = await assertRejects(() => eve.say("and again"), Refused);
  assertEquals(more.code, "rate_limited");
  await eve.send({ type: "edit", ref: 1, text: "hi!" });
  await eve.send({ type: "reaction", ref: 1, emoji: "👍", on: true });
  await guarded.order({ type: "mute", name: "eve" });
  for (
    const fields of [
      { type: "edit", ref: 1, text: "x" },
      { type: "reaction", ref: 1, emoji: "👍", on: false },
      { type: "delete", ref: 1 },
    ] as const
  ) {
    assertEquals((await assertRejects(() => eve.send(fields), Refused)).code, "forbidden");
    const byHttp = () => postAs(server, eve.token, fields);
    assertEquals((await assertRejects(byHttp, Refused)).code, "forbidden");
  }
  await guarded.order({ type: "unmute", name: "eve" });
  await eve.send({ type: "delete", ref: 1 });
});

Deno.test("who is banned changes nothing over HTTP either", async () => {
  await using guarded = await Guarded.open();
  const { server } = guarded;
  await using eve = await websocket.join(server, { name: "eve" });
  await eve.say("hi");
  await guarded.order({ type: "ban", name: "eve" });
  await eve.inbox.untilEnd();
  const { url } = server;
  const changes: [string, string, string?][] = [
    ["PATCH", "", '{"text":"x"}'],
    ["DELETE", ""],
    ["PUT", "/reactions/%F0%9F%91%8D"],
  ];
  for (const [method, path, body = null] of changes) {
    const headers = { "content-type": "application/json", ...bearer(eve.token) };
    const answer = await fetch(`${url}/api/messages/1${path}`, { method, headers, body });
    assertEquals([answer.status, (await answer.json()).error.measure.type], [403, "ban"], method);
  }
});
