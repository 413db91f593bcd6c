import { systemLoop } from "../../../lib/base/event_loop.ts";
import { JetStreamLog, type JetStreamLogOptions } from "../../../lib/log/jetstream_log.ts";
import type { Nats } from "../../../lib/nats/mod.ts";
import type { Store } from "../log_contract.ts";

/** A room's stream, and the folders of its nodes. */
export interface StreamStore extends Store {
  readonly stream: string;
  /** Whatever a log has reported. */
  readonly reports: string[];
  /** A node of its own: the first has the number 0. The log; again after it was closed. */
  open(node?: number, options?: Partial<JetStreamLogOptions>): Promise<JetStreamLog>;
  /** The file of a node's copy. */
  path(node?: number): string;
}

let streams = 0;

/** A stream of its own; what is opened has a connection of its own, which ends with the log. */
export function createStream(connect: () => Promise<Nats>, replicas = 1): StreamStore {
  const dir = Deno.makeTempDirSync();
  const stream = `room-${++streams}`;
  const reports: string[] = [];
  const path = (node = 0) => `${dir}/${node}.db`;
  const connections = new AsyncDisposableStack();
  return {
    stream,
    reports,
    path,
    async open(node = 0, options = {}) {
      return await JetStreamLog.open(connections.use(await connect()), {
        stream,
        replicas,
        path: path(node),
        loop: systemLoop,
        report: (what, error) =>
          void reports.push(error === undefined ? what : `${what}: ${error}`),
        ...options,
      });
    },
    async [Symbol.asyncDispose]() {
      await connections.disposeAsync();
      await Deno.remove(dir, { recursive: true });
    },
  };
}
