// deno task test:soak --minutes 10 --rate 200

import { defineCommand, integer } from "../../lib/cli/flags/mod.ts";
import type { Addresses } from "../support/server.ts";
import { TRANSPORTS } from "../transports/clients/all.ts";
import { websocket } from "../transports/clients/websocket.ts";
import { pause } from "./chaos/writer.ts";
import { residentMb } from "./support/memory.ts";
import { Random } from "./support/random.ts";
import { RestartableServer } from "./support/restartable.ts";
import { count, printTable, runTool, seedFlag } from "./support/tool.ts";

const SAMPLE_MS = 2000;
const WRITERS = 8;
/** What the memory of a process may wander without having grown. */
const GROWTH_MB = 15;
/** Until the first garbage collections and the full tail. */
const WARM_UP_SHARE = 0.25;

await runTool(defineCommand({
  name: "test:soak",
  summary: "people write, come and go for a long time; nothing grows, and nobody misses a line",
  flags: {
    minutes: count(10, "how long", 600),
    seconds: integer({ value: "N", default: 0, min: 0, max: 3600, help: "instead of minutes" }),
    rate: count(200, "messages a second", 2000),
    clients: count(40, "how many are here at a time, over seven transports", 500),
    seed: seedFlag,
  },
  examples: ["deno task test:soak --minutes 10 --rate 200"],
  async run({ minutes, seconds, rate, clients, seed }) {
    console.log(`seed ${seed}`);
    await using server = await RestartableServer.start();
    const at = await server.addresses();
    const over = new AbortController();
    const tally = { visits: 0, read: 0, posted: 0, problems: [] as string[] };
    const visiting = Array.from(
      { length: clients },
      (_, i) => comeAndGo(at, new Random(seed + i), over.signal, tally),
    );
    const writing = Array.from({ length: WRITERS }, () => write(at, rate / WRITERS, over, tally));

    const samples: { s: number; mb: number }[] = [];
    const started = performance.now();
    const endMs = 1000 * (seconds || 60 * minutes);
    for (let ms = 0; ms < endMs; ms = performance.now() - started) {
      samples.push({ s: ms / 1000, mb: residentMb(server.process.pid) });
      if (samples.length % 15 === 1) {
        const { s, mb } = samples.at(-1)!;
        console.log(`${s.toFixed(0)} s: ${mb.toFixed(0)} MB, ${tally.posted} posted`);
      }
      await pause(SAMPLE_MS);
    }
    over.abort();
    await Promise.all([...visiting, ...writing]);

    const warm = samples.slice(Math.floor(samples.length * WARM_UP_SHARE));
    const third = Math.max(1, Math.floor(warm.length / 3));
    const early = mean(warm.slice(0, third));
    const late = mean(warm.slice(-third));
    console.log();
    printTable({
      "posted": `${tally.posted}, ${(tally.posted / (endMs / 1000)).toFixed(0)} a second`,
      "visits": `${tally.visits}, who read ${tally.read} messages`,
      "memory": `${early.toFixed(1)} MB early, ${late.toFixed(1)} MB late`,
      "slope": `${(60 * slope(warm)).toFixed(2)} MB a minute`,
      "lost, doubled or out of order": tally.problems.length,
    });
    for (const problem of tally.problems.slice(0, 20)) console.log(`! ${problem}`);
    return tally.problems.length === 0 && late - early < GROWTH_MB ? 0 : 1;
  },
}));

interface Tally {
  visits: number;
  read: number;
  posted: number;
  readonly problems: string[];
}

/** At a steady rate, whatever the answers take. */
async function write(
  at: Addresses,
  perSecond: number,
  over: AbortController,
  tally: Tally,
): Promise<void> {
  await using client = await websocket.join(at, { recent: 0 });
  const { inbox } = client;
  const started = performance.now();
  for (let sent = 0; !over.signal.aborted; sent++) {
    const wait = started + 1000 * sent / perSecond - performance.now();
    if (wait > 0) await pause(wait);
    try {
      await client.say(`message ${sent} of a long conversation, as people write it`);
      tally.posted++;
    } catch (error) {
      tally.problems.push(String(error));
      return over.abort();
    }
    inbox.events.length = 0;
  }
}

/** Visits over any transport, each of some seconds, each checked for holes. */
async function comeAndGo(
  at: Addresses,
  random: Random,
  signal: AbortSignal,
  tally: Tally,
): Promise<void> {
  while (!signal.aborted) {
    const transport = random.pick(TRANSPORTS);
    try {
      await using client = await transport.join(at, {});
      tally.visits++;
      let cursor: number | undefined;
      const end = performance.now() + random.between(200, 15_000);
      while (performance.now() < end && !signal.aborted) {
        await client.inbox.until("message");
        for (const event of client.inbox.events.splice(0)) {
          if (event.type !== "message") continue;
          if (cursor !== undefined && event.seq !== cursor + 1) {
            tally.problems.push(`${transport.name} saw ${event.seq} after ${cursor}`);
          }
          cursor = event.seq;
          tally.read++;
        }
      }
    } catch (error) {
      if (!signal.aborted) tally.problems.push(`${transport.name}: ${String(error).slice(0, 300)}`);
    }
  }
}

function mean(samples: readonly { mb: number }[]): number {
  return samples.reduce((sum, { mb }) => sum + mb, 0) / samples.length;
}

/** Of the straight line nearest to the samples (least squares), in MB a second. */
function slope(samples: readonly { s: number; mb: number }[]): number {
  const meanS = samples.reduce((sum, { s }) => sum + s, 0) / samples.length;
  const meanMb = mean(samples);
  let above = 0;
  let below = 0;
  for (const { s, mb } of samples) {
    above += (s - meanS) * (mb - meanMb);
    below += (s - meanS) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
