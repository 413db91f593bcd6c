import type { HeardEvent } from "../../model/events.ts";
import { parseEvent } from "../../wire/event_decoder.ts";
import type { Carrier, CarrierListener, Frame } from "../carrier.ts";
import { Lost } from "../errors.ts";
import { RefusedRequest, type Requests, toLoss } from "../requests.ts";

/**
 * A carrier that hears in long requests, and speaks by a POST for each message. `run` hears until the
 * signal aborts, and resolves or rejects with why it ended otherwise.
 */
export function oneWay(
  requests: Requests,
  listener: CarrierListener,
  run: (heard: CarrierListener["heard"], signal: AbortSignal) => Promise<Error>,
): Carrier {
  const over = new AbortController();
  const heard: CarrierListener["heard"] = (events, epoch) => {
    if (!over.signal.aborted) listener.heard(events, epoch);
  };
  const end = (why: Error) => {
    if (over.signal.aborted) return;
    over.abort();
    listener.closed(why);
  };
  const running = run(heard, over.signal).then(end, (error) => end(toLoss(error)));
  return {
    send(frame) {
      if (frame.type !== "message") return; // that somebody types is not worth a request
      post(requests, frame, over.signal).then((answer) => heard([answer]), end);
    },
    async close() {
      over.abort();
      await running;
    },
    drop: () => over.abort(),
  };
}

/** The answer to a message, as the event that /ws would answer with. Rejects where there is none. */
async function post(
  requests: Requests,
  { id, text }: Extract<Frame, { type: "message" }>,
  signal: AbortSignal,
): Promise<HeardEvent> {
  try {
    const { status, answer } = await requests.ask("api/messages", { body: { id, text }, signal });
    const seq = (answer as { seq?: unknown } | null)?.seq;
    const ack = parseEvent({ type: "ack", id, seq, duplicate: status === 200 });
    return ack ?? { type: "error", id, code: "unavailable", message: "the answer cannot be read" };
  } catch (error) {
    if (error instanceof RefusedRequest) {
      const { code, message, retryAfter } = error;
      return { type: "error", id, code, message, ...retryAfterOf(retryAfter) };
    }
    if (!(error instanceof Lost)) throw error;
    // Something answered that is not the room: it may be there again before what we hear breaks off.
    const { message, retryMs } = error;
    return {
      type: "error",
      id,
      code: "unavailable",
      message,
      ...retryAfterOf(retryMs > 0 ? retryMs / 1000 : undefined),
    };
  }
}

function retryAfterOf(seconds: number | undefined): { retry_after?: number } {
  return seconds === undefined ? {} : { retry_after: seconds };
}
