import { parseCursor } from "../model/cursor.ts";
import type { Exchange } from "../http/router.ts";
import { SSE_RETRY_MS } from "../wire/json.ts";
import { stream } from "./streams.ts";

/**
 * GET /events: Server-Sent Events (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * The browser comes back by itself with Last-Event-ID, which is the cursor.
 */
export function sse(exchange: Exchange): Promise<Response> {
  const lastEventId = exchange.request.headers.get("last-event-id");
  const cursor = lastEventId
    ? parseCursor(lastEventId) ?? "unknown"
    : exchange.query.forgivingCursor();
  return stream(exchange, {
    contentType: "text/event-stream",
    encode: exchange.context.encode.sse,
    prelude: `retry: ${SSE_RETRY_MS}\n\n`,
  }, cursor);
}
