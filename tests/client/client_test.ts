// The client's own sense, without a network: the other end of each connection is the test.
import { assert, assertEquals, assertRejects } from "@std/assert";
import fc from "fast-check";
import { NotConnected, TurnedAway, Unreachable } from "../../lib/client/errors.ts";
import { Lost } from "../../lib/client/errors.ts";
import { Refusal } from "../../lib/model/refusal.ts";
import { message } from "../support/fakes.ts";
import { settle } from "../support/manual_clock.ts";
import { FakeCarrier, seqs, start, states, welcome } from "./fakes.ts";

const live = (seq: number) => ({ type: "live", seq }) as const;
const ack = (id: string, seq: number, duplicate = false) =>
  ({ type: "ack", id, seq, duplicate }) as const;

Deno.test("it comes back as the same person, after the last message it has seen, and says so", async () => {
  const { client, carrier, events, advance, leave } = start({ name: "ann" });
  const first = await carrier(0);
  assertEquals(first.opening, {
    name: "ann",
    token: undefined,
    since: undefined,
    recent: undefined,
  });
  first.says(welcome({ name: "ann2" }), message(45), message(46), live(46));
  first.ends();
  await settle();
  assertEquals(states(events), [
    { type: "connecting" },
    { type: "connected", via: "websocket" },
    { type: "waiting", until: 500, reason: "the connection broke" },
  ]);
  await advance(499);
  assertEquals(await carrier(1), undefined);
  await advance(1);
  const second = await carrier(1);
  assertEquals(second.opening, {
    name: "ann2",
    token: "the token",
    since: "k3x-46",
    recent: undefined,
  });
  const again = welcome({ name: "ann2", resumed: true });
  second.says(again, message(47), live(47));
  await settle();
  assertEquals(events.slice(-5), [
    { type: "connection", state: { type: "connecting" } },
    again,
    message(47),
    live(47),
    { type: "connection", state: { type: "connected", via: "websocket", missed: 1 } },
  ]);
  assertEquals(client.cursor, "k3x-47");
  await leave();
  assert(second.closed);
});

Deno.test("a cursor given at the start is where it begins", async () => {
  const { client, carrier, events, leave } = start({ since: "k3x-44", recent: 7 });
  const first = await carrier(0);
  assertEquals([first.opening.since, first.opening.recent], ["k3x-44", undefined]);
  first.says(welcome({ resumed: true, last: 45 }), message(45));
  await settle();
  assertEquals([seqs(events), client.cursor], [[45], "k3x-45"]);
  await leave();
});

Deno.test("the cursor is that of what was given, not of what has come", async () => {
  const { client, carrier, leave } = start({ idle: true });
  (await carrier(0)).says(welcome(), message(7), message(8), live(8));
  assertEquals(client.cursor, undefined);
  for await (const event of client) if (event.type === "message") break;
  assertEquals(client.cursor, "k3x-7");
  for await (const event of client) if (event.type === "live") break;
  assertEquals(client.cursor, "k3x-8");
  await leave();
});

Deno.test("a hole makes it reconnect with its cursor, and nothing comes out twice", async () => {
  const { carrier, carriers, events, advance, leave } = start();
  (await carrier(0)).says(welcome(), message(1), live(1), message(3), message(4));
  await settle();
  assertEquals(seqs(events), [1]);
  assertEquals(states(events).at(-1), {
    type: "waiting",
    until: 500,
    reason: "messages 2 to 2 did not come",
  });
  assert(carriers[0]!.dropped);
  await advance(500);
  const second = await carrier(1);
  assertEquals(second.opening.since, "k3x-1");
  second.says(welcome({ resumed: true }), message(1), message(2), message(2), message(3));
  await settle();
  assertEquals(seqs(events), [1, 2, 3]);
  second.says(live(4));
  await settle();
  assertEquals(states(events).at(-1)?.type, "waiting", "the end of the history must have come too");
  assertEquals(carriers.length, 2);
  await leave();
});

Deno.test("after a reset it goes on where the server says", async () => {
  const { carrier, events, leave } = start({ since: "old-99" });
  const reset = { type: "reset", reason: "epoch", epoch: "new", first: 1, last: 7 } as const;
  const first = await carrier(0);
  first.says(welcome({ epoch: "new" }), reset, message(6), message(7), live(7));
  await settle();
  assertEquals(seqs(events), [6, 7]);
  first.says({ ...reset, reason: "gap", epoch: "new", first: 20, last: 20 }, message(20));
  await settle();
  assertEquals(seqs(events), [6, 7, 20]);
  await leave();
});

Deno.test("a server that goes on elsewhere without a word is not believed", async () => {
  const { carrier, events, advance, leave } = start({ since: "k3x-44" });
  (await carrier(0)).says(welcome({ epoch: "new", resumed: true }), message(45));
  await advance(500);
  (await carrier(1)).says(welcome(), message(90));
  await advance(1000);
  (await carrier(2)).says(welcome({ resumed: true }), message(45), live(45));
  await settle();
  assertEquals(seqs(events), [45]);
  assertEquals(
    states(events).flatMap((state) => state.type === "waiting" ? [state.reason] : []),
    ["it went on in the log new instead of k3x", "it did not go on from the cursor"],
  );
  await leave();
});

Deno.test("one message is under way at a time, and is tried again under its id", async () => {
  const { client, carrier, advance, leave } = start();
  const first = await carrier(0);
  const stored = [client.say("one"), client.say("two")];
  first.says(welcome());
  const [one = ""] = first.ids;
  assertEquals(first.sent.length, 1);
  first.says({
    type: "error",
    id: one,
    code: "rate_limited",
    message: "slow down",
    retry_after: 3,
  });
  await advance(2999);
  assertEquals(first.ids, [one]);
  await advance(1);
  assertEquals(first.ids, [one, one]);
  first.says(ack(one, 1));
  assertEquals(await stored[0], { seq: 1, duplicate: false });
  assertEquals(first.sent.length, 3);

  first.ends();
  await advance(500);
  const second = await carrier(1);
  second.says(welcome({ resumed: true }));
  assertEquals(second.sent, [first.sent[2]!], "what was under way is sent again, as it was");
  const [two = ""] = second.ids;
  assert(two !== one);
  second.says(ack(two, 2, true));
  assertEquals(await stored[1], { seq: 2, duplicate: true });
  await leave();
});

Deno.test("who was told to wait waits on the next connection too, but no longer than ten minutes", async () => {
  const { client, carrier, advance, leave } = start();
  const first = await carrier(0);
  first.says(welcome({ ping: 600 }));
  const stored = client.say("one", { id: "x" });
  const error = { type: "error", id: "x", code: "unavailable", message: "later" } as const;
  first.says({ ...error, retry_after: 60 });
  first.ends();
  await advance(500);
  const second = await carrier(1);
  second.says(welcome({ resumed: true, ping: 600 }));
  await advance(59_499);
  assertEquals(second.ids, []);
  await advance(1);
  assertEquals(second.ids, ["x"]);
  second.says({ ...error, retry_after: 1e15 });
  await advance(599_999);
  assertEquals(second.ids, ["x"]);
  await advance(1);
  second.says(ack("x", 1));
  await stored;
  await leave();
});

Deno.test("it keeps to the rate it was told, so that it is never refused for it", async () => {
  const { client, carrier, advance, leave } = start();
  const first = await carrier(0);
  first.says(welcome({ limits: { text: 4000, name: 32, rate: 5, burst: 3 } }));
  const answer = async () => {
    first.says(ack(first.ids.at(-1)!, first.sent.length));
    await settle();
  };
  const all = Promise.all(["1", "2", "3", "4", "5"].map((text) => client.say(text)));
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

Deno.test("a text that is refused is told to who said it, and the next one goes out", async () => {
  const { client, carrier, events, leave } = start();
  const first = await carrier(0);
  first.says(welcome());
  await assertRejects(() => client.say("x".repeat(4001)), Refusal, "at most 4000");
  await assertRejects(() => client.say(" \n"), Refusal, "empty");
  const refused = client.say("bad");
  const next = client.say("good");
  assertEquals(first.sent.length, 1, "what cannot be said is not even sent");
  first.says({ type: "error", id: first.ids[0]!, code: "forbidden", message: "not here" });
  await assertRejects(() => refused, Refusal, "not here");
  first.says(ack(first.ids[1]!, 1));
  await next;
  assert(!events.some(({ type }) => type === "error"), "it is not told twice");
  assertEquals(
    client.outgoing.map(({ state }) => state),
    ["stored"],
    "nobody looks at what failed",
  );
  await leave();
});

Deno.test("a silent server is lost after 2.5 of its pings, and whatever it says is no silence", async () => {
  const { carrier, events, advance, leave } = start();
  const first = await carrier(0);
  await advance(9_999);
  first.says(welcome({ ping: 15 }));
  await advance(37_499);
  first.says(); // a comment, an event of a later version
  await advance(37_499);
  assertEquals(states(events).map(({ type }) => type), ["connecting"]);
  await advance(1);
  assertEquals(states(events).at(-1), {
    type: "waiting",
    until: 9_999 + 37_499 + 37_500 + 500,
    reason: "nothing was heard for too long",
  });
  assert(first.dropped);
  await leave();
});

Deno.test("a server that does not say welcome within 10 s is lost, however much else it says", async () => {
  const { carrier, advance, leave } = start();
  const first = await carrier(0);
  await advance(9_999);
  first.says({ type: "info", text: "in a moment" });
  first.says();
  await advance(1);
  assert(first.dropped);
  await leave();
});

Deno.test("a ping of nonsense neither drops the connection at once nor keeps it for ever", async () => {
  for (const [ping, limitMs] of [[0, 2500], [-1, 2500], [1e300, 1_500_000]] as const) {
    const { carrier, advance, leave } = start();
    const first = await carrier(0);
    first.says(welcome({ ping }), live(0));
    await advance(limitMs - 1);
    assertEquals(first.dropped, false);
    await advance(1);
    assertEquals(first.dropped, true);
    await leave();
  }
});

Deno.test("limits of nonsense do not keep a message back", async () => {
  for (const limits of [{ rate: 0 }, { rate: -1 }, { rate: 1e-300 }, { rate: 5, burst: 0 }]) {
    const { client, carrier, leave } = start();
    const first = await carrier(0);
    first.says(welcome({ limits: { text: 4000, name: 32, ...limits } }));
    const stored = client.say("one", { id: "x" });
    assertEquals(first.ids, ["x"]);
    first.says(ack("x", 1));
    await stored;
    await leave();
  }
});

Deno.test("a message without an answer is tried on a new connection", async () => {
  const { client, carrier, advance, leave } = start();
  const first = await carrier(0);
  first.says(welcome({ ping: 600 }));
  const stored = client.say("one");
  await advance(29_999);
  assertEquals(first.dropped, false);
  await advance(1);
  assertEquals(first.dropped, true);
  await advance(500);
  const second = await carrier(1);
  second.says(welcome({ resumed: true }));
  assertEquals(second.sent, first.sent);
  second.says(ack(second.ids[0]!, 1, true));
  await stored;
  await leave();
});

Deno.test("it waits longer after each failure, as long as a bye asks, and at least as long as it is told", async () => {
  const { carrier, refuse, events, advance, clock, leave } = start({ random: () => 1 });
  let at = 0;
  const waits: number[] = [];
  const wait = async () => {
    await settle();
    const state = states(events).at(-1);
    assert(state?.type === "waiting");
    waits.push(state.until - clock.now());
    at++;
    await advance(state.until - clock.now());
  };
  const first = await carrier(0);
  first.says(welcome(), live(0), { type: "bye", reconnect_ms: 3200 });
  refuse.push(...Array.from({ length: 6 }, () => new Error("connection refused")));
  first.ends();
  for (let i = 0; i < 7; i++) await wait();
  assertEquals(waits, [3200, 1000, 2000, 4000, 8000, 16_000, 30_000]);
  const second = await carrier(1);
  second.says(welcome({ resumed: true }), live(0));
  second.ends();
  await wait();
  assertEquals(waits.at(-1), 1000);
  const third = await carrier(2);
  third.says(welcome({ resumed: true }), live(0));
  third.ends(new Lost("kept flooding", 10_000));
  await wait();
  assertEquals(waits.at(-1), 10_000);
  const fourth = await carrier(3);
  fourth.says(welcome({ resumed: true }), { type: "bye", reconnect_ms: 1e15 });
  fourth.ends();
  await wait();
  assertEquals(waits.at(-1), 600_000, "it comes back some day");
  assertEquals(at, 10);
  await leave();
});

Deno.test("a server that is away for too long is given up, and who waits for a message is told", async () => {
  const { client, carrier, refuse, reading, advance, clock } = start({ giveUpMs: 5000 });
  (await carrier(0)).says(welcome(), live(0));
  const unsaid = assertRejects(() => client.say("too late"), NotConnected, "before the server");
  (await carrier(0)).ends();
  refuse.push(...Array.from({ length: 20 }, () => new Error("connection refused")));
  const given = assertRejects(() => reading, Unreachable, "connection refused");
  for (let i = 0; i < 11; i++) await advance(500);
  await given;
  await unsaid;
  assertEquals([client.state.type, clock.pending], ["closed", 0]);
  await assertRejects(() => client.say("later"), NotConnected);
});

Deno.test("who is turned away does not come back; who was live and is sent away does", async () => {
  const first = start();
  (await first.carrier(0)).says(welcome());
  const turnedAway = assertRejects(() => first.reading, TurnedAway, "the password");
  (await first.carrier(0)).ends(new TurnedAway("the password is wrong"));
  await turnedAway;
  assertEquals(first.carriers.length, 1);

  const second = start();
  (await second.carrier(0)).says(welcome(), live(0));
  (await second.carrier(0)).ends(new TurnedAway("nothing was read for a minute"));
  await second.advance(500);
  assertEquals(second.carriers.length, 2);
  await second.leave();
});

Deno.test("leaving gives what is under way a second, and tells what was not stored", async () => {
  const { client, carrier, reading, advance, clock } = start();
  const first = await carrier(0);
  first.says(welcome());
  const lost = assertRejects(() => client.say("one"), NotConnected, "before the server said");
  const leaving = client.leave();
  await advance(999);
  assertEquals(first.closed, false);
  await advance(1);
  await Promise.all([leaving, reading, lost]);
  assertEquals(first.closed, true);
  assertEquals(clock.pending, 0);
});

Deno.test("leaving while it is away ends the waiting at once, and so does the signal", async () => {
  const aborter = new AbortController();
  const { carrier, carriers, reading, client } = start({ signal: aborter.signal });
  (await carrier(0)).says(welcome());
  (await carrier(0)).ends();
  await settle();
  aborter.abort();
  await reading;
  await client.leave();
  assertEquals(carriers.length, 1);
  const late = start({ signal: aborter.signal });
  await late.reading;
});

Deno.test("what came before it left can still be read", async () => {
  const { client, carrier } = start({ idle: true });
  (await carrier(0)).says(welcome(), message(1), live(1));
  await client.leave();
  const rest = await Array.fromAsync(client);
  assertEquals(seqs(rest), [1]);
  assertEquals(rest.at(-1), { type: "connection", state: { type: "closed" } });
});

Deno.test("it knows its name and who is here", async () => {
  const { client, carrier, leave } = start();
  const first = await carrier(0);
  first.says(
    welcome({ count: 3, names: ["bob", "ann", "guest 10"] }),
    { type: "join", name: "guest 9", count: 4 },
    { type: "rename", from: "ann", name: "anna" },
    { type: "leave", name: "bob", count: 3 },
  );
  assertEquals(client.name, "anna");
  assertEquals([client.people.count, client.people.names], [3, ["anna", "guest 9", "guest 10"]]);
  first.says({ type: "presence", count: 300 }, { type: "join", name: "cy", count: 301 });
  assertEquals([client.people.count, client.people.names], [301, []]);
  await leave();
});

Deno.test("a name that is refused is told to whoever asked for it, and to nobody else", async () => {
  const { client, carrier, events, advance, leave } = start({ transports: ["tcp"] });
  await assertRejects(() => client.rename("bob"), NotConnected);
  const first = await carrier(0);
  first.says(welcome(), live(0));
  const taken = client.rename("bob");
  first.says({ type: "error", code: "name_taken", message: "it is taken" });
  await assertRejects(() => taken, Refusal, "it is taken");
  await client.rename(" ann");
  const lost = client.rename("cy");
  first.ends();
  await assertRejects(() => lost, NotConnected);
  await settle();
  assert(!events.some(({ type }) => type === "error"));
  await advance(500);
  const second = await carrier(1);
  second.says(welcome({ resumed: true }), live(0));
  const renamed = client.rename("anna");
  second.says({ type: "rename", from: "ann", name: "anna" });
  await renamed;
  assertEquals(client.name, "anna");
  await leave();
});

Deno.test("that somebody types is told every three seconds at most, and only while connected", async () => {
  const { client, carrier, advance, leave } = start();
  const first = await carrier(0);
  client.typing();
  first.says(welcome(), live(0));
  client.typing();
  client.typing();
  await advance(2999);
  client.typing();
  assertEquals(first.sent.length, 1);
  await advance(1);
  client.typing();
  assertEquals(first.sent, [{ type: "typing" }, { type: "typing" }]);
  await leave();
});

Deno.test("without a network it stays away until it is called, and then comes back at once", async () => {
  const { client, carrier, carriers, events, advance, leave } = start();
  const first = await carrier(0);
  first.says(welcome(), live(0));
  client.pause();
  await advance(600_000);
  assertEquals([states(events).at(-1), first.dropped, carriers.length], [
    { type: "paused" },
    true,
    1,
  ]);
  client.reconnect();
  const second = await carrier(1);
  second.says(welcome({ resumed: true }), live(0));
  second.ends();
  await settle();
  assertEquals(client.state.type, "waiting");
  client.reconnect();
  await settle();
  assertEquals(carriers.length, 3);
  client.pause();
  client.reconnect();
  await settle();
  assertEquals([client.state.type, carriers.length], ["connecting", 4]);
  await leave();
});

Deno.test("it falls back in order, and begins with the best again", async () => {
  const { carrier, carriers, refuse, advance, leave } = start({
    transports: ["websocket", "sse", "poll"],
  });
  const first = await carrier(0);
  assertEquals(first.via, "websocket");
  first.ends();
  const second = await carrier(1);
  assertEquals(second.via, "sse");
  await advance(10_000); // says nothing
  assert(second.dropped);
  const third = await carrier(2);
  assertEquals(third.via, "poll");
  third.answers("k3x", message(5), live(5));
  third.ends();
  refuse.push(new Error("refused"), new Error("refused"), new Error("refused"));
  await advance(500);
  assertEquals(carriers.length, 3);
  await advance(500);
  const fourth = await carrier(3);
  assertEquals([fourth.via, fourth.opening.since], ["websocket", "k3x-5"]);
  await leave();
});

Deno.test("on a lesser transport it looks ever more rarely for a better one, and takes it", async () => {
  const { client, carrier, carriers, refuse, advance, events, leave } = start({
    transports: ["websocket", "sse", "poll"],
  });
  (await carrier(0)).ends();
  const sse = await carrier(1);
  sse.says(welcome({ ping: 600 }), message(1), live(1));
  const refused = () => refuse.push(new Error("refused"));
  refused();
  await advance(5000);
  assertEquals([carriers.length, refuse.length], [2, 0]);
  refused();
  await advance(9999);
  assertEquals(refuse.length, 1);
  await advance(1);
  assertEquals(refuse.length, 0);
  await advance(20_000);
  const probe = carriers[2]!;
  assertEquals([probe.via, probe.opening.since], ["websocket", "k3x-1"]);
  assertEquals(client.state.type, "connected", "nobody is disturbed by the attempt");
  probe.says(welcome({ resumed: true }));
  const better = await carrier(3);
  assertEquals([better.via, probe.dropped, sse.dropped], ["websocket", true, true]);
  better.says(welcome({ resumed: true }), live(1));
  await settle();
  assertEquals(states(events).at(-1), { type: "connected", via: "websocket", missed: 0 });
  await leave();
});

Deno.test("a consumer that does not read costs so many events, and gets the rest when it reads on", async () => {
  const { client, carrier, carriers, events, read, advance } = start({ idle: true });
  const first = await carrier(0);
  const entries = Array.from({ length: 10_100 }, (_, i) => message(i + 1));
  first.says(welcome(), ...entries.slice(0, 5000));
  assertEquals(first.dropped, false);
  first.says(...entries.slice(5000));
  assert(first.dropped);
  await advance(600_000);
  assertEquals([client.state.type, carriers.length], ["paused", 1]);
  const reading = read();
  const second = await carrier(1);
  assertEquals(second.opening.since, "k3x-10100");
  second.says(welcome({ resumed: true }), message(10_101), live(10_101));
  await settle();
  assertEquals(seqs(events), [...entries, message(10_101)].map(({ seq }) => seq));
  await client.leave();
  await reading;
});

Deno.test("a consumer that speaks before it reads on is heard all the same", async () => {
  const { client, carrier, events, read } = start({ idle: true });
  const first = await carrier(0);
  const entries = Array.from({ length: 10_000 }, (_, i) => message(i + 1));
  first.says(welcome(), ...entries);
  await settle();
  const stored = client.say("an answer to the first", { id: "re-1" });
  const second = await carrier(1);
  assertEquals([second.opening.since, second.opening.recent], [undefined, 0]);
  second.says(welcome(), live(10_000), message(10_001), ack("re-1", 10_002));
  assertEquals(await stored, { seq: 10_002, duplicate: false });
  const reading = read();
  const third = await carrier(2);
  assertEquals([second.dropped, third.opening.since], [true, "k3x-10000"]);
  third.says(welcome({ resumed: true }), message(10_001), message(10_002), live(10_002));
  await settle();
  assertEquals(seqs(events).slice(-3), [10_000, 10_001, 10_002]);
  await client.leave();
  await reading;
});

Deno.test("two consumers at once are one too many", async () => {
  const { client, carrier, leave } = start();
  await carrier(0);
  await assertRejects(
    () => client.batches()[Symbol.asyncIterator]().next(),
    Error,
    "somebody else",
  );
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
      const log: string[] = [];
      const ids = new Map<string, number>();
      const { client, clock, reading } = start({
        choices: [{
          via: "websocket",
          open(opening, listener) {
            const carrier = new FakeCarrier("websocket", opening, listener, (frame) => {
              if (frame.type !== "message") return;
              const fault = faults.shift() ?? "none";
              if (fault === "lost before it is stored") return carrier.ends();
              if (fault === "refused for now") {
                const code = "unavailable";
                return carrier.says({ type: "error", id: frame.id, code, message: "not now" });
              }
              const duplicate = ids.has(frame.id);
              if (!duplicate) ids.set(frame.id, log.push(frame.text));
              if (fault === "lost after it is stored") return carrier.ends();
              carrier.says(ack(frame.id, ids.get(frame.id)!, duplicate));
            });
            queueMicrotask(() => carrier.says(welcome({ resumed: opening.since !== undefined })));
            return carrier;
          },
        }],
      });
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
      await reading;
    }),
    { numRuns: 60 },
  );
});
