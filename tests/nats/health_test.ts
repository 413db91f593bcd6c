import { assert, assertEquals } from "@std/assert";
import { figuresIn } from "../metrics/scrape.ts";
import { NatsServer, natsTest } from "../support/nats.ts";
import { FREE_PORTS, ServerProcess, TestServer } from "../support/server.ts";
import { tempDir } from "../support/temp_dir.ts";

natsTest(
  "while NATS is away /readyz says so and the figures tell; what is there is read",
  async () => {
    await using nats = await NatsServer.start();
    await using server = await TestServer.open({
      cluster: { ...nats.options, stream: "partyline", replicas: 1 },
      operations: { metrics: [] },
    });
    const ready = async () => {
      const response = await fetch(`${server.url}/readyz`);
      return [response.status, response.headers.get("retry-after"), await response.text()];
    };
    const figures = async () => {
      const found = figuresIn(await (await fetch(`${server.url}/metrics`)).text());
      return ["connected", "losses_total"].map((name) => found.get(`partyline_nats_${name}`));
    };
    const is = async (status: number) => {
      while ((await ready())[0] !== status) await new Promise((resolve) => setTimeout(resolve, 20));
    };
    assertEquals(await ready(), [200, null, "ready\n"]);
    assertEquals(await figures(), [1, 0]);

    await nats.kill();
    await is(503);
    assertEquals((await ready())[1], "1");
    assertEquals(await figures(), [0, 1]);
    const history = await fetch(`${server.url}/api/messages`);
    assertEquals(history.status, 200);
    await history.body?.cancel();

    await nats.restart();
    await is(200);
    assertEquals(await figures(), [1, 1]);
  },
);

natsTest("--check says whether NATS can be used", async () => {
  await using dir = await tempDir();
  await using nats = await NatsServer.start();
  const check = async (url: string) => {
    const args = [...FREE_PORTS, "--check", "--data", dir.data, "--log", url];
    await using program = new ServerProcess(args);
    return [await program.ended(), program.stdout.text] as const;
  };
  const [code, said] = await check(nats.url);
  assertEquals(code, 0);
  assert(said.includes(`ok    NATS at 127.0.0.1:${nats.port} can be used, and has JetStream\n`));
  const [failed, why] = await check("nats://127.0.0.1:1");
  assertEquals(failed, 1);
  assert(why.includes("fault cannot use NATS at 127.0.0.1:1: "), why);
});
