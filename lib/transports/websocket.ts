import type { Exchange } from "../http/router.ts";
import { isTooBig, send, upgrade } from "./upgrade.ts";
import { identify, Visit } from "../visit.ts";

/**
 * GET /ws: the JSON protocol over WebSocket, both ways. One loop writes what the reader yields;
 * nothing else writes to the socket.
 */
export async function websocket({ request, query, context, session }: Exchange): Promise<Response> {
  const wish = { cursor: query.forgivingCursor(), recent: query.recent() };
  const visitor = await identify(context, session, query.name());
  const upgraded = upgrade(request, "partyline.v1");
  if (upgraded instanceof Response) return upgraded;
  const { socket, response } = upgraded;
  let visit: Visit | undefined;

  socket.onopen = () => {
    visit = new Visit(context.room, visitor, wish);
    write(socket, visit, context.encode.frame).catch(() => visit?.leave());
  };
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return close(socket, 1003, "text frames only");
    if (isTooBig(data)) return close(socket, 1009, "a frame may have 16 KiB");
    if (visit?.flooding) return close(socket, 4029, "kept flooding");
    visit?.receive(data);
  };
  // Comes twice after an idle timeout; leaving twice is leaving once.
  socket.onclose = ({ code }) => visit?.leave(isGoodbye(code));
  socket.onerror = () => {}; // close follows
  return response;
}

async function write(
  socket: WebSocket,
  visit: Visit,
  encode: Exchange["context"]["encode"]["frame"],
): Promise<void> {
  for await (const batch of visit.reader) {
    if (!await send(socket, encode(batch))) {
      visit.leave();
      return close(socket, 1008, "nothing was read for a minute");
    }
  }
  // The reader ends by itself only when the room does, with a bye.
  close(socket, 1012, "restarting");
}

/** 1000 and no code at all are a close somebody asked for; a page that goes away may be reloading. */
export function isGoodbye(code: number): boolean {
  return code === 1000 || code === 1005;
}

export function close(socket: WebSocket, code: number, reason: string): void {
  try {
    socket.close(code, reason);
  } catch {
    // best effort: it is closed already
  }
}
