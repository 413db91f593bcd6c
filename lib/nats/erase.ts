import { JetStreamApiError } from "@nats-io/jetstream";
import type { Nats } from "./nats.ts";

/** Removes a message of a stream, its bytes overwritten; nothing happens where somebody else has. */
export async function eraseMessage(nats: Nats, stream: string, seq: number): Promise<void> {
  try {
    await nats.manager.streams.deleteMessage(stream, seq, true);
  } catch (error) {
    if (!(error instanceof JetStreamApiError && error.status === 404)) throw error;
  }
}
