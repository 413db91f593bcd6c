import type { Allowance } from "../../limits/mod.ts";
import { CLOSE, closeSocket, FRAMES_AFTER_CLOSE } from "./close.ts";

/**
 * A method of the runtime's own, which it calls for each data frame and each pong that comes. It is the
 * only sign of a pong that there is.
 */
const HEARD = Object.getOwnPropertySymbols(WebSocket.prototype)
  .find(({ description }) => description === "[[serverHandleIdleTimeout]]");

/**
 * Counts pongs, which the runtime takes without telling anybody: a client that sends nothing else, flat
 * out, would hold the event loop for as long as it likes. A shortcut by a name that is private: with a
 * runtime that has no such method pongs go uncounted, and a test fails.
 */
export function countPongs(socket: WebSocket, allowance: Allowance): void {
  if (HEARD === undefined || !allowance.countsHeard) return;
  const methods = socket as unknown as Record<symbol, () => void>;
  const heard = methods[HEARD];
  if (typeof heard !== "function") return;
  let after = 0;
  methods[HEARD] = () => {
    if (allowance.hear()) return heard.call(socket);
    // See closeSocket: the next turn of the event loop may not come by itself.
    if (after++ === 0) closeSocket(socket, CLOSE.flooding);
    else if (after === FRAMES_AFTER_CLOSE) socket.close(...CLOSE.flooding);
  };
}
