import { JetStreamApiError } from "@nats-io/jetstream";
import type { Nats } from "./nats.ts";

/** What NATS says where there is no such message any more, or never was (err_code, and its text). */
const DELETE_FAILED = 10057;
const GONE = /no message found|not found|deleted|EOF/i;

/** Removes a message of a stream, its bytes overwritten; nothing happens where somebody else has. */
export async function eraseMessage(nats: Nats, stream: string, seq: number): Promise<void> {
  try {
    await nats.manager.streams.deleteMessage(stream, seq, true);
  } catch (error) {
    const isGone = error instanceof JetStreamApiError &&
      (error.status === 404 || error.code === DELETE_FAILED && GONE.test(error.message));
    if (!isGone) throw error;
  }
}
