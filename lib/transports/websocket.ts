import type { Exchange } from "../http/router.ts";
import { identify, Visit } from "../visit.ts";
import { close, onText, SocketWriter } from "./socket.ts";
import { upgrade } from "./upgrade.ts";

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

  socket.onopen = () => {
    const visit = new Visit(context.room, visitor, wish);
    onText(socket, (text) => {
      if (visit.flooding) return close(socket, 4029, "kept flooding");
      visit.receive(text);
    });
    // Comes twice after an idle timeout; leaving twice is leaving once.
    socket.onclose = ({ code }) => visit.leave(isGoodbye(code));
    write(socket, visit, context).catch((error) => {
      context.room.report("cannot serve /ws", error);
      close(socket, 1011, "internal");
      visit.leave();
    });
  };
  return response;
}

async function write(
  socket: WebSocket,
  visit: Visit,
  { watchdog, encode }: Exchange["context"],
): Promise<void> {
  const writer = new SocketWriter(socket, watchdog, () => visit.leave());
  for await (const batch of visit.reader) {
    const sent = writer.send(encode.frame(batch));
    // Nearly always there is room, and nothing to wait for.
    if (sent !== true && !await sent) break;
  }
  visit.leave();
  // Of itself a reader ends only when the room does, with a bye.
  writer.end(1012, "restarting");
}

/** 1000 and no code at all are a close somebody asked for; a page that goes away may be reloading. */
function isGoodbye(code: number): boolean {
  return code === 1000 || code === 1005;
}
