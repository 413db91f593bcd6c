/** What several nodes of one room have in common besides its log: people, their names, notices, and files. */

export type { Bus, Table } from "./bus.ts";
export { Cluster, type ClusterOptions } from "./cluster.ts";
export { NatsBus } from "./nats_bus.ts";
export { ObjectPool, type ObjectPoolOptions } from "./files/object_pool.ts";
