import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import {
  Client,
  type ClientOptions,
  type Happening,
  Unreachable,
} from "../../lib/client_legacy/client.ts";
import {
  type Connection,
  type Frame,
  type Opening,
  TurnedAway,
} from "../../lib/client_legacy/carrier.ts";
import { decodeEvent } from "../../lib/wire/event_decoder.ts";
import { Inbox } from "../../lib/client_legacy/inbox.ts";
import { isEssential, jsonLine, linesOf } from "../../lib/cli/chat/lines.ts";
import { Pace } from "../../lib/client_legacy/pace.ts";
import { SseDecoder } from "../../lib/wire/sse_decoder.ts";
import type { RoomEvent, Welcome } from "../../lib/model/events.ts";
import { RateLimit } from "../../lib/base/rate_limit.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { message } from "../support/fakes.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

function welcome(fields: Partial<Welcome> = {}): Welcome {
  return {
    type: "welcome",
    v: 1,
    room: "lobby",
    epoch: "k3x",
    first: 1,
    last: 0,
    name: "ann",
    token: "the token",
    resumed: false,
    count: 1,
    names: ["ann"],
    limits: { text: 4000, name: 32 },
    ping: 15,
    ...fields,
  };
}

class FakeConnection implements Connection {
  readonly events = new Inbox<RoomEvent | undefined>();
  readonly opening: Opening;
  readonly sent: Frame[] = [];
  readonly #onSend: (frame: Frame) => void;
  dropped: Error | undefined;
  closed = false;

  constructor(opening: Opening, onSend: (frame: Frame) => void = () => {}) {
    this.opening = opening;
    this.#onSend = onSend;
  }

  says(...events: (RoomEvent | undefined)[]): void {
    for (const event of events) this.events.push(event);
  }

  send(frame: Frame): void {
    this.sent.push(frame);
    this.#onSend(frame);
  }

  close(): Promise<void> {
    this.closed = true;
    this.events.end();
    return Promise.resolve();
  }

  drop(why: Error): void {
    this.dropped ??= why;
    this.events.end(why);
  }
}

/** A client, the connections it has made, and what it has said happened. */
function start(options: ClientOptions = {}) {
  const clock = new ManualClock();
  const connections: FakeConnection[] = [];
  const refuse: Error[] = [];
  const client = new Client((opening) => {
    const error = refuse.shift();
    if (error) return Promise.reject(error);
    connections.push(new FakeConnection(opening));
    return Promise.resolve(connections.at(-1)!);
  }, { clock, random: () => 0, ...options });
  const happenings: Happening[] = [];
  const following = (async () => {
    for await (const happening of client.follow()) happenings.push(happening);
  })();
  const advance = async (ms: number) => {
    await settle();
    clock.advance(ms);
    await settle();
  };
  return {
    client,
    clock,
    connections,
    refuse,
    happenings,
    following,
    advance,
    /** The nth connection, once it is there. */
    async connection(n: number): Promise<FakeConnection> {
      await settle();
      return connections[n]!;
    },
    async leave() {
      await client.leave();
      await following;
      assertEquals(clock.pending, 0, "no timer is left behind");
    },
  };
}

function seqs(happenings: Happening[]): number[] {
  return happenings.flatMap((happening) => happening.type === "message" ? [happening.seq] : []);
}

Deno.test("it comes back as the same person, after the last message it has seen, and says so", async () => {
  const { connection, happenings, advance, leave } = start({ name: "ann" });
  const first = await connection(0);
  assertEquals(first.opening, { name: "ann", token: undefined, since: undefined });
  first.says(welcome({ name: "ann2" }), message(45), message(46), { type: "live", seq: 46 });
  first.events.end(new Error("the connection broke"));
  await settle();
  assertEquals(happenings.at(-1), { type: "lost", reason: "the connection broke", retryMs: 500 });
  await advance(499);
  assertEquals(await connection(1), undefined);
  await advance(1);
  const second = await connection(1);
  assertEquals(second.opening, { name: "ann2", token: "the token", since: "k3x-46" });
  const again = welcome({ name: "ann2", resumed: true });
  second.says(again, message(47), { type: "live", seq: 47 });
  await settle();
  assertEquals(happenings.slice(-3), [
    { type: "back", welcome: again, seq: 46 },
    message(47),
    { type: "live", seq: 47 },
  ]);
  await leave();
  assert(second.closed);
});

Deno.test("a cursor given at the start is where it begins", async () => {
  const { connection, happenings, leave } = start({ since: "k3x-44" });
  const first = await connection(0);
  assertEquals(first.opening.since, "k3x-44");
  first.says(welcome({ resumed: true, last: 45 }), message(45));
  await settle();
  assertEquals(seqs(happenings), [45]);
  await leave();
});

Deno.test("a hole makes it reconnect with its cursor, and nothing comes out twice", async () => {
  const { connection, connections, happenings, advance, leave } = start();
  (await connection(0)).says(welcome(), message(1), { type: "live", seq: 1 }, message(3));
  await settle();
  assertEquals(seqs(happenings), [1]);
  assertEquals(happenings.at(-1), {
    type: "lost",
    reason: "messages 2 to 2 did not come",
    retryMs: 500,
  });
  await advance(500);
  const second = await connection(1);
  assertEquals(second.opening.since, "k3x-1");
  second.says(welcome({ resumed: true }), message(1), message(2), message(2), message(3));
  await settle();
  assertEquals(seqs(happenings), [1, 2, 3]);
  second.says({ type: "live", seq: 4 });
  await settle();
  assertEquals(happenings.at(-1)?.type, "lost", "the end of the history must have come too");
  assertEquals(connections.length, 2);
  await leave();
});

Deno.test("after a reset it goes on where the server says", async () => {
  const { connection, happenings, leave } = start({ since: "old-99" });
  const reset = { type: "reset", reason: "epoch", epoch: "new", first: 1, last: 7 } as const;
  const first = await connection(0);
  first.says(welcome({ epoch: "new" }), reset, message(6), message(7), { type: "live", seq: 7 });
  await settle();
  assertEquals(seqs(happenings), [6, 7]);
  first.says({ ...reset, reason: "gap", epoch: "new", first: 20, last: 20 }, message(20));
  await settle();
  assertEquals(seqs(happenings), [6, 7, 20]);
  await leave();
});

Deno.test("one message is under way at a time, and is tried again under its id", async () => {
  const { client, connection, advance, leave } = start();
  const first = await connection(0);
  const stored = [client.say("one"), client.say("two")];
  first.says(welcome({ limits: { text: 4000, name: 32 } }));
  await settle();
  const [one] = first.sent as { id: string }[];
  assertEquals(first.sent.length, 1);
  first.says({
    type: "error",
    id: one!.id,
    code: "rate_limited",
    message: "slow down",
    retry_after: 3,
  });
  await advance(2999);
  assertEquals(first.sent.length, 1);
  await advance(1);
  assertEquals(first.sent, [one, one] as Frame[]);
  first.says({ type: "ack", id: one!.id, seq: 1, duplicate: false });
  assertEquals(await stored[0], { seq: 1, duplicate: false });
  assertEquals(first.sent.length, 3);

  first.events.end(new Error("gone"));
  await advance(500);
  const second = await connection(1);
  second.says(welcome({ resumed: true }));
  await settle();
  assertEquals(second.sent, [first.sent[2]!], "what was under way is sent again, as it was");
  const two = second.sent[0] as { id: string };
  assert(two.id !== one!.id);
  second.says({ type: "ack", id: two.id, seq: 2, duplicate: true });
  assertEquals(await stored[1], { seq: 2, duplicate: true });
  await leave();
});

Deno.test("it keeps to the rate it was told, so that it is never refused for it", async () => {
  const { client, connection, advance, leave } = start();
  const first = await connection(0);
  first.says(welcome({ limits: { text: 4000, name: 32, rate: 5, burst: 3 } }));
  await settle();
  const answer = async () => {
    const { id } = first.sent.at(-1) as { id: string };
    first.says({ type: "ack", id, seq: first.sent.length, duplicate: false });
    await settle();
  };
  const all = Promise.all(["1", "2", "3", "4", "5"].map((text) => client.say(text)));
  await settle();
  for (const count of [1, 2, 3]) {
    assertEquals(first.sent.length, count);
    await answer();
  }
  await advance(199);
  assertEquals(first.sent.length, 3, "the burst is used up");
  await advance(1);
  assertEquals(first.sent.length, 4);
  await answer();
  await advance(200);
  await answer();
  assertEquals((await all).map(({ seq }) => seq), [1, 2, 3, 4, 5]);
  await leave();
});

Deno.test("whatever the network delays, it is as fast as it may be and never too fast", () => {
  const rate = fc.record({
    perSecond: fc.integer({ min: 1, max: 50 }),
    burst: fc.integer({ min: 1, max: 20 }),
  });
  const delays = fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { maxLength: 60 });
  fc.assert(fc.property(rate, delays, (rate, delays) => {
    const clock = new ManualClock();
    const server = new RateLimit(rate, clock);
    const pace = new Pace(clock);
    pace.rate = rate;
    for (const [there, back] of delays) {
      clock.advance(pace.waitMs);
      clock.advance(there);
      assertEquals(server.take("us"), 0, "the server refuses it");
      clock.advance(back);
      pace.count();
    }
    const idleMs = Math.ceil(1000 * rate.burst / rate.perSecond);
    clock.advance(idleMs);
    assertEquals(pace.waitMs, 0);
  }));
});

Deno.test("a text that is refused is told to who said it, and the next one goes out", async () => {
  const { client, connection, happenings, leave } = start();
  const first = await connection(0);
  first.says(welcome());
  await assertRejects(() => client.say("x".repeat(4001)), Refusal, "at most 4000");
  await assertRejects(() => client.say(" \n"), Refusal, "empty");
  const refused = client.say("bad");
  const next = client.say("good");
  await settle();
  assertEquals(first.sent.length, 1, "what cannot be said is not even sent");
  const { id } = first.sent[0] as { id: string };
  first.says({ type: "error", id, code: "forbidden", message: "not here" });
  await assertRejects(() => refused, Refusal, "not here");
  const { id: nextId } = first.sent[1] as { id: string };
  first.says({ type: "ack", id: nextId, seq: 1, duplicate: false });
  await next;
  assert(!happenings.some(({ type }) => type === "error"), "it is not told twice");
  await leave();
});

Deno.test("a silent server is lost after twice its ping, and whatever it says is no silence", async () => {
  const { connection, happenings, advance, leave } = start();
  const first = await connection(0);
  await advance(9_999);
  first.says(welcome({ ping: 15 }));
  await advance(29_999);
  first.says(undefined); // a comment, an event of a later version
  await advance(29_999);
  assertEquals(happenings.map(({ type }) => type), ["welcome"]);
  await advance(1);
  assertEquals(happenings.at(-1), {
    type: "lost",
    reason: "nothing was heard for too long",
    retryMs: 500,
  });
  assertEquals(first.dropped?.message, "nothing was heard for too long");
  await leave();
});

Deno.test("a message without an answer is tried on a new connection", async () => {
  const { client, connection, advance, leave } = start();
  const first = await connection(0);
  first.says(welcome({ ping: 1000 }));
  const stored = client.say("one");
  await advance(29_999);
  assertEquals(first.dropped, undefined);
  await advance(1);
  assertEquals(first.dropped?.message, "a message was not answered");
  await advance(500);
  const second = await connection(1);
  second.says(welcome({ resumed: true }));
  await settle();
  assertEquals(second.sent, first.sent);
  const { id } = second.sent[0] as { id: string };
  second.says({ type: "ack", id, seq: 1, duplicate: true });
  await stored;
  await leave();
});

Deno.test("it waits longer after each failure, and as long as a bye asks", async () => {
  const { connection, refuse, happenings, advance, leave } = start({ random: () => 1 });
  const waits = () =>
    happenings.flatMap((happening) => happening.type === "lost" ? [happening.retryMs] : []);
  const first = await connection(0);
  first.says(welcome(), { type: "live", seq: 0 }, { type: "bye", reconnect_ms: 3200 });
  refuse.push(...Array.from({ length: 6 }, () => new Error("connection refused")));
  first.events.end(new Error("closed"));
  await advance(3200);
  for (const ms of [1000, 2000, 4000, 8000, 16_000, 30_000]) await advance(ms);
  assertEquals(waits(), [3200, 1000, 2000, 4000, 8000, 16_000, 30_000]);
  const second = await connection(1);
  second.says(welcome({ resumed: true }), { type: "live", seq: 0 });
  await settle();
  second.events.end(new Error("closed"));
  await settle();
  assertEquals(waits().at(-1), 1000);
  await leave();
});

Deno.test("who cannot be reached at first, or for too long, is given up", async () => {
  const failing = new Client(() => Promise.reject(new Error("a: Connection refused (os error 1)")));
  await assertRejects(() => failing.follow().next(), Unreachable, "connection refused");

  const { client, connection, refuse, following, advance } = start({ giveUpMs: 5000 });
  (await connection(0)).says(welcome(), { type: "live", seq: 0 });
  await settle();
  const unsaid = assertRejects(() => client.say("too late"), Error, "before the server said");
  (await connection(0)).events.end(new Error("closed"));
  refuse.push(...Array.from({ length: 20 }, () => new Error("connection refused")));
  const given = assertRejects(() => following, Unreachable, "connection refused");
  for (let i = 0; i < 11; i++) await advance(500);
  await given;
  await unsaid;
});

Deno.test("who is turned away does not come back", async () => {
  const { connection, connections, following } = start();
  const first = await connection(0);
  first.says(welcome());
  const turnedAway = assertRejects(() => following, TurnedAway, "the password");
  first.events.end(new TurnedAway("the password is wrong"));
  await turnedAway;
  assertEquals(connections.length, 1);
});

Deno.test("leaving gives what is under way a second, and tells what was not stored", async () => {
  const { client, connection, following, advance, clock } = start();
  const first = await connection(0);
  first.says(welcome());
  const lost = assertRejects(() => client.say("one"), Error, "before the server said");
  await settle();
  const leaving = client.leave();
  await advance(999);
  assertEquals(first.closed, false);
  await advance(1);
  await Promise.all([leaving, following, lost]);
  assertEquals(first.closed, true);
  assertEquals(clock.pending, 0);
});

Deno.test("leaving while it is away ends the waiting at once", async () => {
  const { connection, connections, leave } = start();
  (await connection(0)).says(welcome());
  (await connection(0)).events.end(new Error("gone"));
  await settle();
  await leave();
  assertEquals(connections.length, 1);
});

Deno.test("it knows its name and who is here", async () => {
  const { client, connection, leave } = start();
  const first = await connection(0);
  first.says(
    welcome({ count: 2, names: ["ann", "bob"] }),
    { type: "join", name: "cy", count: 3 },
    { type: "rename", from: "ann", name: "anna" },
    { type: "leave", name: "bob", count: 2 },
  );
  await settle();
  assertEquals(client.name, "anna");
  assertEquals([client.people.count, client.people.names], [2, ["cy", "anna"]]);
  first.says({ type: "presence", count: 300 });
  await settle();
  assertEquals([client.people.count, client.people.names], [300, undefined]);
  await leave();
});

type Fault = "none" | "lost before it is stored" | "lost after it is stored" | "refused for now";

Deno.test("whatever breaks, every message is stored once, and in order", async () => {
  const faults = fc.array(
    fc.constantFrom<Fault>(
      "none",
      "lost before it is stored",
      "lost after it is stored",
      "refused for now",
    ),
    { maxLength: 30 },
  );
  await fc.assert(
    fc.asyncProperty(faults, fc.integer({ min: 1, max: 8 }), async (faults, count) => {
      const clock = new ManualClock();
      const log: string[] = [];
      const ids = new Map<string, number>();
      const client = new Client((opening) => {
        const connection = new FakeConnection(opening, (frame) => {
          if (frame.type !== "message") return;
          const fault = faults.shift() ?? "none";
          if (fault === "lost before it is stored") return connection.drop(new Error("broke"));
          if (fault === "refused for now") {
            const code = "unavailable";
            return connection.says({ type: "error", id: frame.id, code, message: "not now" });
          }
          const duplicate = ids.has(frame.id);
          if (!duplicate) ids.set(frame.id, log.push(frame.text));
          if (fault === "lost after it is stored") return connection.drop(new Error("broke"));
          connection.says({ type: "ack", id: frame.id, seq: ids.get(frame.id)!, duplicate });
        });
        connection.says(welcome({ resumed: opening.since !== undefined }));
        return Promise.resolve(connection);
      }, { clock });
      const following = (async () => {
        for await (const _ of client.follow());
      })();
      const texts = Array.from({ length: count }, (_, i) => `text ${i}`);
      let done = false;
      const all = Promise.all(texts.map((text) => client.say(text))).then((receipts) => {
        done = true;
        return receipts;
      });
      for (let turn = 0; turn < 100 && !done; turn++) {
        await settle();
        clock.advance(30_000);
      }
      assertEquals((await all).map(({ seq }) => seq), texts.map((_, i) => i + 1));
      assertEquals(log, texts);
      await client.leave();
      await following;
    }),
    { numRuns: 60 },
  );
});

Deno.test("what a server of another kind or version says is no event", () => {
  const nothing = [
    "",
    "* lobby, 3 online. Your name?",
    "{",
    "null",
    "[]",
    "{}",
    '{"type":1}',
    '{"type":"toString"}',
    '{"type":"fireworks"}',
    '{"type":"message","seq":"1","at":1,"from":"a","text":"b"}',
    '{"type":"message","seq":1,"at":1,"from":"a"}',
    '{"type":"presence","count":1,"names":[1]}',
    '{"type":"welcome","limits":null}',
  ];
  for (const json of nothing) assertEquals(decodeEvent(json), undefined, json);
  const known = { ...message(1), later: true };
  assertEquals(decodeEvent(JSON.stringify(known)), known as RoomEvent);
});

Deno.test("any split of the bytes gives the same server-sent events", () => {
  const stream = new TextEncoder().encode(
    'retry: 2000\n\n: ping\n\nid: k3x-1\nevent: message\ndata: {"text":"é世"}\n\n' +
      "data:a\r\ndata: b\r\ndata\r\n\r\ndatum: x\n\ndata: unfinished",
  );
  fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 9 })), (cuts) => {
    const decoder = new SseDecoder(1000);
    const heard: unknown[] = [];
    for (let at = 0; at < stream.length;) {
      const length = cuts.shift() ?? 1000;
      heard.push(...decoder.push(stream.subarray(at, at + length)));
      at += length;
    }
    assertEquals(heard.filter((data) => data !== undefined), ['{"text":"é世"}', "a\nb\n"]);
    assert(heard.includes(undefined), "a comment is heard");
  }));
});

Deno.test("what happens is shown as in the TCP room, and what only a client knows beside it", () => {
  const plain = (happening: Happening) => linesOf(happening, { colour: false });
  assertEquals(plain(welcome({ count: 2, names: ["ann", "bob"] })), [
    "* lobby, 2 online: ann, bob",
    "* you are ann",
  ]);
  assertEquals(plain({ type: "lost", reason: "gone", retryMs: 2345 }), [
    "* connection lost (gone), trying again in 2.3 s",
  ]);
  const back = { type: "back", welcome: welcome() } as const;
  assertEquals(plain({ ...back, seq: 46 }), ["* reconnected as ann, resumed after #46"]);
  assertEquals(plain({ ...back, seq: undefined }), ["* reconnected as ann"]);
  assertEquals(plain({ type: "join", name: "bob", count: 2 }), ["* bob joined"]);
  assertEquals(plain({ type: "live", seq: 1 }), []);
  assertEquals(plain({ type: "bye", reconnect_ms: 1 }), []);
  assert(isEssential(message(1)) && !isEssential({ type: "join", name: "bob", count: 2 }));
});

const nasty = fc.array(
  fc.constantFrom(
    "\x1b",
    "\x9b",
    "[2J",
    "[31m",
    "\u202e",
    "\u2028",
    "\x07",
    "\n",
    "\t",
    "4",
    ": ",
    "é世",
  ),
  { maxLength: 12 },
).map((pieces) => pieces.join(""));

Deno.test("colours change no text, and nothing of a text steers the terminal", () => {
  fc.assert(fc.property(nasty, nasty, (from, text) => {
    const entry = message(46, { from, text });
    const plain = linesOf(entry, { colour: false });
    const painted = linesOf(entry, { colour: true });
    // deno-lint-ignore no-control-regex
    const stripped = painted.map((line) => line.replace(/\x1b\[[\d;]+m/g, ""));
    assertEquals(stripped, plain);
    for (const line of plain) assert(!/[\p{Cc}\u202e]/u.test(line.replaceAll("\t", "")), line);
  }));
});

Deno.test("the name is what is coloured, the same everywhere, and the rest of the head is dim", () => {
  const [line = ""] = linesOf(message(46, { from: "4", text: "4" }), { colour: true });
  const [again = ""] = linesOf(message(1, { from: "4", text: "/me waves" }), { colour: true });
  // deno-lint-ignore no-control-regex
  const [, colour] = /^\x1b\[2m\[\d\d:\d\d\] #46 \x1b\[0m\x1b\[1;38;5;(\d+)m4\x1b\[0m: 4$/.exec(
    line,
  )!;
  assert(again.endsWith(`* \x1b[0m\x1b[1;38;5;${colour}m4\x1b[0m waves`), JSON.stringify(again));
});

Deno.test("a line of JSON is the event, and nothing that a terminal obeys", () => {
  fc.assert(fc.property(nasty, (text) => {
    const entry = message(1, { text: text + "\x1b[2J\x9b\u202e\u2028" });
    const line = jsonLine(entry);
    assert(!/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u.test(line));
    assertEquals(JSON.parse(line), entry);
  }));
});
