import { type Client, join, type JoinOptions, overTcp } from "../../client/mod.ts";
import type { Transport } from "../../client/mod.ts";
import { dial } from "../../base/net/dial.ts";
import { UsageError } from "../flags/mod.ts";

const WANTED = "wanted ws://HOST:PORT (or http://), tcp://HOST:PORT, or sse+http://HOST:PORT; " +
  "with TLS wss://, https://, tcps:// or sse+https://";

/** By the scheme of the URL. What shows no `welcome` (a poll) is nothing for a terminal. */
const TRANSPORTS: Readonly<Record<string, readonly Transport[]>> = {
  "http:": ["websocket", "sse"],
  "https:": ["websocket", "sse"],
  "ws:": ["websocket"],
  "wss:": ["websocket"],
  "tcp:": ["tcp"],
  "tcps:": ["tcp"],
  "sse+http:": ["sse"],
  "sse+https:": ["sse"],
};

/** Where the room's HTTP addresses begin, with a slash at the end; undefined for a TCP port. */
export function baseOf(operand: string): string | undefined {
  const url = URL.parse(operand.replace(/^sse\+/, "").replace(/^ws/, "http"));
  if (!url?.protocol.startsWith("http")) return undefined;
  return `${url.origin}${url.pathname.replace(/\/(?:ws|events)?$/, "")}/`;
}

/** Joins the room that a URL names. Throws a UsageError that says what is accepted. */
export function joinRoom(operand: string, options: JoinOptions): Client {
  const url = URL.parse(operand.replace(/^sse\+/, ""));
  const transports = url && TRANSPORTS[operand.slice(0, operand.indexOf(":") + 1)];
  if (!url?.hostname || !transports) throw new UsageError(`"${operand}": ${WANTED}`);
  return join(url, { ...options, transports, tcp: overTcp(dial) });
}
