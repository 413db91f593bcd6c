import { assert, assertEquals, assertRejects } from "@std/assert";
import { StartupError } from "../../lib/base/startup_error.ts";
import { Nats } from "../../lib/nats/mod.ts";
import { CA, pair } from "../support/certificates.ts";
import { NatsServer, natsTest } from "../support/nats.ts";
import { tempDir } from "../support/temp_dir.ts";

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

natsTest(
  "without NATS there is no start, and the line says why",
  async () => {
    const nobody = { servers: ["127.0.0.1:1"] };
    const refused = await assertRejects(() => Nats.open(nobody, { openMs: 0 }), StartupError);
    assert(/^cannot use NATS at 127\.0\.0\.1:1: .*refused/.test(refused.message), refused.message);
  },
);

natsTest("without rights there is no start", async () => {
  await using closed = await NatsServer.start({
    configuration: "authorization { user: ann, password: secret }",
  });
  const denied = await assertRejects(() => closed.connect(), StartupError);
  assert(denied.message.startsWith(`cannot use NATS at 127.0.0.1:${closed.port}: `));
  await using nats = await Nats.open({ ...closed.options, user: "ann", password: "secret" });
  assert(nats.connected);

  const missing = { ...closed.options, credentials: "/nowhere/creds" };
  const unread = await assertRejects(() => Nats.open(missing), StartupError);
  assert(unread.message.includes("cannot read --nats-creds /nowhere/creds: "));
});

natsTest("over TLS, with the file of who has signed the certificate, and not without", async () => {
  const { cert, key } = pair("first");
  const configuration = `tls { cert_file: "${cert}", key_file: "${key}" }`;
  await using server = await NatsServer.start({ configuration });
  await using folder = await tempDir();
  const ca = `${folder.path}/ca.pem`;
  await Deno.writeTextFile(ca, CA);
  await using nats = await Nats.open({ ...server.options, ca });
  await nats.core.flush();
  const strange = await assertRejects(() => Nats.open(server.options, { openMs: 0 }), StartupError);
  assert(strange.message.includes("certificate"), strange.message);

  await using plain = await NatsServer.start();
  const tls = { ...plain.options, tls: true };
  const refused = await assertRejects(() => Nats.open(tls, { openMs: 0 }), StartupError);
  assert(refused.message.includes("tls"), refused.message);
});
