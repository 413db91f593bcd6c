import { LIMITS } from "../message.ts";
import { refusalResponse } from "../http/respond.ts";
import { Refusal } from "../refusal.ts";

/**
 * What a socket may have unsent: more than a frame of ours, so that a healthy line never waits, and
 * so little that a thousand stalled ones cost 256 MB at the worst.
 */
export const UNSENT_BYTES = 256 * 1024;
/** How often a full socket is looked at: there is no event that says it has drained. */
const DRAIN_LOOK_MS = 20;
/** A peer that takes nothing for this long is given up; its cursor lets it come back. */
export const STALL_MS = 60_000;
/** The runtime pings a silent peer and closes after this many seconds without an answer. */
const IDLE_S = 30;

/**
 * Upgrades a request that RFC 6455, section 4.2.1, allows to be upgraded; Deno itself would answer
 * 101 to others too. Otherwise returns the response that says what was wrong.
 */
export function upgrade(
  request: Request,
  protocol?: string,
): { socket: WebSocket; response: Response } | Response {
  const { headers } = request;
  if (headers.get("upgrade")?.toLowerCase() !== "websocket") {
    return upgradeRequired("this address speaks WebSocket", { upgrade: "websocket" });
  }
  if (headers.get("sec-websocket-version") !== "13") {
    return upgradeRequired("wanted Sec-WebSocket-Version: 13", { "sec-websocket-version": "13" });
  }
  if (!/^[A-Za-z0-9+/]{22}==$/.test(headers.get("sec-websocket-key") ?? "")) {
    return refusalResponse(
      new Refusal("bad_request", "Sec-WebSocket-Key must be 16 bytes in base64"),
    );
  }
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",").map((p) => p.trim());
  const chosen = protocol !== undefined && offered.includes(protocol) ? { protocol } : {};
  return Deno.upgradeWebSocket(request, { ...chosen, idleTimeout: IDLE_S });
}

function upgradeRequired(message: string, headers: Record<string, string>): Response {
  const response = refusalResponse(new Refusal("bad_request", message), 426);
  for (const [name, value] of Object.entries(headers)) response.headers.set(name, value);
  return response;
}

/** Whether a frame is longer than any we accept; most are told by their length in UTF-16 units. */
export function isTooBig(frame: string): boolean {
  if (frame.length * 3 <= LIMITS.bytes) return false;
  return frame.length > LIMITS.bytes || new TextEncoder().encode(frame).length > LIMITS.bytes;
}

/**
 * Hands the socket one frame, after it has taken enough of what it was handed before. Resolves with
 * false where the socket is closed, or has taken nothing for so long that it should be.
 */
export function send(socket: WebSocket, frame: string): boolean | Promise<boolean> {
  if (socket.bufferedAmount > UNSENT_BYTES) {
    return drained(socket).then((ready) => ready && send(socket, frame));
  }
  if (socket.readyState !== WebSocket.OPEN) return false;
  socket.send(frame);
  return true;
}

async function drained(socket: WebSocket): Promise<boolean> {
  let least = socket.bufferedAmount;
  let progress = performance.now();
  while (socket.readyState === WebSocket.OPEN && socket.bufferedAmount > UNSENT_BYTES) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_LOOK_MS));
    if (socket.bufferedAmount < least) {
      least = socket.bufferedAmount;
      progress = performance.now();
    } else if (performance.now() - progress > STALL_MS) return false;
  }
  return socket.readyState === WebSocket.OPEN;
}
