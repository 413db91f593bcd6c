import type { Exchange } from "../http/router.ts";
import { stream } from "./streams.ts";

/** GET /stream: the events as lines of JSON in one chunked response; `curl -N` shows them as they come. */
export function httpStream(exchange: Exchange): Promise<Response> {
  return stream(exchange, {
    contentType: "application/x-ndjson",
    encode: exchange.context.encode.ndjson,
  });
}
