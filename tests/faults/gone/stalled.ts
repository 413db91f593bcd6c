// Finds out when a peer that is there and takes nothing is given up, on each transport, and sees it
// come back by its cursor. Takes a minute and a half, so it does not run in CI.
//
//   deno task test:stalled
import { postAs } from "../../transports/clients/client.ts";
import { websocket } from "../../transports/clients/websocket.ts";
import { RAW_KINDS } from "../support/raw_connections.ts";
import { RestartableServer } from "../support/restartable.ts";
import { SlowReader } from "../slow/slow_reader.ts";

/** More than the kernel holds for one connection. */
const MESSAGES = 1000;
/** A stall, the wait between two looks, and the grace before the leave notice. */
const PATIENCE_MS = (60 + 10 + 5 + 15) * 1000;

await using server = await RestartableServer.start();
const at = await server.addresses();
await using watcher = await websocket.join(at, { name: "watcher", recent: 0 });
using owned = new DisposableStack();
const readers: SlowReader[] = [];
for (const [i, kind] of RAW_KINDS.entries()) {
  readers.push(owned.use(await SlowReader.join(kind, at, { name: `slow${i}`, cursor: 0 })));
}
const text = "€".repeat(4000);
let last = 0;
for (let i = 0; i < MESSAGES; i++) last = (await postAs(at, undefined, { text })).seq;
const started = performance.now();
console.log(`${readers.length} do not read, and ${MESSAGES} messages wait for them`);

await Promise.all(readers.map(async (reader, i) => {
  while (performance.now() - started < PATIENCE_MS) {
    try {
      await watcher.inbox.until("leave", ({ name }) => name === `slow${i}`);
    } catch {
      continue; // an inbox waits for some seconds only
    }
    const seconds = (performance.now() - started) / 1000;
    await reader.readTo(last);
    const back = `back by its cursor (${reader.returns} time), missed nothing`;
    console.log(`${reader.kind.name.padEnd(10)} given up after ${seconds.toFixed(1)} s; ${back}`);
    return;
  }
  console.log(`${reader.kind.name.padEnd(10)} is still here`);
}));
