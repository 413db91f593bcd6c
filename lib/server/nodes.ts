import { systemClock } from "../base/clock.ts";
import type { Cluster, ObjectPool, ObjectPoolOptions } from "../cluster/mod.ts";
import type { Nats } from "../nats/mod.ts";
import type { ClusterOptions, ServerOptions } from "./options.ts";

/** This node among the others of the room; loaded where there are others. */
export async function openCluster(
  nats: Nats,
  { stream, replicas }: ClusterOptions,
  report: ServerOptions["report"],
): Promise<Cluster> {
  const { Cluster, NatsBus } = await import("../cluster/mod.ts");
  const bus = new NatsBus(nats, replicas);
  return await nats.patiently(
    "what nodes share in NATS",
    () => Cluster.open({ bus, name: stream, clock: systemClock, report }),
  );
}

/** The files that the room's nodes share. */
export async function openPool(
  nats: Nats,
  { stream: name, replicas }: ClusterOptions,
  environment: Pick<ObjectPoolOptions, "loop" | "report">,
): Promise<ObjectPool> {
  const { ObjectPool } = await import("../cluster/mod.ts");
  return await nats.patiently(
    "the store of files in NATS",
    () => ObjectPool.open(nats, { ...environment, name, replicas }),
  );
}
