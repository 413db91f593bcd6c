import type { Handler } from "../http/exchange.ts";
import type { Services } from "./services.ts";
import { stream } from "./streams.ts";

/** GET /stream: the events as lines of JSON in one chunked response; `curl -N` shows them as they come. */
export function httpStream(services: Services): Handler {
  return (exchange) =>
    stream(services, exchange, {
      transport: "stream",
      contentType: "application/x-ndjson",
      encode: services.encodings.ndjson,
      cursor: exchange.query.cursor(),
    });
}
