import { StartupError } from "../../base/startup_error.ts";
import type { EventLoop } from "../../base/event_loop.ts";
import type { Nats } from "../../nats/mod.ts";
import { encodeRecord } from "./record.ts";
import { RoomStream } from "./stream.ts";
import { Trims } from "./trims.ts";
import { SqliteLog } from "../sqlite_log.ts";

/** Entries published before the first of them is acknowledged. */
const AT_ONCE = 256;
const TIMEOUT_MS = 10_000;

export interface StreamImportOptions {
  /** The stream, made where there is none; it must have no entries yet. */
  readonly stream: string;
  readonly replicas: number;
  /** The file of a log that nobody writes to: the copy of the first node from then on. */
  readonly path: string;
  readonly loop: EventLoop;
}

/**
 * Stores a log, with all its seqs, times and ids, as the log of several nodes. Rejects with a StartupError
 * where the stream has entries, or NATS fails: then what has been stored is removed again.
 */
export async function importIntoStream(nats: Nats, options: StreamImportOptions): Promise<void> {
  const { stream: name, replicas, path, loop } = options;
  const stream = await RoomStream.open(nats, { name, replicas });
  const { epoch, last } = await stream.state();
  if (last > 0) {
    throw new StartupError(`the stream ${name} has messages; import into another --stream`);
  }
  const closing = new AsyncDisposableStack();
  try {
    const log = closing.use(new SqliteLog(path, loop, { copyOf: epoch }));
    if (log.last === 0) return;
    const trims = closing.use(await Trims.open(nats, { name, replicas, epoch, onTrim: () => {} }));
    const { first, topic } = log;
    const ids = log.forgottenIds();
    if (first > 1 || ids.length > 0) {
      await trims.publish({ epoch, first, ids, ...(topic && topic.seq < first && { topic }) });
    }
    if (first > 1) await stream.purge(first);
    await publishAll(stream, log);
  } catch (cause) {
    await nats.manager.streams.delete(name).catch(() => {}); // best effort: what failed before is told
    const { message } = cause as Error;
    throw new StartupError(`cannot import into the stream ${name}: ${message}`, { cause });
  } finally {
    await closing.disposeAsync();
  }
}

async function publishAll(stream: RoomStream, log: SqliteLog): Promise<void> {
  for (let seq = log.first; seq <= log.last; seq += AT_ONCE) {
    const end = Math.min(seq + AT_ONCE, log.last + 1);
    await Promise.all(Array.from({ length: end - seq }, (_, i) => publish(stream, log, seq + i)));
  }
}

async function publish(stream: RoomStream, log: SqliteLog, seq: number): Promise<void> {
  const placed = log.rows.find(seq)!;
  const { entry } = placed;
  const left = entry.type === "delete" ? log.rows.remainsOf(entry.ref) : [];
  const ack = await stream.publish(encodeRecord(placed, left), {
    msgID: crypto.randomUUID(),
    ref: "ref" in entry ? entry.ref : undefined,
    expected: undefined,
    timeout: TIMEOUT_MS,
  });
  if (ack.seq !== seq) throw new Error(`entry ${seq} became ${ack.seq}; does a node run?`);
}
