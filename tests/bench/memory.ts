import { pause } from "./deadline.ts";
import type { Options } from "./options.ts";
import type { Row } from "./row.ts";
import type { Workshop } from "./workshop.ts";

export type Memory = {
  readonly connections: number;
  readonly emptyBytes: number;
  readonly fullBytes: number;
  /** What the processes grew by, for each connection; the kernel's part is not in it. */
  readonly bytesPerConnection: number;
};

/** What a server weighs with nobody there, and with many who only listen. */
export async function runMemory(row: Row, workshop: Workshop, options: Options): Promise<Memory> {
  await using server = await workshop.server(row.peer);
  await using crew = workshop.crew();
  const restMs = options.quick ? 200 : 1500;
  await pause(restMs);
  const emptyBytes = server.tree.residentBytes();
  await crew.joinIdle(server, row.peer, options.idle);
  await pause(restMs);
  const fullBytes = server.tree.residentBytes();
  const bytesPerConnection = (fullBytes - emptyBytes) / options.idle;
  return { connections: options.idle, emptyBytes, fullBytes, bytesPerConnection };
}
