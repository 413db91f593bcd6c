import type { Addresses } from "../../support/server.ts";

/** Opens a WebSocket and hands on its text frames; `ended` resolves with the close. */
export async function openSocket(
  { httpPort }: Addresses,
  path: string,
  options: {
    readonly headers?: Record<string, string>;
    readonly protocols?: string[];
    readonly onFrame?: (text: string) => void;
  } = {},
): Promise<{ readonly socket: WebSocket; readonly ended: Promise<CloseEvent> }> {
  // Deno takes headers too; the browser's types, which are the ones in force, do not know that.
  const init = { headers: options.headers ?? {}, protocols: options.protocols ?? [] };
  const socket = new WebSocket(
    `ws://127.0.0.1:${httpPort}${path}`,
    init as unknown as string[],
  );
  const opened = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<CloseEvent>();
  socket.onmessage = ({ data }) => options.onFrame?.(data);
  socket.onopen = () => opened.resolve();
  socket.onerror = (event) => opened.reject(new Error((event as ErrorEvent).message));
  socket.onclose = (event) => ended.resolve(event);
  await opened.promise;
  return { socket, ended: ended.promise };
}
