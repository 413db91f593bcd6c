import { pause } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import type { EventLoop } from "../../base/event_loop.ts";
import { setAside } from "../sqlite/copy/file.ts";
import { SqliteLog } from "../sqlite_log.ts";
import { decodeRecord } from "./record.ts";
import type { RoomStream, StreamState } from "./stream.ts";

/** How long a leader has to come to what was stored before it was one. */
const PATIENCE_MS = 5000;
const NEVER = new AbortController().signal;
export interface CopyOptions {
  readonly path: string;
  readonly loop: EventLoop;
  readonly report: (what: string, error?: unknown) => void;
}

/**
 * The copy of the stream as it is now; what is at its place and is no copy of it is set aside. One that
 * has more than the stream, or something else, shows that the stream has lost what others have seen: from
 * there on it is another log.
 */
export async function openCopy(
  stream: RoomStream,
  { path, loop, report }: CopyOptions,
): Promise<SqliteLog> {
  for (let renewed = false;; renewed = true) {
    const { epoch } = await stream.state();
    const aside = setAside(path, epoch);
    if (aside !== undefined) report(`${path} held another history, which is in ${aside} now`);
    const copy = new SqliteLog(path, loop, { copyOf: epoch, report });
    const { last } = await patientState(stream, loop, copy.last);
    const isWhole = copy.last <= last && await hasSame(stream, copy);
    if (isWhole || renewed) return copy;
    await copy[Symbol.asyncDispose]();
    await stream.renewEpoch();
    report("NATS has lost what it had: its stream is a new history to clients");
  }
}

/** A new leader may take a moment until it has what was stored: less than `wanted` is asked for again. */
export async function patientState(
  stream: RoomStream,
  clock: Clock,
  wanted: number,
): Promise<StreamState> {
  const until = clock.monotonic() + PATIENCE_MS;
  for (;;) {
    const state = await stream.state();
    if (state.last >= wanted || clock.monotonic() >= until) return state;
    await pause(clock, PATIENCE_MS / 10, NEVER);
  }
}

/** Whether the newest entry of the copy is what the stream has there, if it has it still. */
async function hasSame(stream: RoomStream, copy: SqliteLog): Promise<boolean> {
  const own = copy.rows.find(copy.last);
  const message = own && await stream.message(copy.last);
  if (!message) return true;
  const { placed } = decodeRecord(message.data, message.seq, Infinity);
  return placed.sender === own.sender && placed.entry.type === own.entry.type &&
    placed.entry.from === own.entry.from && placed.entry.id === own.entry.id;
}
