import type { Handler } from "../http/exchange.ts";
import { parseCursor } from "../model/cursor.ts";
import { SSE_RETRY_MS } from "../wire/json.ts";
import type { Services } from "./services.ts";
import { stream } from "./streams.ts";

/**
 * GET /events: Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * The browser comes back by itself with Last-Event-ID, which is the cursor.
 */
export function sse(services: Services): Handler {
  return (exchange) => {
    const lastEventId = exchange.request.headers.get("last-event-id");
    return stream(services, exchange, {
      transport: "sse",
      contentType: "text/event-stream",
      encode: services.encodings.sse,
      prelude: `retry: ${SSE_RETRY_MS}\n\n`,
      cursor: lastEventId
        ? parseCursor(lastEventId) ?? "unknown"
        : exchange.query.forgivingCursor(),
    });
  };
}
