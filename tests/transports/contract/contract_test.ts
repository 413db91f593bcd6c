import { assert, assertEquals, assertRejects } from "@std/assert";
import type { RoomEvent } from "../../../lib/model/events.ts";
import { type Addresses, TestServer } from "../../support/server.ts";
import { type Client, postAs, Refused, type Transport } from "../clients/client.ts";
import { TRANSPORTS } from "../clients/all.ts";
import { openSocket } from "../clients/socket.ts";
import { websocket } from "../clients/websocket.ts";
import { textOf } from "../../../lib/model/message.ts";
import { contract, GRACE_MS, hasTokens, ROOMS } from "./contract.ts";

const hasWelcome = ({ form }: Transport) => form === "json";
/** What a transport shows of the history at first. */
const recentOf = ({ form }: Transport) => form === "lines" ? 10 : 50;

/** So many messages, one after the other; resolves with the last seq. */
async function fill(server: Addresses, count: number): Promise<number> {
  const posts = Array.from(
    { length: count },
    (_, i) => postAs(server, undefined, { text: `message ${i + 1}` }),
  );
  return Math.max(...(await Promise.all(posts)).map(({ seq }) => seq));
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

contract("the newest of the history comes first, then what is said", async (transport, server) => {
  await fill(server, 60);
  await using client = await transport.join(server, { name: "ann" });
  const { seq, duplicate } = await client.say("hello");
  await client.inbox.untilSeq(61);
  assertEquals({ seq, duplicate }, { seq: 61, duplicate: false });
  assertEquals(client.inbox.seqs, range(61 - recentOf(transport), 61));
  assertEquals(client.inbox.lines.at(-1), "#61 ann: hello");
});

contract("an empty room is empty, and its first message is 1", async (transport, server) => {
  await using client = await transport.join(server, { name: "ann" });
  assertEquals(client.inbox.seqs, []);
  assertEquals(await client.say("hello"), { seq: 1, duplicate: false });
  await client.inbox.untilSeq(1);
  assertEquals(client.inbox.lines, ["#1 ann: hello"]);
});

contract("welcome comes first, live after the history", async (transport, server) => {
  await fill(server, 3);
  await using client = await transport.join(server, { name: "ann" });
  const live = await client.inbox.until("live");
  const { events } = client.inbox;
  const welcome = await client.inbox.until("welcome");
  const types = events.map(({ type }) => type).slice(0, 5);
  assertEquals(types, ["welcome", "message", "message", "message", "live"]);
  assertEquals(live, { type: "live", seq: 3 });
  const { epoch } = server.running.room.log;
  assertEquals({ ...welcome, token: "" }, {
    type: "welcome",
    v: 1,
    room: "lobby",
    epoch,
    first: 1,
    last: 3,
    name: "ann",
    token: "",
    resumed: false,
    count: 1,
    names: ["ann"],
    limits: { text: 4000, name: 32, file: 10 * 2 ** 20 },
    ping: 15,
  });
  assert(typeof client.token === "string" && client.token.length > 20);
}, hasWelcome);

for (const form of ["<seq>", "<epoch>-<seq>"]) {
  contract(`a cursor as ${form} goes on after it`, async (transport, server) => {
    await fill(server, 220);
    const cursor = form === "<seq>" ? "3" : `${server.running.room.log.epoch}-3`;
    await using client = await transport.join(server, { since: cursor });
    await client.inbox.untilSeq(220);
    await client.say("and on");
    await client.inbox.untilSeq(221);
    // A terminal was shown its one screen before it could say where to go on.
    const asked = transport.form === "lines" ? client.inbox.seqs.slice(10) : client.inbox.seqs;
    assertEquals(asked, range(4, 221));
    if (!hasWelcome(transport)) return;
    assertEquals((await client.inbox.until("welcome")).resumed, true);
    assertEquals(client.inbox.events.filter(({ type }) => type === "reset"), []);
  });
}

contract(
  "whoever drops out again and again while others talk misses nothing, and hears nothing twice",
  async (transport, server) => {
    const talking = (async () => {
      for (let i = 0; i < 30; i++) await fill(server, 5);
    })();
    const heard: number[] = [];
    while (heard.length < 150) {
      const cursor = heard.at(-1) ?? 0;
      await using client = await transport.join(server, { since: String(cursor) });
      await client.inbox.until("message");
      heard.push(...client.inbox.seqs.slice(0, 40)); // as if the rest had been lost with the line
    }
    await talking;
    assertEquals(heard, range(1, 150));
  },
  hasTokens,
);

for (
  const [reason, since] of [["future", "9"], ["epoch", "kanother-2"]] as const
) {
  contract(
    `a cursor that cannot be honoured (${reason}) is answered with a reset, then the end of the history`,
    async (transport, server) => {
      await fill(server, 5);
      await using client = await transport.join(server, { since });
      const reset = await client.inbox.until("reset");
      await client.inbox.untilSeq(5);
      assertEquals(reset.reason, reason);
      const { events } = client.inbox;
      const after = events.slice(events.indexOf(reset))
        .filter((event) => event.type === "message").map(({ seq }) => seq);
      assertEquals(after, range(1, 5));
      if (!hasTokens(transport)) return;
      const { epoch } = server.running.room.log;
      const asked = Number(since.split("-").at(-1));
      assertEquals(reset, { type: "reset", reason, epoch, first: 1, last: 5, asked });
      if (!hasWelcome(transport)) return;
      assertEquals((await client.inbox.until("welcome")).resumed, false);
      assertEquals(events.map(({ type }) => type).slice(0, 2), ["welcome", "reset"]);
    },
  );
}

contract(
  "a cursor older than what is kept is answered with a reset, then what is kept",
  async (transport, server) => {
    await fill(server, 20);
    const { log } = server.running.room;
    await log.trim(8, 100);
    await using client = await transport.join(server, { since: "3" });
    const reset = await client.inbox.until("reset");
    await client.say("and on");
    await client.inbox.untilSeq(21);
    const { events } = client.inbox;
    const after = events.slice(events.indexOf(reset))
      .filter((event) => event.type === "message").map(({ seq }) => seq);
    assertEquals(reset.reason, "gap");
    const shown = transport.form === "lines" ? 11 : 8; // one screen
    assertEquals(after, range(shown, 21));
    if (!hasTokens(transport)) return;
    assertEquals(reset, {
      type: "reset",
      reason: "gap",
      epoch: log.epoch,
      first: 8,
      last: 20,
      asked: 3,
    });
  },
);

contract(
  "the same id is the same message, by whatever transport and however late",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    const first = await client.say("once", "c-1");
    assertEquals(first, { seq: 1, duplicate: false });
    assertEquals(await client.say("once", "c-1"), { seq: 1, duplicate: true });
    await client.leave();
    for (const other of TRANSPORTS.filter(hasTokens)) {
      await using again = await other.join(server, { token: client.token!, since: "1" });
      assertEquals(await again.say("once", "c-1"), { seq: 1, duplicate: true }, other.name);
    }
    await using stranger = await transport.join(server, { name: "bob" });
    assertEquals(await stranger.say("my own", "c-1"), { seq: 2, duplicate: false });
    assertEquals(server.running.room.tail.seq, 2);
  },
  hasTokens,
);

contract("who comes and who goes is told to the others, once", async (transport, server) => {
  await using watcher = await websocket.join(server, { name: "watcher" });
  const client = await transport.join(server, { name: "ann" });
  assertEquals(await watcher.inbox.until("join"), { type: "join", name: "ann", count: 2 });
  await client.leave();
  await client.leave();
  assertEquals(await watcher.inbox.until("leave"), { type: "leave", name: "ann", count: 1 });
  // Whatever a second leave would have caused has happened before this.
  await using next = await transport.join(server, { name: "bob" });
  await watcher.inbox.until("join", ({ name }) => name === "bob");
  await next.leave();
  await watcher.inbox.until("leave", ({ name }) => name === "bob");
  const notices = watcher.inbox.events.filter(({ type }) => type === "join" || type === "leave");
  assertEquals(notices.map((event) => `${event.type} ${(event as { name: string }).name}`), [
    "join ann",
    "leave ann",
    "join bob",
    "leave bob",
  ]);
  assertEquals(server.running.room.presence(), { type: "presence", count: 1, names: ["watcher"] });
});

contract(
  "two connections of one session are one name, until the last of them ends",
  async (transport, server) => {
    await using watcher = await websocket.join(server, { name: "watcher" });
    await using first = await transport.join(server, { name: "ann" });
    await using second = await transport.join(server, { token: first.token! });
    await second.say("as ann");
    assertEquals((await watcher.inbox.until("message")).from, "ann");
    await first.leave();
    await second.say("still ann");
    assertEquals(server.running.room.presence().names, ["watcher", "ann"]);
    await second.leave();
    await watcher.inbox.until("leave");
    const notices = watcher.inbox.events.filter(({ type }) => type === "join" || type === "leave");
    assertEquals(notices.map(({ type }) => type), ["join", "leave"]);
  },
  hasTokens,
);

contract(
  "a text too long is refused by name, and the connection goes on",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    const error = await assertRejects(() => client.say("x".repeat(4001)), Refused);
    assertEquals(error.message, "the text has 4001 characters; at most 4000 are accepted");
    assertEquals((await client.say("😀".repeat(4000))).seq, 1);
  },
);

contract(
  "what could forge a line or steer a terminal is taken out of a text",
  async (transport, server) => {
    await using client = await transport.join(server, { name: "ann" });
    await using watcher = await websocket.join(server);
    // A terminal sends its line as it is; that its answer differs is what is tested.
    client.say("\x1b[31mred\x1b[0m\u202e \u0007bell").catch(() => {});
    assertEquals((await watcher.inbox.until("message")).text, "red bell");
    await client.leave();
  },
);

contract(
  "a bye is the last thing heard when the server goes, and then the end",
  async (transport, server) => {
    await fill(server, 1);
    await using client = await transport.join(server, { name: "ann" });
    await client.inbox.untilSeq(1);
    if (hasWelcome(transport)) await client.inbox.until("live");
    await server[Symbol.asyncDispose]();
    await client.inbox.untilEnd();
    if (transport.form === "poll") return; // between two polls there is nobody to say it to
    const bye = client.inbox.events.at(-1)!;
    assertEquals(bye.type, "bye");
    if (!hasWelcome(transport)) return;
    const { reconnect_ms } = bye as Extract<RoomEvent, { type: "bye" }>;
    assert(reconnect_ms >= 500 && reconnect_ms <= 5500, `${reconnect_ms} ms`);
  },
);

for (const path of ["/ws", "/ws/text"]) {
  Deno.test(`${path}: a restart closes with 1012`, async () => {
    await using server = await TestServer.open({ byeMs: 100 });
    const heard = Promise.withResolvers<void>();
    const { socket, ended } = await openSocket(server, path, { onFrame: () => heard.resolve() });
    if (path === "/ws/text") socket.send("ann");
    await heard.promise;
    if (path === "/ws/text") await server.running.room.post({ sender: "x", from: "x", text: "x" });
    await server[Symbol.asyncDispose]();
    assertEquals((await ended).code, 1012);
  });
}

for (const { on, test, open } of ROOMS) {
  test(`a mixed room${on} sees the same numbers, names and texts in the same order`, async () => {
    await using server = await open({ graceMs: GRACE_MS });
    await using stack = new AsyncDisposableStack();
    const clients: Client[] = [];
    for (const [i, transport] of TRANSPORTS.entries()) {
      clients.push(stack.use(await transport.join(server, { name: `person${i}` })));
    }
    const rounds = 5;
    const talking = clients.map(async (client, i) => {
      for (let round = 0; round < rounds; round++) await client.say(`round ${round} of ${i}`);
    });
    for (let round = 0; round < rounds; round++) {
      await postAs(server, undefined, { text: `posted ${round}` });
    }
    await Promise.all(talking);
    const total = (TRANSPORTS.length + 1) * rounds;
    await Promise.all(clients.map(({ inbox }) => inbox.untilSeq(total)));
    const stored = await server.running.room.log.read({ after: 0, limit: 100 });
    const expected = stored.map((entry) => `#${entry.seq} ${entry.from}: ${textOf(entry)}`);
    assertEquals(expected.length, total);
    for (const [i, { inbox }] of clients.entries()) {
      assertEquals(inbox.lines, expected, TRANSPORTS[i]!.name);
    }
    const of = (name: string) => stored.filter(({ from }) => from === name).map(textOf);
    clients.forEach((_, i) =>
      assertEquals(of(`person${i}`), range(0, rounds - 1).map((round) => `round ${round} of ${i}`))
    );
  });
}
