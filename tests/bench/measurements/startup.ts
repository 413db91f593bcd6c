import type { Options } from "../options.ts";
import type { Row } from "../peers/row.ts";
import { median } from "./stats.ts";
import type { Workshop } from "../processes/workshop.ts";

/** Milliseconds from the start of the process to its first answer: the median of some starts. */
export async function runStartup(row: Row, workshop: Workshop, options: Options): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < options.starts; i++) {
    await using server = await workshop.server(row.peer);
    times.push(server.startMs);
  }
  return median(times);
}
