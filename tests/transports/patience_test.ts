import { assertEquals } from "@std/assert";
import { Limits, NO_LIMITS } from "../../lib/limits/mod.ts";
import { SignInTable } from "../../lib/registry/mod.ts";
import { SignIns } from "../../lib/room/identity/sign_ins.ts";
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
    signIns: new SignIns({
      clock: test.clock,
      lifeMs: sessions.lifeMs,
      table: new SignInTable(test.registry),
    }),
    door: new Door(sessions),
    encodings: createEncodings(test.log.epoch),
    watchdog: new Watchdog(test.clock),
    limits: new Limits(NO_LIMITS, test.clock),
    dropped: new AbortController().signal,
  };
  let ended = false;
  const done = tcpRoom(conn, services, "ignore").then(() => ended = true);
  await raw.takeUntil("\r\n"); // the prompt
  return { raw, done, hasEnded: () => ended };
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
    await raw.takeUntil("\r\n"); // it is told what is wrong
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
  await done;
});
