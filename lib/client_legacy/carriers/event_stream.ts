import type { RoomEvent } from "../../model/events.ts";
import { Deadline } from "../../base/deadline.ts";
import { type Connect, type Frame, TurnedAway } from "../carrier.ts";
import { decodeEvent, parseEvent } from "../../wire/event_decoder.ts";
import { Inbox } from "../inbox.ts";
import { SseDecoder } from "../../wire/sse_decoder.ts";

const LINE_BYTES = 256 * 1024;
/** An answer to a POST that takes longer will not come. */
const ANSWER_MS = 30_000;

/**
 * Connects to `/events` of the room at `base` for listening, and speaks by POST, as the same person:
 * the token of `welcome` goes with every request.
 */
export function overSse(base: URL): Connect {
  return async ({ name, token, since }, signal) => {
    const url = new URL("events", base);
    if (name !== undefined) url.searchParams.set("name", name);
    if (since !== undefined) url.searchParams.set("since", since);
    const left = new AbortController();
    const stream = await openStream(url, token, left, signal);
    const events = new Inbox<RoomEvent | undefined>();
    let bearer = token;
    const read = readEvents(stream, (event) => {
      if (event?.type === "welcome") bearer = event.token;
      events.push(event);
    }).then(
      () => events.end(new Error("the server ended the stream")),
      () => events.end(new Error("the connection broke")),
    );
    return {
      events,
      send(frame) {
        const answer = frame.type === "message"
          ? post(new URL("api/messages", base), frame, bearer, left.signal)
          : post(new URL("api/session", base), frame, bearer, left.signal);
        answer.then((event) => events.push(event), (error) => events.end(error));
      },
      async close() {
        events.end();
        left.abort();
        await read;
      },
      drop(why) {
        events.end(why);
        left.abort();
      },
    };
  };
}

async function openStream(
  url: URL,
  token: string | undefined,
  left: AbortController,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const giveUp = () => left.abort(signal.reason);
  signal.addEventListener("abort", giveUp);
  try {
    const headers = { accept: "text/event-stream", ...authorization(token) };
    const response = await fetch(url, { headers, signal: left.signal });
    const type = response.headers.get("content-type") ?? "";
    if (response.ok && response.body && type.startsWith("text/event-stream")) return response.body;
    await response.body?.cancel();
    const why = `${url.host} answered with status ${response.status} and ${type || "nothing"}`;
    throw response.status < 500 && response.status !== 429 ? new TurnedAway(why) : new Error(why);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

async function readEvents(
  stream: ReadableStream<Uint8Array>,
  handle: (event: RoomEvent | undefined) => void,
): Promise<void> {
  const decoder = new SseDecoder(LINE_BYTES);
  for await (const chunk of stream) {
    for (const data of decoder.push(chunk)) {
      handle(data === undefined ? undefined : decodeEvent(data));
    }
  }
}

/**
 * What was asked for, as the event that /ws would answer with; undefined where it answers with none.
 * Rejects where there is no answer, or none of a room.
 */
async function post(
  url: URL,
  { type, ...fields }: Frame,
  token: string | undefined,
  left: AbortSignal,
): Promise<RoomEvent | undefined> {
  using deadline = new Deadline(ANSWER_MS, { parent: left });
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...authorization(token) },
    body: JSON.stringify(fields),
    signal: deadline.signal,
  });
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok && type === "rename") return undefined;
  const about = "id" in fields ? { id: fields.id } : {};
  const event = response.ok
    ? parseEvent({ ...toObject(answer), type: "ack", ...about, duplicate: response.status === 200 })
    : parseEvent({
      ...toObject(toObject(answer)["error"]),
      type: "error",
      ...about,
      ...retryAfter(response.headers),
    });
  if (!event) throw new Error(`${url.host} answered with status ${response.status}`);
  return event;
}

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

function retryAfter(headers: Headers): { retry_after?: number } {
  const seconds = Number(headers.get("retry-after") ?? NaN);
  return Number.isFinite(seconds) ? { retry_after: seconds } : {};
}

function toObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
