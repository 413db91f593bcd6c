import type { Context } from "../http/context.ts";
import type { Exchange } from "../http/router.ts";
import { identify, Visit } from "../room/visit.ts";
import { close, onText, SocketWriter } from "./pump/socket_writer.ts";
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
    socket.onopen = null; // a connection may stay for days, and need not hold on to how it began
    serve(socket, new Visit(context.room, visitor, wish), context);
  };
  return response;
}

function serve(socket: WebSocket, visit: Visit, { room, watchdog, encode }: Context): void {
  const leave = () => visit.leave();
  onText(socket, (text) => {
    if (visit.flooding) return close(socket, 4029, "kept flooding");
    visit.receive(text);
  });
  // Comes twice after an idle timeout; leaving twice is leaving once.
  socket.onclose = ({ code }) => visit.leave(isGoodbye(code));
  const writer = new SocketWriter(socket, watchdog, leave);
  visit.reader.deliver((batch) => writer.send(encode.frame(batch)), (error) => {
    leave();
    // Of itself a reader ends only when the room does, with a bye.
    if (error === undefined) return writer.end(1012, "restarting");
    room.report("cannot serve /ws", error);
    writer.end(1011, "internal");
  });
}

/** 1000 and no code at all are a close somebody asked for; a page that goes away may be reloading. */
function isGoodbye(code: number): boolean {
  return code === 1000 || code === 1005;
}
