import { assertEquals } from "@std/assert";
import { SqliteLog } from "../../../lib/log/sqlite_log.ts";
import { type Keep, Retention } from "../../../lib/log/retention.ts";
import { ManualClock, settle } from "../../support/manual_clock.ts";
import { TestServer } from "../../support/server.ts";
import { TRANSPORTS } from "../../transports/clients/all.ts";
import { postAs } from "../../transports/clients/client.ts";
import { Raw } from "../../transports/clients/raw.ts";

async function fill(server: TestServer, count: number): Promise<void> {
  const text = "one of many";
  await Promise.all(Array.from({ length: count }, () => postAs(server, undefined, { text })));
}

for (const transport of TRANSPORTS) {
  Deno.test(`${transport.name}: a cursor older than what is kept is told of the gap, and shown the end`, async () => {
    await using server = await TestServer.open();
    await fill(server, 300);
    await server.running.room.log.trim(201, 200);
    await using client = await transport.join(server, { since: "3" });
    const reset = await client.inbox.until("reset");
    await client.inbox.untilSeq(300);
    const { events } = client.inbox;
    const shown = events.slice(events.indexOf(reset))
      .filter((event) => event.type === "message").map(({ seq }) => seq);
    const count = transport.form === "lines" ? 10 : 50;
    assertEquals(shown, Array.from({ length: count }, (_, i) => 301 - count + i));
    if (transport.form === "lines") return;
    const { epoch } = server.running.room.log;
    assertEquals(reset, { type: "reset", reason: "gap", epoch, first: 201, last: 300, asked: 3 });
  });
}

Deno.test("a terminal is told in words which messages are no longer kept", async () => {
  await using server = await TestServer.open();
  await fill(server, 30);
  await server.running.room.log.trim(21, 200);
  using conn = await Raw.connect(server.tcpPort);
  await conn.send("ann\n");
  await conn.takeUntil("hello ann; the last 10 of 30 messages follow, /help for help\r\n");
  await conn.send("/since 8\n");
  await conn.takeUntil("# messages 9 to 20 are no longer kept\r\n");
});

const KEEPS: readonly { keep: Keep; what: string; first: number }[] = [
  { keep: { type: "all" }, what: "all", first: 1 },
  { keep: { type: "entries", count: 300 }, what: "a number", first: 701 },
  { keep: { type: "age", ms: 500_000 }, what: "an age", first: 501 },
];

for (const { keep, what, first } of KEEPS) {
  Deno.test(`keeping ${what} trims in small steps beside the traffic, and seq goes on`, async () => {
    const clock = new ManualClock();
    await using log = new SqliteLog(":memory:", clock);
    for (let i = 1; i <= 1000; i++) { // one a second
      clock.advance(1000);
      await log.append([{ sender: "ann", from: "ann", text: `text ${i}`, id: `id-${i}` }]);
    }
    const problems: unknown[] = [];
    using _ = new Retention(log, keep, clock, (...problem) => problems.push(problem));
    let before = log.first;
    for (let step = 0; step < 10; step++) {
      clock.advance(step === 0 ? 0 : 20);
      await settle();
      assertEquals(log.first - before <= 200, true, "no step keeps writers waiting for long");
      before = log.first;
    }
    assertEquals(log.first, first);
    assertEquals((await log.read({ after: 0, limit: 1 }))[0]?.seq, first);
    const [receipt] = await log.append([{ sender: "ann", from: "ann", text: "on" }]);
    assertEquals(receipt, { seq: 1001, duplicate: false });
    const [again] = await log.append([{ sender: "ann", from: "ann", text: "on", id: "id-1" }]);
    assertEquals(again, { seq: 1, duplicate: true });
    assertEquals(problems, []);
  });
}
