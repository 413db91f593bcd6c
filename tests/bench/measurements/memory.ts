import { pause } from "../processes/deadline.ts";
import type { Options } from "../options.ts";
import type { Row } from "../peers/row.ts";
import type { Workshop } from "../processes/workshop.ts";

export type Memory = {
  readonly connections: number;
  /** With nobody there. */
  readonly emptyBytes: number;
  readonly fullBytes: number;
  /**
   * What the processes grew by, for each connection after the first few, for whom code was loaded that
   * serves all; the kernel's part is not in it.
   */
  readonly bytesPerConnection: number;
};

const FIRST_FEW = 100;

/** What a server weighs with nobody there, and with many who only listen. */
export async function runMemory(row: Row, workshop: Workshop, options: Options): Promise<Memory> {
  await using server = await workshop.server(row.peer);
  await using crew = workshop.crew();
  const weigh = async () => {
    await pause(options.quick ? 200 : 1500);
    return server.tree.residentBytes();
  };
  const emptyBytes = await weigh();
  await crew.joinIdle(server, row.peer, { first: 0, count: FIRST_FEW });
  const fewBytes = await weigh();
  const rest = options.idle - FIRST_FEW;
  await crew.joinIdle(server, row.peer, { first: FIRST_FEW, count: rest });
  const fullBytes = await weigh();
  const bytesPerConnection = (fullBytes - fewBytes) / rest;
  return { connections: options.idle, emptyBytes, fullBytes, bytesPerConnection };
}
