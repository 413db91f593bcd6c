import { assertEquals } from "@std/assert";
import { FREE_PORTS, ServerProcess } from "../../support/server.ts";
import { limitedDisk } from "../support/disks.ts";

Deno.test("a data folder that is removed under the server: within 5 s nothing is acked any more, and the log says why", async () => {
  await using disk = await limitedDisk();
  const data = `${disk.data}/data`;
  await using server = new ServerProcess([
    ...["--data", data, "--rate-limit", "off", "--no-limits"],
    ...FREE_PORTS,
  ]);
  const { url } = await server.addresses();
  const post = () => fetch(`${url}/api/messages`, { method: "POST", body: "a text" });
  const stored = await post();
  assertEquals([stored.status, (await stored.json()).seq], [201, 1]);

  await Deno.remove(data, { recursive: true });
  const removedAt = performance.now();
  await server.stderr.until(/partyline\.db was removed or replaced while it was open; .*\n/);
  assertEquals(performance.now() - removedAt < 5000, true);
  const refused = await post();
  assertEquals([refused.status, (await refused.json()).error.code], [503, "unavailable"]);
  const ready = await fetch(`${url}/readyz`);
  assertEquals([ready.status, (await ready.json()).error.code], [503, "unavailable"]);
  const { events } = await (await fetch(`${url}/api/messages`)).json();
  assertEquals(events.length, 1, "what was said can still be read");

  server.kill("SIGTERM");
  assertEquals(await server.ended(), 0);
  assertEquals(
    server.stderr.text.match(/^\S+ \S+ server: \/.* was removed/gm)?.length,
    1,
    "said once",
  );
});
