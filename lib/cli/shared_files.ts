import { systemLoop } from "../base/event_loop.ts";
import type { FilePool } from "../files/mod.ts";
import type { ClusterOptions } from "../server.ts";

/** The files that the nodes of a room share, until it is disposed. */
export interface SharedFiles extends AsyncDisposable {
  /** Undefined where the room has one node alone, or nobody has said where it is. */
  readonly pool: FilePool | undefined;
}

/** Rejects with a StartupError where NATS cannot be had. */
export async function openSharedFiles(cluster: ClusterOptions | undefined): Promise<SharedFiles> {
  await using opening = new AsyncDisposableStack();
  let pool: FilePool | undefined;
  if (cluster) {
    const { Nats } = await import("../nats/mod.ts");
    const { ObjectPool } = await import("../cluster/mod.ts");
    const nats = opening.use(await Nats.open(cluster));
    const { stream: name, replicas } = cluster;
    // Whatever fails here ends the command with the same error.
    pool = opening.use(
      await ObjectPool.open(nats, { name, replicas, loop: systemLoop, report: () => {} }),
    );
  }
  const opened = opening.move();
  return { pool, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

/** What to tell where some of the bytes were not here. */
export function lackingText(count: number): string {
  const files = count === 1 ? "1 file is" : `${count} files are`;
  return `${files} not in it: other nodes have the bytes; --log says where these can be had`;
}
