import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import type { Nats } from "./nats.ts";

/** What NATS says where there is no such message any more, or never was (err_code, and its text). */
const SEQUENCE_NOT_FOUND = 10043;
const DELETE_FAILED = 10057;
const GONE = /no message found|not found|deleted|EOF/i;

/** Removes a message of a stream, its bytes overwritten; nothing happens where somebody else has. */
export async function eraseMessage(nats: Nats, stream: string, seq: number): Promise<void> {
  try {
    await nats.manager.streams.deleteMessage(stream, seq, true);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

function isGone(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError)) return false;
  const { code, message } = error;
  return code === SEQUENCE_NOT_FOUND || code === JetStreamApiCodes.NoMessageFound ||
    code === DELETE_FAILED && GONE.test(message);
}
