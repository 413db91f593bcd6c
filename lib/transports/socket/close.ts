import { setImmediate } from "node:timers";

/** A close code of RFC 6455, section 7.4, and its reason. */
export type Close = readonly [code: number, reason: string];

/** How a socket is closed, by how its pump ended. Of itself a reader ends only when the room does. */
export const CLOSE = {
  ended: [1012, "restarting"],
  stalled: [1008, "nothing was read for a minute"],
  failed: [1011, "internal"],
  // As 401, 403 and 429: sent away, for good or until something changes.
  unauthorized: [4001, "signed out"],
  kick: [4002, "removed by an operator"],
  ban: [4003, "banned by an operator"],
  flooding: [4029, "kept flooding"],
} as const satisfies Record<string, Close>;

/** The reason that the runtime gives where its pings were not answered. */
export const NO_PONG = "No response from ping frame.";

/** Frames that may still come before the connection is dropped: what was under way, and no flood. */
export const FRAMES_AFTER_CLOSE = 500;

/**
 * Closes with a code that arrives, where the peer lets it. A server socket closed while a frame is
 * being handled, with another behind it, drops the connection and the code with it: so it waits for
 * the next turn, and nothing that comes meanwhile is heard. A peer that goes on sending keeps the
 * event loop from that turn: it is dropped so, and then costs nothing more.
 */
export function closeSocket(socket: WebSocket, [code, reason]: Close): void {
  let unheard = 0;
  const close = () => {
    try {
      socket.close(code, reason);
    } catch {
      // best effort: it is closed already
    }
  };
  socket.onmessage = () => {
    if (++unheard === FRAMES_AFTER_CLOSE) close();
  };
  setImmediate(close);
}
