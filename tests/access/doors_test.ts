// A password at every door. The tables are of all routes and all transports: one that is new and does
// not ask fails here.

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { OPEN } from "../../lib/access/mod.ts";
import { OPEN_PATHS, routesOf } from "../../lib/routes.ts";
import { NO_LIMITS } from "../../lib/limits/mod.ts";
import { TestRoom } from "../support/fakes.ts";
import { type TestOptions, TestServer } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { bearer, Refused, type Transport } from "../transports/clients/client.ts";
import { Raw } from "../transports/clients/raw.ts";
import { openSocket } from "../transports/clients/socket.ts";

const PASSWORD = "open sesame";
const SECRET = "the treasure is in the cave";

/** A room with a password, and one message that nobody may see without it. */
async function open(options: TestOptions["access"] = {}, others: TestOptions = {}) {
  const server = await TestServer.open({
    ...others,
    access: { password: PASSWORD, ...options },
  });
  await server.running.room.log.append([{ sender: "s", from: "ali", text: SECRET }]);
  return server;
}

function basic(password: string, name = "anybody"): Record<string, string> {
  const bytes = new TextEncoder().encode(`${name}:${password}`);
  return { authorization: `Basic ${bytes.toBase64()}` };
}

async function ask({ url }: TestServer, path: string, init: RequestInit = {}) {
  const response = await fetch(url + path, { redirect: "manual", ...init });
  const text = await response.text();
  const error = (() => {
    try {
      return JSON.parse(text).error as { code: string; message: string } | undefined;
    } catch {
      return undefined;
    }
  })();
  const { status, headers } = response;
  return { status, headers, text, code: error?.code, message: error?.message ?? "" };
}

async function openSession(server: TestServer, fields: unknown, headers = {}): Promise<string> {
  const { status, text } = await ask(server, "/api/session", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(fields),
  });
  assertEquals(status, 200, text);
  return JSON.parse(text).token;
}

/** As what a transport takes: a token where there is one, else the password itself. */
async function credentials(server: TestServer, { form }: Transport, name: string) {
  return form === "lines"
    ? { name, password: PASSWORD }
    : { name, token: await openSession(server, { name, password: PASSWORD }) };
}

async function allRoutes() {
  await using test = new TestRoom();
  const page = { respond: () => Promise.reject(new Error("not asked")) };
  return routesOf(
    { room: test.room, access: OPEN } as unknown as Parameters<typeof routesOf>[0],
    page,
    undefined,
  );
}

Deno.test("every route but those that show nothing of the room asks for the password", async () => {
  await using server = await open();
  const routes = await allRoutes();
  assert(Object.keys(routes).length > 12);
  for (const [path, methods] of Object.entries(routes)) {
    for (const method of Object.keys(methods)) {
      const { status, text, code, message } = await ask(server, path, { method });
      assert(!text.includes("treasure"), `${method} ${path}: ${text}`);
      if (OPEN_PATHS.has(path)) continue;
      assertEquals(status, 401, `${method} ${path}`);
      if (method === "HEAD") continue; // it is told no more than the status
      assertEquals(code, "unauthorized", `${method} ${path}`);
      assertMatch(message, /password.*POST \/api\/session.*curl -u/);
    }
  }
  // Whoever adds one here says why it shows nothing, or asks by itself.
  const own = ["/", "/ws/text", "/echo", "/api/session", "/ping", "/livez", "/readyz"];
  assertEquals([...OPEN_PATHS].sort(), [...own, "/metrics"].sort());
});

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: nobody comes in without the password, and with it one reads and writes`, async () => {
    await using server = await open();
    const { room } = server.running;
    await assertRejects(() => transport.join(server, { name: "ann" }));
    assertEquals(room.people.count, 0);
    const ann = await credentials(server, transport, "ann");
    await using client = await transport.join(server, { since: "0", ...ann });
    await client.inbox.until("message", ({ text }) => text === SECRET);
    await client.say("found it");
    const bob = await credentials(server, transport, "bob");
    await using other = await transport.join(server, { since: "0", ...bob });
    await other.inbox.until("message", ({ text, from }) => text === "found it" && from === "ann");
  });

  Deno.test(`${transport.name}: read-only guests read, and write nothing: no message and no name`, async () => {
    await using server = await open({ readOnlyGuests: true }, { graceMs: 0 });
    const { room } = server.running;
    // In a terminal a guest presses Enter, and is not asked for a name.
    const wish = transport.form === "lines" ? {} : { name: "ann" };
    await using guest = await transport.join(server, { ...wish, since: "0" });
    if (transport.form === "lines") assertEquals(room.people.count, 1);
    const refused = await assertRejects(() => guest.say("let me in"), Refused);
    assertMatch(refused.message, /only those with the password may write; give it by POST/);
    assertEquals(room.log.last, 1);
    assertEquals(room.presence().names?.filter((name) => !/^guest-/.test(name)), []);
    const bob = await credentials(server, transport, "bob");
    await using owner = await transport.join(server, bob);
    await owner.say("hello");
    await guest.inbox.until("message", ({ text }) => text === "hello");
  });
}

Deno.test("a name that a read-only guest wishes for is shown to nobody, by no way", async () => {
  await using server = await open({ readOnlyGuests: true });
  const { room } = server.running;
  const { text } = await ask(server, "/api/session", { method: "POST", body: "BUY NOW" });
  assertMatch(JSON.parse(text).name, /^guest-\w{4}$/);
  const heard: string[] = [];
  const { socket, ended } = await openSocket(server, "/ws?name=BUY%20NOW", {
    onFrame: (frame) => heard.push(...frame.split("\n")),
  });
  const answered = Promise.withResolvers<void>();
  socket.onmessage = ({ data }) => {
    heard.push(...data.split("\n"));
    if (/"type":"(?:error|rename)"/.test(data)) answered.resolve();
  };
  socket.send('{"type":"typing"}');
  socket.send('{"type":"rename","name":"BUY NOW"}');
  await answered.promise;
  assert(!heard.join().includes("BUY"), heard.join("\n"));
  assert(!heard.join().includes('"typing"'), heard.join("\n"));
  assertMatch(room.presence().names!.join(), /^guest-\w{4}$/);
  assertMatch(
    heard[0]!,
    /"features":\{"read":true,"write":false,"search":true,"anonymous":false\}/,
  );
  socket.close();
  await ended;
});

Deno.test("curl -u reads and writes with any name, and with another password it does neither", async () => {
  await using server = await open();
  for (const name of ["ann", "", "ali baba"]) {
    const headers = basic(PASSWORD, name);
    assertEquals((await ask(server, "/api/messages", { headers })).status, 200);
    const post = { method: "POST", headers, body: "hi" };
    assertEquals((await ask(server, "/api/messages", post)).status, 201);
  }
  assert((await ask(server, "/", { headers: basic(PASSWORD) })).text.includes("treasure"));
  for (
    const headers of [basic("wrong"), { authorization: "Basic ?" }, { authorization: "Basic" }]
  ) {
    for (const path of ["/api/messages", "/stream", "/poll?wait=0"]) {
      assertEquals((await ask(server, path, { headers })).code, "unauthorized");
    }
  }
  assertEquals(
    (await ask(server, "/", { headers: basic("wrong") })).message,
    "that is not the password",
  );
});

Deno.test("a password in a URL is none", async () => {
  await using server = await open();
  const query = `?password=${encodeURIComponent(PASSWORD)}`;
  assertEquals((await ask(server, `/api/messages${query}`)).code, "unauthorized");
  const empty = { method: "POST", body: "" };
  assertEquals((await ask(server, `/api/session${query}`, empty)).code, "unauthorized");
});

Deno.test("the first screen shows nothing of the room without the password, to browsers and caches", async () => {
  await using server = await open();
  const closed = await ask(server, "/");
  assertEquals(closed.status, 200);
  assertMatch(closed.text, /"first":1,"last":0,"entries":\[\]/);
  for (const leak of ["treasure", "ali", server.running.room.log.epoch]) {
    assert(!closed.text.includes(leak), leak);
  }
  const cookie = `partyline=${await openSession(server, { name: "ann", password: PASSWORD })}`;
  const opened = await ask(server, "/", { headers: { cookie } });
  assertMatch(opened.text, /treasure/);
  for (const { headers } of [closed, opened]) {
    assertEquals(headers.get("cache-control"), "private, no-cache");
    assertMatch(headers.get("vary")!, /cookie, authorization/);
  }
  // Somebody who leaves the room does not see it by the tag of the page they had.
  const again = await ask(server, "/", {
    headers: { "if-none-match": opened.headers.get("etag")! },
  });
  assertEquals([again.status, again.text], [200, closed.text]);
  // And what is told at once when something is posted: nothing.
  await ask(server, "/api/messages", { method: "POST", headers: basic(PASSWORD), body: "new" });
  assertEquals((await ask(server, "/")).headers.get("etag"), closed.headers.get("etag"));
});

Deno.test("a form of a browser without scripts gives the password, and gets the page", async () => {
  await using server = await open();
  const { status, headers } = await ask(server, "/api/session", {
    method: "POST",
    headers: { accept: "text/html,*/*" },
    body: new URLSearchParams({ password: PASSWORD }),
  });
  assertEquals([status, headers.get("location")], [303, "/"]);
  const cookie = headers.get("set-cookie")!.split(";")[0]!;
  assertMatch((await ask(server, "/", { headers: { cookie } })).text, /treasure/);
});

Deno.test("a token keeps the right over a restart, and ends with the password", async () => {
  const data = await Deno.makeTempDir({ prefix: "partyline-" });
  try {
    let token: string;
    {
      await using server = await open({}, { data });
      const guest = await openSession(server, { name: "ann", password: PASSWORD });
      // The next token of the same session has it too.
      token = await openSession(server, { name: "eve" }, bearer(guest));
    }
    const read = async (password: string | undefined, path = "/api/messages") => {
      await using server = await TestServer.open({ data, access: { password } });
      return (await ask(server, path, { headers: bearer(token) })).status;
    };
    assertEquals(await read(PASSWORD), 200);
    assertEquals(await read("sesame, close"), 401);
    assertEquals(await read(undefined), 200);
    assertEquals(await read(PASSWORD), 200);
    {
      await using server = await TestServer.open({ data, access: { password: "sesame, close" } });
      const headers = { cookie: `partyline=${token}` };
      assert(!(await ask(server, "/", { headers })).text.includes("treasure"));
      const renewed = await openSession(server, { password: "sesame, close" }, bearer(token));
      assertEquals((await ask(server, "/api/messages", { headers: bearer(renewed) })).status, 200);
      // The same person as before.
      const id = (token: string) => JSON.parse(atob(token.split(".")[0]!))[1];
      assertEquals(id(renewed), id(token));
    }
  } finally {
    await Deno.remove(data, { recursive: true });
  }
});

const FEW = { ...NO_LIMITS, attempts: { perSecond: 1 / 60, burst: 4 } };

Deno.test("wrong passwords are limited over all doors together", async () => {
  await using server = await open({}, { limits: FEW });
  const session = (password: string) =>
    ask(server, "/api/session", { method: "POST", body: new URLSearchParams({ password }) });
  assertEquals((await session("wrong one")).code, "unauthorized");
  assertEquals((await ask(server, "/stream", { headers: basic("wrong") })).code, "unauthorized");
  using raw = await Raw.connect(server.tcpPort);
  await raw.send("wrong\r\n");
  await raw.takeUntil("! that is not the password\r\n");
  await raw.send('{"type":"hello","password":"wrong"}\n');
  await raw.takeUntil('"code":"unauthorized","message":"that is not the password"}');
  await raw.takeUntil("\n");
  await raw.send("wrong\n");
  assertMatch(
    await raw.takeRest(),
    /^! too many wrong passwords from your address, try again in \d+ s\r\n$/,
  );
  const { status, headers, code } = await session(PASSWORD);
  assertEquals([status, code], [429, "rate_limited"]);
  assert(Number(headers.get("retry-after")) > 0);
  const { socket, ended } = await openSocket(server, "/ws/text");
  const heard: string[] = [];
  socket.onmessage = ({ data }) => heard.push(data);
  for (let i = 0; i < 3; i++) socket.send("guess");
  await ended;
  assertEquals(heard.filter((line) => line.startsWith("! too many wrong passwords")).length, 3);
});

Deno.test("a connection that does not know the password is cut after three", async () => {
  await using server = await open();
  using raw = await Raw.connect(server.tcpPort);
  assertEquals(await raw.takeUntil("\r\n"), "* lobby has a password. The password?\r\n");
  await raw.send("one\ntwo\nthree\nopen sesame\nann\n");
  assertEquals(await raw.takeRest(), "! that is not the password\r\n".repeat(3));
});

Deno.test("TCP: the password comes first, and then all is as it was", async () => {
  await using server = await open();
  using raw = await Raw.connect(server.tcpPort);
  await raw.send(`guess\r\n${PASSWORD}\r\nann\r\nhi\r\n`);
  await raw.takeUntil("! that is not the password\r\n");
  assertEquals(
    await raw.takeUntil("\r\n"),
    "* lobby, 0 online. Your name? (Enter for a guest name)\r\n",
  );
  assertMatch(await raw.takeUntil("\r\n"), /^\* hello ann; the last 1 of 1 messages follow/);
  assertMatch(await raw.takeUntil("#2 ann: hi\r\n"), /treasure/);
});

Deno.test("TCP: somebody who types the password once more is not shown to everybody under it", async () => {
  await using server = await open();
  using raw = await Raw.connect(server.tcpPort);
  await raw.send(`${PASSWORD}\r\n${PASSWORD}\r\nann\r\n`);
  await raw.takeUntil("! that is the password, which is given already; wanted a name\r\n");
  assertMatch(await raw.takeUntil("\r\n"), /^\* hello ann;/);
});

Deno.test("TCP: a read-only guest presses Enter", async () => {
  await using server = await open({ readOnlyGuests: true });
  using raw = await Raw.connect(server.tcpPort);
  await raw.send("\r\nhi\r\n");
  assertEquals(
    await raw.takeUntil("\r\n"),
    "* lobby, 0 online. The password, to write? (Enter to read only)\r\n",
  );
  assertMatch(
    await raw.takeUntil("\r\n"),
    /^\* hello guest-\w{4}; you may read, and not write; the last/,
  );
  await raw.takeUntil("! only those with the password may write");
});

Deno.test("/ws/text: somebody whom a header or a cookie vouches for is not asked", async () => {
  await using server = await open();
  const token = await openSession(server, { password: PASSWORD });
  for (const headers of [basic(PASSWORD), bearer(token), { cookie: `partyline=${token}` }]) {
    const first = Promise.withResolvers<string>();
    const { socket, ended } = await openSocket(server, "/ws/text", {
      headers,
      onFrame: (text) => first.resolve(text),
    });
    assertMatch(await first.promise, /Your name\?/);
    socket.close();
    await ended;
  }
});

Deno.test("a poll that lurks reads with its session, and is nobody in the room", async () => {
  await using server = await open();
  const headers = bearer(await openSession(server, { name: "ann", password: PASSWORD }));
  const { status, text } = await ask(server, "/poll?lurk=1&wait=0&name=bob", { headers });
  assertEquals(status, 200);
  assertMatch(text, /treasure/);
  assertEquals(server.running.room.people.count, 0);
  assertEquals((await ask(server, "/poll?lurk=yes&wait=0", { headers })).status, 400);
});

Deno.test("messages without a session are refused where the operator says so, with how to get one", async () => {
  await using server = await TestServer.open({ access: { anonymousPosts: false } });
  const post = (headers = {}) =>
    ask(server, "/api/messages", { method: "POST", headers, body: "hi" });
  const { status, code, message } = await post();
  assertEquals([status, code], [401, "unauthorized"]);
  assertMatch(message, /the operator .* POST \/api\/session \{"name":"…"\}.*Authorization: Bearer/);
  assertEquals(server.running.room.log.last, 0);
  assertEquals((await post(bearer(await openSession(server, { name: "ann" })))).status, 201);
});

Deno.test("search and echo are refused where the operator has switched them off", async () => {
  await using server = await TestServer.open({ access: { search: false, echo: false } });
  for (const [path, what] of [["/api/search?q=hi", "search"], ["/echo", "echo"]] as const) {
    const { status, code, message } = await ask(server, path);
    assertEquals([status, code], [403, "forbidden"]);
    assertEquals(message, `the operator of this server has switched off ${what}`);
  }
  await assertRejects(() => openSocket(server, "/echo"));
  assertMatch((await ask(server, "/")).text, /"search":false/);
});
