import { StartupError } from "../../startup_error.ts";
import { type Answer, CONNECT_MS, Echoes, payload, PAYLOAD_BYTES, type Probe } from "./probe.ts";

/** A WebSocket echo. Throws a StartupError where it cannot be reached. */
export async function probeWebSocket(url: URL, signal: AbortSignal): Promise<Probe> {
  const socket = new WebSocket(url);
  const echoes = new Echoes(url.host);
  const closed = new Promise<void>((resolve) => {
    socket.onclose = ({ code, reason }) => {
      echoes.end(new Error(`closed by ${url.host}: ${code}${reason && ` ${reason}`}`));
      resolve();
    };
  });
  await opened(socket, url, AbortSignal.any([signal, AbortSignal.timeout(CONNECT_MS)]));
  socket.onerror = () => {}; // close follows
  socket.onmessage = ({ data }) => {
    if (!echoes.arrived(data)) socket.close(1000);
  };
  return {
    peer: url.host,
    bytes: PAYLOAD_BYTES,
    gone: echoes.gone,
    async exchange(seq): Promise<Answer> {
      const text = payload(seq);
      const answered = echoes.expect(text);
      socket.send(text);
      await answered;
      return { bytes: PAYLOAD_BYTES };
    },
    async close(deadline) {
      socket.close(1000);
      await Promise.race([closed, aborted(deadline)]);
    },
  };
}

function opened(socket: WebSocket, url: URL, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new StartupError(`cannot open ${url}: ${why}`));
    const giveUp = () => {
      fail("no answer");
      socket.close();
    };
    signal.addEventListener("abort", giveUp);
    socket.onopen = () => {
      signal.removeEventListener("abort", giveUp);
      resolve();
    };
    socket.onerror = (event) => {
      signal.removeEventListener("abort", giveUp);
      fail(reasonOf((event as ErrorEvent).message));
    };
  });
}
