import { assertEquals } from "@std/assert";
import { TestServer } from "../support/server.ts";
import { bearer, postAs } from "../transports/clients/client.ts";
import { websocket } from "../transports/clients/websocket.ts";

const THUMB = "/reactions/%F0%9F%91%8D";
const JSON_BODY = { "content-type": "application/json" };

/** Of somebody who is not in the room. */
async function tokenOf({ url }: TestServer, name: string): Promise<string> {
  const init = { method: "POST", headers: JSON_BODY, body: JSON.stringify({ name }) };
  return (await (await fetch(`${url}/api/session`, init)).json()).token;
}

async function ask(
  { url }: TestServer,
  method: string,
  path: string,
  { token, body, headers = JSON_BODY }: {
    readonly token?: string;
    readonly body?: string;
    readonly headers?: Record<string, string>;
  } = {},
) {
  const response = await fetch(`${url}/api/messages${path}`, {
    method,
    headers: { ...headers, ...bearer(token) },
    body: body ?? null,
  });
  return { status: response.status, body: await response.json() };
}

function refused(status: number, code: string, message: string) {
  return { status, body: { error: { code, message } } };
}

Deno.test("what changes a message is 200 with its own seq, and the message is read as it is now", async () => {
  await using server = await TestServer.open();
  const { epoch } = server.running.room.log;
  const ann = await tokenOf(server, "ann");
  const bob = await tokenOf(server, "bob");
  await postAs(server, ann, { text: "hi" });
  const done = (seq: number) => ({ status: 200, body: { seq, cursor: `${epoch}-${seq}` } });
  const body = '{"text":"hi!"}';
  assertEquals(await ask(server, "PATCH", "/1", { token: ann, body }), done(2));
  assertEquals(await ask(server, "PUT", `/1${THUMB}`, { token: bob }), done(3));
  assertEquals(await ask(server, "PUT", `/1${THUMB}`, { token: ann }), done(4));
  assertEquals(await ask(server, "PUT", `/1${THUMB}`, { token: bob }), {
    status: 200,
    body: { seq: 3, cursor: `${epoch}-3`, duplicate: true },
  });
  assertEquals(await ask(server, "DELETE", `/1${THUMB}`, { token: ann }), done(5));
  const now = await ask(server, "GET", "/1");
  const { at, edited, ...event } = now.body.event;
  assertEquals(edited >= at, true);
  assertEquals([now.status, event], [200, {
    type: "message",
    seq: 1,
    from: "ann",
    text: "hi!",
    reactions: [{ emoji: "👍", count: 1, names: ["bob"] }],
    changed: 5,
  }]);
  assertEquals(await ask(server, "DELETE", "/1", { token: ann }), done(6));
  const gone = { type: "message", seq: 1, at, from: "ann", text: "", deleted: true, changed: 6 };
  assertEquals((await ask(server, "GET", "/1")).body, { event: gone });
  const { body: page } = await ask(server, "GET", "");
  assertEquals(page, { events: [gone], more: false });
});

Deno.test("a text may come as a form, or as it is", async () => {
  await using server = await TestServer.open();
  const token = await tokenOf(server, "ann");
  await postAs(server, token, { text: "hi" });
  const text = async () => (await ask(server, "GET", "/1")).body.event.text;
  const form = { "content-type": "application/x-www-form-urlencoded" };
  await ask(server, "PATCH", "/1", { token, headers: form, body: "text=as+a+form" });
  assertEquals(await text(), "as a form");
  await ask(server, "PATCH", "/1", { token, headers: form, body: "1+1=2" });
  assertEquals(await text(), "1+1=2");
  await ask(server, "PATCH", "/1", { token, headers: {}, body: "plain" });
  assertEquals(await text(), "plain");
});

Deno.test("Idempotency-Key makes all that changes something happen once", async () => {
  await using server = await TestServer.open();
  const token = await tokenOf(server, "ann");
  await postAs(server, token, { text: "hi" });
  await postAs(server, token, { text: "again" });
  const changes: [method: string, path: string, body?: string][] = [
    ["POST", "", '{"text":"ok","re":1,"id":"of the body"}'],
    ["PATCH", "/1", '{"text":"hi!","id":"of the body"}'],
    ["PUT", `/1${THUMB}`],
    ["DELETE", `/1${THUMB}`],
    ["DELETE", "/1"],
  ];
  for (const [i, [method, path, body]] of changes.entries()) {
    const options = {
      token,
      headers: { ...JSON_BODY, "idempotency-key": `key ${i}` },
      ...(body !== undefined && { body }),
    };
    const first = await ask(server, method, path, options);
    assertEquals(first.body.seq, i + 3);
    const again = await ask(server, method, path, options);
    assertEquals([again.status, again.body.seq], [200, i + 3], `${method} ${path}`);
    const other = await ask(server, method === "POST" ? "DELETE" : method, "/2", options);
    assertEquals([other.status, other.body.error?.code], [
      method === "PUT" ? 405 : 400,
      "bad_request",
    ]);
  }
});

Deno.test("what is said without a session can be changed by nobody, and nobody changes without one", async () => {
  await using server = await TestServer.open();
  await postAs(server, undefined, { text: "of guest" });
  assertEquals(await postAs(server, undefined, { text: "an answer", re: 1 }), {
    seq: 2,
    duplicate: false,
  });
  const why = "wanted a session: the token of the one that said it, or its cookie";
  for (const [method, path] of [["PATCH", ""], ["DELETE", ""], ["PUT", THUMB], ["DELETE", THUMB]]) {
    const body = method === "PATCH" ? { body: '{"text":"x"}' } : {};
    assertEquals(
      await ask(server, method!, `/1${path}`, body),
      refused(401, "unauthorized", why),
      method,
    );
  }
  const token = await tokenOf(server, "ann");
  assertEquals(
    await ask(server, "DELETE", "/1", { token }),
    refused(403, "forbidden", "#1 is not yours"),
  );
});

Deno.test("a path that names no message is refused by what is wrong with it", async () => {
  await using server = await TestServer.open();
  const token = await tokenOf(server, "ann");
  await postAs(server, token, { text: "hi" });
  await postAs(server, token, { type: "reaction", ref: 1, emoji: "👍", on: true });
  const number = '"ref" must be the number of a message, a whole number from 1';
  const missing = (seq: number) => `there is no message #${seq}, or it is no longer kept`;
  const cases: [method: string, path: string, status: number, message: string][] = [
    ["GET", "/9", 404, missing(9)],
    ["GET", "/2", 404, missing(2)],
    ["GET", "/0", 400, number],
    ["GET", "/x", 400, number],
    ["GET", "/1e3", 400, number],
    ["GET", "/9007199254740992", 400, number],
    ["GET", "/%ff", 400, "the path has a % that is no escape"],
    ["DELETE", "/9", 404, missing(9)],
    ["DELETE", "/2", 400, "#2 is not a message"],
    ["PATCH", "/-1", 400, number],
    ["PATCH", "/1", 400, '"text" must be a string'],
    ["PUT", "/1/reactions/x", 400, '"emoji" must be one emoji, as 👍'],
    ["PUT", "/1/reactions/%F0%9F%91", 400, "the path has a % that is no escape"],
    ["PUT", `/9${THUMB}`, 404, missing(9)],
    ["PUT", `/x${THUMB}`, 400, number],
    ["GET", `/1${THUMB}`, 405, "GET is not possible here; wanted PUT, DELETE"],
    ["POST", "/1", 405, "POST is not possible here; wanted GET, PATCH, DELETE"],
    ["GET", "/1/", 404, "there is nothing here; the page is at /"],
    ["PUT", "/1/reactions/", 404, "there is nothing here; the page is at /"],
    ["PUT", "//reactions/x", 404, "there is nothing here; the page is at /"],
  ];
  for (const [method, path, status, message] of cases) {
    const body = method === "PATCH" ? { body: "{}" } : {};
    const answer = await ask(server, method, path, { token, ...body });
    assertEquals(
      [answer.status, answer.body.error.message],
      [status, message],
      `${method} ${path}`,
    );
  }
});

Deno.test("what was said can be edited for as long as the operator says, and welcome tells it", async () => {
  for (
    const [editForMs, editFor, message] of [
      [3_600_000, 3600, undefined],
      [0, 0, "messages cannot be edited here"],
      [Infinity, undefined, undefined],
    ] as const
  ) {
    await using server = await TestServer.open({ editForMs });
    await using ann = await websocket.join(server, { name: "ann" });
    const { limits } = await ann.inbox.until("welcome");
    assertEquals(limits.edit_for, editFor);
    await ann.say("hi");
    const body = '{"text":"hi!"}';
    const answer = await ask(server, "PATCH", "/1", { token: ann.token!, body });
    if (message === undefined) assertEquals(answer.status, 200);
    else assertEquals(answer, refused(403, "forbidden", message));
    const removed = await ask(server, "DELETE", "/1", { token: ann.token! });
    assertEquals(removed.status, 200, "deleting is possible always");
  }
});

Deno.test("a form without scripts answers a message, and goes back to the page", async () => {
  await using server = await TestServer.open();
  await postAs(server, undefined, { text: "hi" });
  const post = (body: string) =>
    fetch(`${server.url}/api/messages`, {
      method: "POST",
      headers: { accept: "text/html", "content-type": "application/x-www-form-urlencoded" },
      body,
      redirect: "manual",
    });
  for (const body of ["text=plain&re=", "text=an+answer&re=1"]) {
    const response = await post(body);
    await response.body?.cancel();
    assertEquals([response.status, response.headers.get("location")], [303, "../"]);
  }
  const wrong = await post("text=x&re=first");
  assertEquals(
    (await wrong.json()).error.message,
    '"re" must be the number of a message, a whole number from 1',
  );
  const { body } = await ask(server, "GET", "");
  assertEquals(body.events.map(({ text, re }: { text: string; re?: number }) => [text, re]), [
    ["hi", undefined],
    ["plain", undefined],
    ["an answer", 1],
  ]);
});
