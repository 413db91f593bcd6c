import { assertEquals } from "@std/assert";
import { TestServer } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { postAs } from "../transports/clients/client.ts";
import { limitedDisk } from "./support/disks.ts";

/** The line protocol has no ids. */
const WRITING = TRANSPORTS.filter(({ form }) => form !== "lines");

Deno.test("attempts that are in flight together, on all transports, are one message", async () => {
  await using server = await TestServer.open();
  await using owned = new AsyncDisposableStack();
  const [first, ...others] = WRITING;
  const ann = owned.use(await first!.join(server, { name: "ann" }));
  const token = ann.token!;
  const clients = [ann];
  for (const other of others) clients.push(owned.use(await other.join(server, { token })));
  for (let round = 1; round <= 20; round++) {
    const id = `id-${round}`;
    const receipts = await Promise.all([
      ...clients.map((client) => client.say(`round ${round}`, id)),
      postAs(server, token, { text: `round ${round}`, id }),
    ]);
    assertEquals(receipts.map(({ seq }) => seq), receipts.map(() => round));
    assertEquals(receipts.filter(({ duplicate }) => !duplicate).length, 1);
  }
  assertEquals(server.running.room.tail.seq, 20);
});

Deno.test("a retry is known after restarts, and after its message was trimmed, on every transport", async () => {
  await using disk = await limitedDisk();
  const { data } = disk;
  const tokens: string[] = [];
  {
    await using server = await TestServer.open({ data });
    for (const [i, transport] of WRITING.entries()) {
      await using client = await transport.join(server, { name: `person${i}` });
      tokens.push(client.token!);
      assertEquals(await client.say("once", "c-1"), { seq: i + 1, duplicate: false });
    }
  }
  const retryAll = async (server: TestServer) => {
    for (const [i, token] of tokens.entries()) {
      for (const transport of WRITING) {
        await using client = await transport.join(server, { token });
        const again = await client.say("once", "c-1");
        assertEquals(again, { seq: i + 1, duplicate: true }, transport.name);
      }
    }
  };
  const newest = WRITING.length + 1;
  {
    await using server = await TestServer.open({ data });
    await retryAll(server);
    assertEquals((await postAs(server, undefined, { text: "the newest" })).seq, newest);
    const { log } = server.running.room;
    assertEquals(await log.trim(newest, 200), WRITING.length);
    await retryAll(server);
  }
  await using server = await TestServer.open({ data });
  assertEquals([server.running.room.log.first, server.running.room.log.last], [newest, newest]);
  await retryAll(server);
});
