import { decodeEvent } from "../../wire/event_decoder.ts";
import { SseDecoder } from "../../wire/sse_decoder.ts";
import type { OpenCarrier } from "../carrier.ts";
import { Lost } from "../errors.ts";
import type { Requests } from "../requests.ts";
import { oneWay } from "./one_way.ts";

/** The longest event: a presence of 200 names, or the longest text with every character escaped. */
const LINE_BYTES = 256 * 1024;
const TYPE = "text/event-stream";

/**
 * `/events`, read by fetch rather than EventSource: that one hides the server's heartbeat comments, so
 * a dead connection would look like a quiet room, and it comes back by its own clock.
 */
export function overEventStream(requests: Requests): OpenCarrier {
  return ({ name, since, recent, silent }, listener) =>
    oneWay(requests, listener, async (heard, signal) => {
      const query = { name, since, recent };
      const response = await requests.open("events", { query, accept: TYPE, silent, signal });
      const type = response.headers.get("content-type") ?? "nothing";
      if (!response.body || !type.startsWith(TYPE)) {
        await response.body?.cancel();
        return new Lost(`it answered with ${type}`);
      }
      const decoder = new SseDecoder(LINE_BYTES);
      const reader = response.body.getReader(); // Safari's streams cannot be iterated yet
      for (let turn = await reader.read(); !turn.done; turn = await reader.read()) {
        const events = decoder.push(turn.value).flatMap((data) =>
          (data !== undefined && decodeEvent(data)) || []
        );
        heard(events);
      }
      return new Lost("the server ended the stream");
    });
}
