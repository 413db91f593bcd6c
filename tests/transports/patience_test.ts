import { assert, assertEquals } from "@std/assert";
import { OPEN } from "../../lib/access/mod.ts";
import { silent } from "../../lib/base/observe/logger.ts";
import { Limits, NO_LIMITS } from "../../lib/limits/mod.ts";
import { AuditFile, HouseRules, Moderation } from "../../lib/moderation/mod.ts";
import { SignInTable } from "../../lib/registry/mod.ts";
import { SignIns } from "../../lib/room/identity/sign_ins.ts";
import { Query } from "../../lib/http/query.ts";
import { Door } from "../../lib/room/door.ts";
import { Sessions } from "../../lib/room/sessions.ts";
import { longPoll } from "../../lib/transports/long_poll.ts";
import { Journal } from "../../lib/transports/pump/stay.ts";
import { Watchdog } from "../../lib/transports/pump/watchdog.ts";
import type { Services } from "../../lib/transports/services.ts";
import { tcpRoom } from "../../lib/transports/tcp.ts";
import { createEncodings } from "../../lib/wire/encodings.ts";
import { TestRoom } from "../support/fakes.ts";
import { Raw } from "./clients/raw.ts";

const PEER: Deno.NetAddr = { transport: "tcp", hostname: "127.0.0.1", port: 1 };

/** What a transport is given, for a room whose time a test moves. */
async function servicesOf(test: TestRoom): Promise<Services> {
  const sessions = await Sessions.open(new Uint8Array(32));
  return {
    room: test.room,
    registry: test.registry,
    sessions,
    signIns: new SignIns({
      clock: test.clock,
      lifeMs: sessions.lifeMs,
      table: new SignInTable(test.registry),
    }),
    door: new Door(sessions),
    access: OPEN,
    moderation: new Moderation(test.room, {
      registry: test.registry,
      rules: new HouseRules(test.registry, test.clock),
      audit: new AuditFile("/nowhere"),
      loop: test.clock,
      isShared: () => false,
      report() {},
    }),
    encodings: createEncodings(test.log.epoch),
    watchdog: new Watchdog(test.clock),
    journal: new Journal(silent, test.clock),
    limits: new Limits(NO_LIMITS, test.clock),
    dropped: new AbortController().signal,
  };
}

/** A TCP connection to such a room. */
async function connect(test: TestRoom) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const raw = await Raw.connect(listener.addr.port);
  const conn = await accepted;
  listener.close();
  const services = await servicesOf(test);
  let ended = false;
  const done = tcpRoom(conn, services, { emptyLine: "ignore" }).then(() => ended = true);
  await raw.takeUntil("\r\n"); // the prompt
  return { raw, done, hasEnded: () => ended };
}

/** Turns the event loop until it has happened. */
async function turning<T>(test: TestRoom, what: Promise<T>): Promise<T> {
  let happened = false;
  what = what.finally(() => happened = true);
  while (!happened) await test.turn();
  return await what;
}

Deno.test("TCP: a connection that does not come in within 30 s is closed", async () => {
  await using test = new TestRoom();
  const { raw, done } = await connect(test);
  using _raw = raw;
  test.clock.advance(30_000);
  assertEquals(await raw.takeRest(), "");
  await done;
});

for (const [what, line] of [["unreadable", "\xff\xff"], ["too long", "x".repeat(20_000)]]) {
  Deno.test(`TCP: ${what} first lines do not switch that limit off`, async () => {
    await using test = new TestRoom();
    const { raw, done } = await connect(test);
    using _raw = raw;
    await raw.send(Uint8Array.from(`${line}\n`, (char) => char.charCodeAt(0)));
    await turning(test, raw.takeUntil("\r\n")); // it is told what is wrong
    test.clock.advance(30_000);
    assertEquals(await raw.takeRest(), "");
    await done;
  });
}

Deno.test("TCP: a connection that has come in may be silent for as long as it likes", async () => {
  await using test = new TestRoom();
  const { raw, done, hasEnded } = await connect(test);
  await raw.send("ann\n");
  await raw.takeUntil("/help for help\r\n");
  test.clock.advance(3_600_000);
  await test.turn();
  assertEquals(hasEnded(), false);
  raw[Symbol.dispose]();
  await turning(test, done);
});

Deno.test("TCP: of a client that sends without end 16 KiB are handled in a turn", async () => {
  await using test = new TestRoom();
  const { raw, done } = await connect(test);
  await raw.send("ann\n");
  await raw.takeUntil("/help for help\r\n");
  let seeks = 0;
  const locate = test.room.locate.bind(test.room);
  test.room.locate = (...where) => (seeks++, locate(...where));
  const line = "/since 0\n";
  await raw.send(line.repeat(10_000));
  const most = Math.ceil(16 * 1024 / line.length);
  for (let turns = 1; seeks < 10_000; turns++) {
    await test.turn();
    assert(seeks <= (turns + 1) * most, `${seeks} lines in ${turns} turns`);
  }
  raw[Symbol.dispose]();
  await turning(test, done);
});

Deno.test("/poll: where nothing comes, it is answered after as many seconds as it says, by default 25", async () => {
  for (const [query, waitMs] of [["wait=7", 7000], ["", 25_000], ["wait=60", 60_000]] as const) {
    await using test = new TestRoom();
    const poll = longPoll(await servicesOf(test));
    let answered = false;
    const answer = Promise.resolve(poll({
      request: new Request(`http://localhost/poll?${query}`),
      query: new Query(new URLSearchParams(query)),
      address: PEER,
      peer: PEER,
      session: undefined,
      proof: undefined,
      cookie: undefined,
      base: "http://localhost/",
      items: [],
    })).finally(() => answered = true);
    await test.turn(waitMs - 1);
    assertEquals(answered, false, query);
    await test.turn(1);
    assertEquals(answered, true, query);
    assertEquals((await (await answer).json()).events, []);
  }
});
