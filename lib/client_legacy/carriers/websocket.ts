import type { RoomEvent } from "../../model/events.ts";
import { closeSocket, openSocket } from "../../base/socket.ts";
import { type Connect, TurnedAway } from "../carrier.ts";
import { decodeEvent } from "../../wire/event_decoder.ts";
import { Inbox } from "../inbox.ts";

/** Policy: an origin, a password, a limit that we keep running into. */
const POLICY = 1008;

/** Connects to `/ws` of the room at `base`. */
export function overWebSocket(base: URL): Connect {
  return async ({ name, token, since }, signal) => {
    const url = new URL("ws", base);
    if (name !== undefined) url.searchParams.set("name", name);
    if (since !== undefined) url.searchParams.set("since", since);
    const headers: Record<string, string> = token === undefined
      ? {}
      : { authorization: `Bearer ${token}` };
    const socket = await openSocket(url, { headers, signal });
    const events = new Inbox<RoomEvent | undefined>();
    socket.onmessage = ({ data }) => {
      for (const line of String(data).split("\n")) events.push(decodeEvent(line));
    };
    socket.onclose = ({ code, reason, wasClean }) => {
      const why = wasClean
        ? `the server closed with ${code}${reason && ` (${reason})`}`
        : "the connection broke";
      events.end(code === POLICY ? new TurnedAway(why) : new Error(why));
    };
    return {
      events,
      send: (frame) => socket.send(JSON.stringify(frame)),
      async close(deadline) {
        await closeSocket(socket, deadline);
        events.end();
      },
      drop(why) {
        events.end(why);
        socket.close();
      },
    };
  };
}
