import { settledOr } from "../deadline.ts";

/** Deno's constructor takes headers; the types are those of the page, where it does not. */
const SocketWithHeaders = WebSocket as unknown as {
  new (url: URL, options: { headers: Record<string, string> }): WebSocket;
};

/**
 * A WebSocket that is open. Rejects where it cannot be opened before the signal aborts, with the
 * runtime's error or the signal's reason. The caller sets the handlers before it awaits anything.
 */
export function openSocket(
  url: URL,
  options: { readonly headers?: Record<string, string>; readonly signal: AbortSignal },
): Promise<WebSocket> {
  const { headers = {}, signal } = options;
  return new Promise((resolve, reject) => {
    const socket = new SocketWithHeaders(url, { headers });
    const giveUp = () => {
      reject(signal.reason);
      socket.close();
    };
    signal.addEventListener("abort", giveUp);
    socket.onopen = () => {
      signal.removeEventListener("abort", giveUp);
      socket.onerror = () => {}; // close follows
      resolve(socket);
    };
    socket.onerror = (event) => {
      signal.removeEventListener("abort", giveUp);
      reject(new Error((event as ErrorEvent).message));
    };
    if (signal.aborted) giveUp();
  });
}

/** The closing handshake of RFC 6455, section 7: resolves when the peer has answered, or at the deadline. */
export async function closeSocket(socket: WebSocket, deadline: AbortSignal): Promise<void> {
  if (socket.readyState === WebSocket.CLOSED) return;
  const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
  socket.close(1000);
  await settledOr(deadline, closed);
}
