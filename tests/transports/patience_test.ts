import { assert, assertEquals } from "@std/assert";
import { Limits, NO_LIMITS } from "../../lib/limits/mod.ts";
import { Door } from "../../lib/room/door.ts";
import { Sessions } from "../../lib/room/sessions.ts";
import { Watchdog } from "../../lib/transports/pump/watchdog.ts";
import type { Services } from "../../lib/transports/services.ts";
import { tcpRoom } from "../../lib/transports/tcp.ts";
import { createEncodings } from "../../lib/wire/encodings.ts";
import { TestRoom } from "../support/fakes.ts";
import { Raw } from "./clients/raw.ts";

/** A TCP connection to a room whose time a test moves. */
async function connect(test: TestRoom) {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  const raw = await Raw.connect(listener.addr.port);
  const conn = await accepted;
  listener.close();
  const sessions = await Sessions.open(new Uint8Array(32));
  const services: Services = {
    room: test.room,
    registry: test.registry,
    sessions,
    door: new Door(sessions),
    encodings: createEncodings(test.log.epoch),
    watchdog: new Watchdog(test.clock),
    limits: new Limits(NO_LIMITS, test.clock),
    dropped: new AbortController().signal,
  };
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
