import { assert, assertEquals } from "@std/assert";
import { TestServer } from "../support/server.ts";

const THEIRS = "https://a.example";

/** The headers that CORS is made of, by their short names. */
function cors({ headers }: Response): Record<string, string> {
  const found = [...headers].filter(([name]) => name.startsWith("access-control-"));
  return Object.fromEntries(found.map(([name, value]) => [name.slice(15), value]));
}

function open(...allowOrigins: string[]): Promise<TestServer> {
  return TestServer.open({ network: { allowOrigins } });
}

async function ask(server: TestServer, path: string, init: RequestInit = {}) {
  const response = await fetch(server.url + path, init);
  return { response, status: response.status, text: await response.text(), cors: cors(response) };
}

Deno.test("a page that was allowed may ask beforehand for all that it needs", async () => {
  await using server = await open(THEIRS);
  const preflight = {
    method: "OPTIONS",
    headers: {
      "origin": THEIRS,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization,idempotency-key",
    },
  };
  const { status, cors, response } = await ask(server, "/api/messages", preflight);
  assertEquals(status, 204);
  assertEquals(response.headers.get("vary"), "Origin");
  assertEquals(cors, {
    "allow-origin": THEIRS,
    "allow-methods": "GET, POST",
    "allow-headers":
      "Authorization, Content-Type, Idempotency-Key, Last-Event-ID, X-Partyline-Silent",
    "expose-headers": "Retry-After",
    "max-age": "7200",
  });
  const foreign = { ...preflight, headers: { ...preflight.headers, origin: "https://b.example" } };
  const refused = await ask(server, "/api/messages", foreign);
  assertEquals([refused.status, refused.cors], [405, {}]);
});

Deno.test("it posts and reads with a token, sees errors, and never gets or uses the cookie", async () => {
  await using server = await open(THEIRS);
  const origin = { origin: THEIRS };
  const session = await ask(server, "/api/session", {
    method: "POST",
    body: "ann",
    headers: origin,
  });
  assertEquals(session.status, 200);
  assertEquals(session.response.headers.get("set-cookie"), null);
  const shared = { "allow-origin": THEIRS, "expose-headers": "Retry-After" };
  assertEquals(session.cors, shared);
  const { token } = JSON.parse(session.text);

  const headers = { ...origin, "authorization": `Bearer ${token}` };
  const posted = await ask(server, "/api/messages", { method: "POST", body: "hi", headers });
  assertEquals([posted.status, posted.cors], [201, shared]);
  const cookie = { ...origin, cookie: `partyline=${token}` };
  await ask(server, "/api/messages", { method: "POST", body: "as nobody", headers: cookie });
  const read = await ask(server, "/api/messages", { headers: origin });
  const senders = JSON.parse(read.text).events.map(({ from }: { from: string }) => from);
  assertEquals(senders, ["ann", "guest"], "the cookie is not theirs to use");

  const wrong = await ask(server, "/poll?wait=61", { headers: origin });
  assertEquals([wrong.status, wrong.cors], [400, shared]);
  const bad = await ask(server, "/poll", { headers: { ...origin, authorization: "Bearer x.y" } });
  assertEquals([bad.status, bad.cors], [401, shared]);
});

Deno.test("its EventSource is a guest, and its stream is shared", async () => {
  await using server = await open(THEIRS);
  const response = await fetch(`${server.url}/events`, { headers: { origin: THEIRS } });
  assertEquals(cors(response)["allow-origin"], THEIRS);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes('"type":"welcome"')) text += (await reader.read()).value;
  await reader.cancel();
});

Deno.test("its WebSocket brings the token as a subprotocol, which no answer repeats", async () => {
  await using server = await open(THEIRS);
  const { text } = await ask(server, "/api/session", { method: "POST", body: "ann" });
  const { token } = JSON.parse(text);
  const socket = new WebSocket(
    `${server.url.replace("http", "ws")}/ws`,
    {
      protocols: ["partyline.v1", `partyline.token.${token}`],
      headers: { origin: THEIRS },
    } as never,
  );
  const first = await new Promise<string>((resolve) => socket.onmessage = (e) => resolve(e.data));
  assertEquals(socket.protocol, "partyline.v1");
  assertEquals(JSON.parse(first.split("\n")[0]!).name, "ann");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.close();
  await closed;
});

Deno.test("any origin is allowed by a star alone; without the flag nothing is shared", async () => {
  await using any = await open("*");
  const their = { headers: { origin: "null" } };
  assertEquals((await ask(any, "/api/presence", their)).cors["allow-origin"], "*");
  assertEquals((await ask(any, "/api/presence")).response.headers.get("vary"), "Origin");
  await using none = await open();
  const refused = await ask(none, "/api/presence", { headers: { origin: THEIRS } });
  assertEquals([refused.status, refused.cors], [403, {}]);
  assert(!refused.response.headers.has("vary"));
});
