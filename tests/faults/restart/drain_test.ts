import { assert, assertEquals, assertMatch } from "@std/assert";
import { Raw } from "../../transports/clients/raw.ts";
import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { RAW_KINDS } from "../support/raw_connections.ts";
import { RestartableServer } from "../support/restartable.ts";
import { SlowReader } from "../slow/slow_reader.ts";

const DRAIN_S = 2;
/** More than the kernel holds for readers who do not read. */
const MESSAGES = 700;

Deno.test("it says that it drains, lets nobody in, and ends in time whatever clients do", async () => {
  await using server = await RestartableServer.start({ args: ["--drain", String(DRAIN_S)] });
  const at = await server.addresses();
  using stalled = new DisposableStack();
  for (const [i, kind] of RAW_KINDS.entries()) {
    stalled.use(await SlowReader.join(kind, at, { name: `slow${i}`, cursor: 0 }));
  }
  // A body that never ends, and a request that never gets as far as that.
  using upload = await Raw.connect(at.httpPort);
  await upload.send(
    "POST /api/messages HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf",
  );
  using head = await Raw.connect(at.httpPort);
  await head.send("GET /poll HTTP/1.1\r\nHost: loc");
  using nameless = await Raw.connect(at.tcpPort);
  await nameless.takeUntil("\r\n");
  await using watcher = await websocket.join(at, { name: "watcher", recent: 0 });
  const text = "€".repeat(4000);
  const posts = Array.from({ length: MESSAGES }, () => watcher.say(text));
  const acked = await Promise.all(posts);
  assertEquals(
    (await fetch(`${at.url}/readyz`).then((response) => response.text())).trim(),
    "ready",
  );

  const startedAt = performance.now();
  const ended = server.end("SIGTERM");
  await watcher.inbox.until("bye");
  const ready = await fetch(`${at.url}/readyz`);
  assertEquals([ready.status, ready.headers.get("retry-after")], [503, "1"]);
  assertMatch(await ready.text(), /the server is restarting/);
  assertEquals((await fetch(`${at.url}/livez`).then((response) => response.text())).trim(), "ok");
  const refused = await fetch(`${at.url}/api/messages`, { method: "POST", body: "too late" });
  assertEquals([refused.status, refused.headers.get("retry-after")], [503, "1"]);
  assertMatch(await refused.text(), /the server is restarting/);

  // Soon the ports are closed, while those who do not read still hold the process up.
  for (const port of [at.httpPort, at.tcpPort]) {
    while (
      await Deno.connect({ port }).then((conn) => conn.close(), () => "refused") !== "refused"
    );
  }
  const refusedMs = performance.now() - startedAt;
  assertEquals(await ended, 0);
  const endedMs = performance.now() - startedAt;
  assert(
    refusedMs < 1000 * DRAIN_S && refusedMs < endedMs,
    `nobody is let in after ${refusedMs} ms`,
  );
  assert(endedMs < 1000 * DRAIN_S + 500, `it took ${endedMs} ms to end`);

  server.start();
  const again = await server.addresses();
  const { seq } = await postAs(again, undefined, { text: "after" });
  assertEquals(seq, acked.length + 1);
});
