import { UsageError } from "../flags/mod.ts";
import type { Connect } from "../../client/carrier.ts";
import { overSse } from "../../client/carriers/event_stream.ts";
import { overTcp } from "../../client/carriers/tcp.ts";
import { overWebSocket } from "../../client/carriers/websocket.ts";

const WANTED = "wanted ws://HOST:PORT (or http://), tcp://HOST:PORT, or sse+http://HOST:PORT";
const ROOM_PORT = 9999;

/** How to connect to the room that a URL names. Throws a UsageError that says what is accepted. */
export function connectTo(operand: string): Connect {
  const sse = operand.startsWith("sse+");
  const url = URL.parse(sse ? operand.slice("sse+".length) : operand);
  if (!url?.hostname) throw new UsageError(`"${operand}": ${WANTED}`);
  switch (url.protocol) {
    case "http:":
    case "https:":
      if (sse) return overSse(baseOf(url));
      url.protocol = url.protocol === "http:" ? "ws:" : "wss:";
      return overWebSocket(baseOf(url));
    case "ws:":
    case "wss:":
      if (!sse) return overWebSocket(baseOf(url));
      break;
    case "tcp:":
      if (sse) break;
      return overTcp({
        hostname: url.hostname.replace(/^\[|\]$/g, ""),
        port: Number(url.port || ROOM_PORT),
      });
  }
  throw new UsageError(`"${operand}": ${WANTED}`);
}

/** Where the room's addresses begin: behind a proxy, maybe under a path; `/ws` itself may be named. */
function baseOf(url: URL): URL {
  const base = new URL(url);
  base.search = "";
  base.hash = "";
  base.pathname = url.pathname.replace(/\/(?:ws|events)?$/, "") + "/";
  return base;
}
