import type { Transport } from "./client.ts";
import { tcp, tcpJson, textSocket } from "./lines.ts";
import { poll } from "./poll.ts";
import { sse, stream } from "./streams.ts";
import { websocket } from "./websocket.ts";

/** Every way into the room. */
export const TRANSPORTS: readonly Transport[] = [
  websocket,
  textSocket,
  sse,
  stream,
  poll,
  tcp,
  tcpJson,
];
