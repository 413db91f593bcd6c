import type { Crew, Marks } from "../processes/crew.ts";
import { pause } from "../processes/deadline.ts";
import type { Mark } from "../generator/command.ts";
import type { Server } from "../processes/server.ts";

/** What happened between two looks. */
export type Measured = {
  /** A delivery is one message read by one connection, the publishers' own included. */
  readonly deliveriesPerSecond: number;
  readonly messagesPerRead: number;
  /** CPU that the server's processes used, per delivery and per second. */
  readonly cpuMicrosPerDelivery: number;
  readonly cpuShare: number;
  /** CPU that the generator used, per second and per delivery. */
  readonly generatorShare: { readonly prompt: number; readonly bulk: number };
  readonly generatorMicrosPerDelivery: number;
};

export type Look = Marks & { readonly cpuMicros: number; readonly at: number };

export async function look(crew: Crew, server: Server): Promise<Look> {
  const marks = await crew.mark();
  return { ...marks, cpuMicros: server.tree.cpuMicros(), at: performance.now() };
}

export async function measureFor(crew: Crew, server: Server, ms: number): Promise<Measured> {
  const before = await look(crew, server);
  await pause(ms);
  return between(before, await look(crew, server));
}

export function between(before: Look, after: Look): Measured {
  const parts = [passed(before.prompt, after.prompt), passed(before.bulk, after.bulk)] as const;
  const [prompt, bulk] = parts;
  const sum = (of: (part: Passed) => number): number => of(prompt) + of(bulk);
  const deliveries = sum((part) => part.texts);
  const cpuMicros = after.cpuMicros - before.cpuMicros;
  return {
    deliveriesPerSecond: sum((part) => part.texts / part.seconds),
    messagesPerRead: deliveries / sum((part) => part.reads),
    cpuMicrosPerDelivery: cpuMicros / deliveries,
    cpuShare: cpuMicros / 1000 / (after.at - before.at),
    generatorShare: { prompt: shareOf(prompt), bulk: shareOf(bulk) },
    generatorMicrosPerDelivery: sum((part) => part.cpu) / deliveries,
  };
}

type Passed = { seconds: number; texts: number; reads: number; cpu: number };

function passed(before: Mark, after: Mark): Passed {
  return {
    seconds: (after.at - before.at) / 1000,
    texts: after.texts - before.texts,
    reads: after.reads - before.reads,
    cpu: after.cpu - before.cpu,
  };
}

function shareOf({ cpu, seconds }: Passed): number {
  return cpu / 1e6 / seconds;
}
