import type { DatabaseSync } from "node:sqlite";

/** Where the tables are kept: what their modules ask of the registry. */
export interface Store {
  readonly db: DatabaseSync;
  /** What `write` does is on the disk when this returns, or nothing of it is, and it throws. */
  now<T>(write: () => T): T;
}
