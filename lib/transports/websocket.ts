import type { Handler } from "../http/exchange.ts";
import type { Allowance } from "../limits/mod.ts";
import { Visit } from "../room/visit.ts";
import { answerFrame } from "./frames.ts";
import { pump } from "./pump/pump.ts";
import { SocketWriter } from "./pump/socket_writer.ts";
import type { Stay } from "./pump/stay.ts";
import type { Services } from "./services.ts";
import { CLOSE, closeSocket, NO_PONG } from "./socket/close.ts";
import { onText } from "./socket/on_text.ts";
import { upgrade } from "./socket/upgrade.ts";

/** GET /ws: the JSON protocol over WebSocket, both ways. */
export function websocket(services: Services): Handler {
  return async (exchange) => {
    const { query, session, proof, address } = exchange;
    const start = { cursor: query.forgivingCursor(), recent: query.recent() };
    await services.room.reach(start.cursor);
    const admitted = await services.door.admit({
      session,
      proof,
      wished: query.name(),
      address: address.hostname,
    });
    const upgraded = upgrade(exchange, services.limits, "websocket", "partyline.v1");
    if (upgraded instanceof Response) return upgraded;
    const { socket, response, allowance } = upgraded;
    const stay = services.journal.stay({ transport: "websocket", address: address.hostname });

    socket.onopen = () => {
      socket.onopen = null; // a connection may stay for days, and need not hold on to how it began
      serve(socket, new Visit(services.room, admitted, start), { ...services, allowance, stay });
    };
    return response;
  };
}

function serve(
  socket: WebSocket,
  visit: Visit,
  { watchdog, encodings, moderation, allowance, stay }: Services & {
    readonly allowance: Allowance;
    readonly stay: Stay;
  },
): void {
  onText(socket, {
    allowance,
    warn: () => visit.refuse(allowance.warning()),
    cut: () => stay.cut("flooding"),
    handle(text) {
      if (visit.flooding) return false;
      answerFrame(visit, text, moderation);
      return true;
    },
  });
  // Comes twice after an idle timeout; leaving twice is leaving once.
  socket.onclose = ({ code, reason }) => {
    if (reason === NO_PONG) stay.cut("dead");
    visit.leave(isGoodbye(code));
  };
  pump(visit, { writer: new SocketWriter(socket), encode: encodings.frame, watchdog, stay })
    .then((outcome) => closeSocket(socket, CLOSE[outcome]));
}

/** 1000 and no code at all are a close somebody asked for; a page that goes away may be reloading. */
function isGoodbye(code: number): boolean {
  return code === 1000 || code === 1005;
}
