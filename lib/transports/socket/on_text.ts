import { type Allowance, frameCost } from "../../limits/mod.ts";
import { LIMITS } from "../../model/message.ts";
import { CLOSE, closeSocket } from "./close.ts";

export interface TextHandlers {
  /** What the client may send; asked before each frame is handled. */
  readonly allowance: Allowance;
  /** False: the client goes on in spite of what it was told, and is cut. */
  handle(text: string): boolean;
  /** Called when the client is to be told that it sends too much. */
  warn(): void;
  /** Called when it has sent too much: the socket is being closed. */
  cut(): void;
}

/** Has text frames within the limits handled, and refuses others by the code that says why. */
export function onText(socket: WebSocket, handlers: TextHandlers): void {
  const { allowance } = handlers;
  const cut = () => {
    handlers.cut();
    closeSocket(socket, CLOSE.flooding);
  };
  socket.binaryType = "arraybuffer";
  socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
    const size = typeof data === "string" ? data.length : data.byteLength;
    const within = allowance.take(frameCost(size));
    if (allowance.hasWarning) handlers.warn();
    if (!within) return cut();
    if (typeof data !== "string") return closeSocket(socket, [1003, "text frames only"]);
    if (isTooBig(data)) {
      return closeSocket(socket, [1009, `at most ${LIMITS.bytes} bytes in a frame`]);
    }
    if (socket.readyState === WebSocket.OPEN && !handlers.handle(data)) cut();
  };
}

/** Most frames are told by their length in UTF-16 units, each of which takes three bytes at most. */
function isTooBig(frame: string): boolean {
  if (frame.length * 3 <= LIMITS.bytes) return false;
  return frame.length > LIMITS.bytes || new TextEncoder().encode(frame).length > LIMITS.bytes;
}
