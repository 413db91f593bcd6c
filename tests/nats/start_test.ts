import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { FREE_PORTS, ServerProcess } from "../support/server.ts";
import { NatsServer, natsTest } from "../support/nats.ts";
import { tempDir } from "../support/temp_dir.ts";

const LOADED = fileURLToPath(new URL("./loaded.ts", import.meta.url));

/** What a server has loaded of NATS once it answers. */
async function loadedBy(args: string[]): Promise<string> {
  await using dir = await tempDir();
  const all = [...FREE_PORTS, "--data", dir.data, ...args];
  await using server = new ServerProcess(all, { preload: LOADED });
  const { url } = await server.addresses();
  await (await fetch(url)).body?.cancel();
  server.kill("SIGUSR2");
  const [, loaded] = await server.stdout.until(/^of NATS: (.*)\.$/m);
  return loaded!;
}

Deno.test("without --log nothing of NATS is loaded", async () => {
  assertEquals(await loadedBy([]), "nothing");
});

natsTest("with --log it is, by a server that is confined to its folders", async () => {
  await using nats = await NatsServer.start();
  assertEquals((await loadedBy(["--log", nats.url])).split(", ").at(0), "@nats-io/jetstream");
});
