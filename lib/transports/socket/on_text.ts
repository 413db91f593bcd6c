import { LIMITS } from "../../model/message.ts";
import { closeSocket } from "./close.ts";

/** Has text frames within the limit handled, and refuses others by the code that says why. */
export function onText(socket: WebSocket, handle: (text: string) => void): void {
  socket.onmessage = ({ data }) => {
    if (typeof data !== "string") return closeSocket(socket, [1003, "text frames only"]);
    if (isTooBig(data)) {
      return closeSocket(socket, [1009, `at most ${LIMITS.bytes} bytes in a frame`]);
    }
    if (socket.readyState === WebSocket.OPEN) handle(data);
  };
}

/** Most frames are told by their length in UTF-16 units, each of which takes three bytes at most. */
function isTooBig(frame: string): boolean {
  if (frame.length * 3 <= LIMITS.bytes) return false;
  return frame.length > LIMITS.bytes || new TextEncoder().encode(frame).length > LIMITS.bytes;
}
