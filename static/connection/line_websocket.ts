import type { RoomEvent } from "../../lib/model/events.ts";
import { ApiError } from "./api.ts";
import { addressOf, type Line, type LineOptions, parseEvents } from "./line.ts";

/** Carries both ways. What becomes of a post is among the events, told apart by its id. */
export function openWebSocket(options: LineOptions): Line {
  const url = addressOf("/ws", options);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url, "partyline.v1");
  const over = Promise.withResolvers<void>();
  const acks = new Map<string, PromiseWithResolvers<number>>();
  let open = true;
  const end = () => {
    open = false;
    for (const ack of acks.values()) ack.reject(lost());
    over.resolve();
  };
  const send = (frame: object) => {
    const ready = open && socket.readyState === WebSocket.OPEN;
    if (ready) socket.send(JSON.stringify(frame));
    return ready;
  };
  socket.onmessage = ({ data }) => {
    if (!open || typeof data !== "string") return;
    const events = parseEvents(data.split("\n"));
    for (const event of events) answer(acks, event);
    options.heard(events);
  };
  socket.onclose = end;
  return {
    via: "websocket",
    closed: over.promise,
    async post(message) {
      if (!send({ type: "message", ...message })) throw lost();
      const ack = Promise.withResolvers<number>();
      acks.set(message.id, ack);
      try {
        return await ack.promise;
      } finally {
        acks.delete(message.id);
      }
    },
    typing: () => void send({ type: "typing" }),
    // The peer may be gone and never answer the close: for us it is over now.
    close() {
      socket.close();
      end();
    },
  };
}

function answer(acks: ReadonlyMap<string, PromiseWithResolvers<number>>, event: RoomEvent): void {
  if (event.type === "ack" && event.id) acks.get(event.id)?.resolve(event.seq);
  else if (event.type === "error" && event.id) {
    acks.get(event.id)?.reject(new ApiError(event.code, event.message, event.retry_after));
  }
}

function lost(): ApiError {
  return new ApiError("network", "the connection was lost");
}
