import type { HeardEvent } from "../../model/events.ts";
import { parseEvent } from "../../wire/event_decoder.ts";
import type { Carrier, CarrierListener, SaidFrame } from "../carrier.ts";
import { Lost } from "../errors.ts";
import { RefusedRequest, type RequestOptions, type Requests, toLoss } from "../requests.ts";

/**
 * A carrier that hears in long requests, and speaks by a request for each message. `run` hears until the
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
      const said = requestOf(frame as SaidFrame);
      if (!said) return; // that somebody types is not worth a request
      post(requests, frame as SaidFrame, said, over.signal).then((answer) => heard([answer]), end);
    },
    async close() {
      over.abort();
      await running;
    },
    drop: () => over.abort(),
  };
}

/** The path and the rest of the request that says it; undefined where it is for frames only. */
function requestOf(frame: SaidFrame): readonly [string, RequestOptions] | undefined {
  const { type, id } = frame;
  if (type === "message") {
    const { type: _, ...body } = frame;
    return ["api/messages", { body }];
  }
  const path = `api/messages/${frame.ref}`;
  switch (type) {
    case "edit":
      return [path, { method: "PATCH", body: { id, text: frame.text } }];
    case "delete":
      return [path, { method: "DELETE", key: id }];
    case "reaction": {
      const method = frame.on ? "PUT" : "DELETE";
      return [`${path}/reactions/${encodeURIComponent(frame.emoji)}`, { method, key: id }];
    }
  }
}

/** The answer, as the event that /ws would answer with. Rejects where there is none. */
async function post(
  requests: Requests,
  { id, type }: SaidFrame,
  [path, options]: readonly [string, RequestOptions],
  signal: AbortSignal,
): Promise<HeardEvent> {
  try {
    const { status, answer } = await requests.ask(path, { ...options, signal });
    const { seq, duplicate = type === "message" && status === 200 } = Object(answer);
    const ack = parseEvent({ type: "ack", id, seq, duplicate });
    return ack ?? { type: "error", id, code: "unavailable", message: "the answer cannot be read" };
  } catch (error) {
    if (error instanceof RefusedRequest) {
      const { code, message, retryAfter, measure } = error;
      const why = measure ? { measure } : {};
      return { type: "error", id, code, message, ...retryAfterOf(retryAfter), ...why };
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
