import { closeSocket } from "../../base/net/socket.ts";
import type { HeardEvent } from "../../model/events.ts";
import { decodeEvent } from "../../wire/event_decoder.ts";
import { addressOf } from "../address.ts";
import type { OpenCarrier } from "../carrier.ts";
import { Lost, TurnedAway } from "../errors.ts";
import { type Requests, toLoss } from "../requests.ts";

/** Close code of RFC 6455: policy. */
const POLICY = 1008;
/** Close code of the protocol: kept flooding. */
const FLOODING = 4029;
const AFTER_FLOODING_MS = 10_000;
const FORBIDDEN = 403;
/** Answers to a handshake that will be the same the next time. */
const NOT_WANTED = [400, 401, 403, 421];

/**
 * `/ws` of the room at `base`. With `cookie` the browser says who we are; else the token is a
 * subprotocol, since a browser's WebSocket has no other headers. `requests` find out why it was refused.
 */
export function overWebSocket(
  base: URL,
  credentials: "token" | "cookie",
  requests?: Requests,
): OpenCarrier {
  return ({ name, token, since, recent }, listener) => {
    const url = addressOf(base, "ws", { name, since, recent });
    url.protocol = url.protocol.replace("http", "ws");
    const proof = credentials === "cookie" || token === undefined
      ? []
      : [`partyline.token.${token}`];
    const socket = new WebSocket(url, ["partyline.v1", ...proof]);
    let failure = "the connection could not be opened"; // browsers do not say why
    socket.onopen = () => failure = "the connection broke";
    socket.onmessage = ({ data }) => {
      if (typeof data === "string") listener.heard(decodeEvents(data));
    };
    socket.onerror = (event) => {
      failure = (event as { readonly message?: string }).message || failure; // none in browsers
    };
    socket.onclose = ({ code, reason, wasClean }) => {
      if (!wasClean) return tellWhy(handshakeError(failure));
      const why = `the server closed with ${code}${reason && ` (${reason})`}`;
      if (code === POLICY) return listener.closed(new TurnedAway(why));
      listener.closed(new Lost(why, code === FLOODING ? AFTER_FLOODING_MS : 0));
    };
    /** A refused handshake has a status and no words; a poll, which ends at once, is refused in words. */
    const tellWhy = async (why: Error) => {
      if (requests && why instanceof TurnedAway && why.status === FORBIDDEN) {
        const asking = requests.ask("poll", { query: { name, wait: 0, recent: 0 } });
        why = await asking.then(() => why, toLoss);
      }
      listener.closed(why);
    };
    const forget = () => socket.onmessage = socket.onclose = null;
    return {
      send(frame) {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
      },
      async close(deadline) {
        forget();
        await closeSocket(socket, deadline);
      },
      // The peer may be gone and never answer the close: for us it is over now.
      drop() {
        forget();
        socket.close();
      },
    };
  };
}

/** A frame holds one event a line. */
function decodeEvents(frame: string): HeardEvent[] {
  const events: HeardEvent[] = [];
  for (const line of frame.split("\n")) {
    const event = decodeEvent(line);
    if (event) events.push(event);
  }
  return events;
}

/** Deno names the status that the server answered the handshake with. */
function handshakeError(message: string): Error {
  const status = Number(/status code: (\d{3})/.exec(message)?.[1]);
  if (!status) return new Error(message);
  const why = `it answered with status ${status}`;
  if (!NOT_WANTED.includes(status)) return new Error(why);
  return new TurnedAway(why, { status, ...(status === 401 && { code: "unauthorized" }) });
}
