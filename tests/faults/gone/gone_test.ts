import { assert, assertEquals } from "@std/assert";
import { Watchdog } from "../../../lib/transports/pump/watchdog.ts";
import { ManualClock } from "../../support/manual_clock.ts";
import { bearer } from "../../transports/clients/client.ts";
import { openSocket } from "../../transports/clients/socket.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { openRaw, RAW_KINDS } from "../support/raw_connections.ts";
import { RestartableServer } from "../support/restartable.ts";

// Peers that vanish without a word take the kernel's time: deno task test:half-open
Deno.test("a tab that closes has left within 6 s, on every transport; one that reloads never did", async () => {
  await using server = await RestartableServer.start();
  const at = await server.addresses();
  await using watcher = await websocket.join(at, { name: "watcher" });
  const names = RAW_KINDS.map((_, i) => `tab${i}`);
  const tabs = await Promise.all(
    RAW_KINDS.map((kind, i) => openRaw(kind, at, { name: names[i]! })),
  );
  for (const name of names) await watcher.inbox.until("join", (join) => join.name === name);
  await using reloader = await websocket.join(at, { name: "reloader" });
  await watcher.inbox.until("join", (join) => join.name === "reloader");

  const startedAt = performance.now();
  for (const tab of tabs) tab.close();
  // The page goes away, and a moment later it is there again: twice, since once may be luck.
  let { token } = reloader;
  for (let reload = 0; reload < 2; reload++) {
    const page = await openSocket(at, "/ws", { headers: bearer(token) });
    if (reload === 0) await reloader.leave(); // two tabs of one person: one may go
    page.socket.close(3001);
    await page.ended;
    token = reloader.token;
  }
  await using back = await websocket.join(at, { token: token! });
  assertEquals((await back.inbox.until("welcome")).name, "reloader");
  for (const name of names) {
    // An inbox is less patient than the room, which waits 5 s for somebody to come back.
    const left = () => watcher.inbox.until("leave", (leave) => leave.name === name);
    await left().catch(left);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  assert(seconds < 6, `they left after ${seconds} s`);
  const about = watcher.inbox.events.filter((event) =>
    (event.type === "join" || event.type === "leave") && event.name === "reloader"
  );
  assertEquals(about.map(({ type }) => type), ["join"]);
});

Deno.test("who takes nothing for a minute is given up, and who takes a little is not", () => {
  const clock = new ManualClock();
  using watchdog = new Watchdog(clock);
  const givenUp: string[] = [];
  let taken = true;
  const watch = (name: string, taken: () => number | undefined) => {
    const writer = { taken, buffered: () => 0 };
    watchdog.watch(writer, () => givenUp.push(`${name} after ${clock.now() / 1000} s`));
    return writer;
  };
  watch("dead", () => 0);
  let bytes = 0;
  watch("slow", () => taken ? ++bytes : bytes);
  watch("idle", () => undefined);
  watchdog.forget(watch("gone", () => 0));
  clock.advance(59_000);
  assertEquals(givenUp, []);
  taken = false; // from now on: it has a minute of its own
  clock.advance(6_000);
  assertEquals(givenUp, ["dead after 65 s"]);
  clock.advance(600_000);
  assertEquals(givenUp, ["dead after 65 s", "slow after 115 s"]);
});
