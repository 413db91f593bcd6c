import type { Bucket } from "../nats/mod.ts";

/** Keys and values that all nodes have in common: a bucket, or in tests a map. */
export type Table = Pick<Bucket, "get" | "put" | "create" | "update" | "delete" | "watch">;

/** What nodes have in common: NATS, or in tests something in memory. */
export interface Bus {
  /** As far as is known. */
  readonly connected: boolean;
  /** Calls `listener` whenever the connection is lost, and when it is back, until disposed. */
  watch(listener: (connected: boolean) => void): Disposable;
  /** The table of that name, made where there is none. What is not written again for `ttlMs` is gone; all stays where undefined. */
  table(name: string, ttlMs?: number): Promise<Table>;
  /** To all nodes that are connected now, this one too. */
  publish(subject: string, text: string): void;
  /** Calls `listener` with each text, until disposed. */
  subscribe(subject: string, listener: (text: string) => void): Disposable;
}
