import { assert, assertEquals, assertRejects } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { Nats } from "../../lib/nats/mod.ts";
import { NatsCluster, NatsServer, natsTest } from "../support/nats.ts";

/** What becomes of a connection, one after the other. */
function turnsOf(nats: Nats) {
  const turns: boolean[] = [];
  const waiting: (() => void)[] = [];
  nats.watch((connected) => {
    turns.push(connected);
    for (const wake of waiting.splice(0)) wake();
  });
  return {
    turns,
    async until(count: number): Promise<void> {
      while (turns.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}

natsTest("a connection says when it is lost, and comes back by itself", async () => {
  await using server = await NatsServer.start();
  const said: string[] = [];
  const log = {
    log: (level: string, _: string, message: string) => said.push(`${level}: ${message}`),
  };
  await using nats = await server.connect({ log });
  assert(nats.connected);
  const { turns, until } = turnsOf(nats);
  await server.kill();
  await until(1);
  assert(!nats.connected);
  await server.restart();
  await until(2);
  assertEquals(turns, [false, true]);
  assertEquals([nats.connected, nats.losses], [true, 1]);
  await nats.core.flush();
  const at = `127.0.0.1:${server.port}`;
  assertEquals(said, [
    `warning: NATS at ${at} is lost; reconnecting`,
    `info: NATS is back, at ${at}`,
  ]);
});

natsTest("a server that stands still is left for another one", async () => {
  await using cluster = await NatsCluster.start();
  await using nats = await cluster.connect();
  const stopped = cluster.servers.find(({ port }) => nats.server.endsWith(`:${port}`))!;
  const { turns, until } = turnsOf(nats);
  stopped.pause();
  await until(2);
  stopped.resume();
  assertEquals(turns, [false, true]);
  assert(!nats.server.endsWith(`:${stopped.port}`));
});

natsTest(
  "without NATS there is no start, and the line says why",
  async () => {
    const nobody = { servers: ["127.0.0.1:1"] };
    const refused = await assertRejects(() => Nats.open(nobody, { openMs: 0 }), StartupError);
    assertEquals(refused.message, "cannot use NATS at 127.0.0.1:1: connection refused");
  },
);
