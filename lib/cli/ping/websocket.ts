import { closeSocket, openSocket } from "../../base/net/socket.ts";
import { Echoes, payload, PAYLOAD_BYTES, type Probe } from "./probe.ts";

/** A WebSocket echo. Rejects where it cannot be reached. */
export async function probeWebSocket(url: URL, signal: AbortSignal): Promise<Probe> {
  const socket = await openSocket(url, { signal });
  const echoes = new Echoes(url.host);
  socket.onmessage = ({ data }) => {
    if (!echoes.arrived(data)) socket.close(1000);
  };
  socket.onclose = ({ code, reason, wasClean }) => {
    const how = wasClean ? `closed with ${code}${reason && ` (${reason})`}` : "is gone";
    echoes.end(new Error(`${url.host} ${how}`));
  };
  return {
    peer: url.host,
    bytes: PAYLOAD_BYTES,
    gone: echoes.gone,
    async exchange(seq) {
      const text = payload(seq);
      const answered = echoes.expect(text);
      socket.send(text);
      await answered;
      return { bytes: PAYLOAD_BYTES };
    },
    async close(deadline) {
      await closeSocket(socket, deadline);
      echoes.end(new Error("we left"));
    },
  };
}
