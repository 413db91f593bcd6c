import { assertEquals } from "@std/assert";
import { limitedDisk } from "../support/disks.ts";
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

Deno.test("a server trims to what it is told to keep", async () => {
  await using disk = await limitedDisk();
  const { data } = disk;
  {
    await using server = await TestServer.open({ data });
    await fill(server, 30);
  }
  await using server = await TestServer.open({ data, keep: { type: "entries", count: 5 } });
  const { events } = await (await fetch(`${server.url}/api/messages?after=0`)).json();
  assertEquals(events.map(({ seq }: { seq: number }) => seq), [26, 27, 28, 29, 30]);
});
