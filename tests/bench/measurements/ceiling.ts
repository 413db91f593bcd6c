import { join } from "node:path";
import { pause } from "../processes/deadline.ts";
import { type Measured, measureFor } from "./measure.ts";
import type { Options } from "../options.ts";
import type { Peer } from "../peers/peer.ts";
import type { Workshop } from "../processes/workshop.ts";

export type Ceiling = Measured & { readonly messagesPerFrame: number };

const MESSAGES_PER_FRAME = [1, 4, 16, 64, 256];

/**
 * The most that the generator can take, from a server that only pours prepared frames: what a
 * chat reaches must stay below, or the generator is what was measured.
 */
export async function runCeiling(workshop: Workshop, options: Options): Promise<Ceiling[]> {
  const results: Ceiling[] = [];
  for (const messagesPerFrame of MESSAGES_PER_FRAME) {
    const peer = firehose(messagesPerFrame);
    await using server = await workshop.server(peer);
    await using crew = workshop.crew();
    await crew.join(server, peer, { readers: options.readers, over: peer.readers[0]! });
    // One message, so that it begins.
    await crew.open({ rate: 100, warmMs: 0, measureMs: 10, drainMs: 10 });
    await pause(options.warmMs);
    results.push({ messagesPerFrame, ...await measureFor(crew, server, options.measureMs) });
  }
  return results;
}

function firehose(messages: number): Peer {
  const file = join(import.meta.dirname!, "..", "peers", "firehose.mjs");
  return {
    name: "firehose",
    title: "prepared frames",
    dialect: "plain",
    publisherPath: "/",
    readers: [{ name: "ws", transport: "ws", path: "/" }],
    prepare: () => Promise.resolve(""),
    launch: () => Promise.resolve({ command: ["node", file, String(messages)] }),
  };
}
