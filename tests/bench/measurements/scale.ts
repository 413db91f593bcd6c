import { pause } from "../processes/deadline.ts";
import { type Measured, measureFor } from "./measure.ts";
import type { Options } from "../options.ts";
import type { Row } from "../peers/row.ts";
import type { Workshop } from "../processes/workshop.ts";

export type Scale = Measured & { readonly readers: number };

const IN_FLIGHT = 16;

/** What a delivery costs as the readers become more, each time on a fresh server. */
export async function runScale(row: Row, workshop: Workshop, options: Options): Promise<Scale[]> {
  const results: Scale[] = [];
  for (const readers of options.scale) {
    await using server = await workshop.server(row.peer);
    await using crew = workshop.crew();
    await crew.join(server, row.peer, { readers, over: row.over });
    await crew.keepInFlight(IN_FLIGHT);
    await pause(options.warmMs);
    results.push({ readers, ...await measureFor(crew, server, options.measureMs) });
  }
  return results;
}
