import { closeQuietly, isDisconnect } from "../../base/net/accept.ts";
import { dial } from "../../base/net/dial.ts";
import { LineDecoder } from "../../wire/line_decoder.ts";
import { settledOr } from "../../base/deadline.ts";
import { Echoes, payload, PAYLOAD_BYTES, type Probe } from "./probe.ts";

/** A TCP echo, over TLS where the URL says `tcps:`. Rejects where it cannot be reached. */
export async function probeTcp(url: URL, signal: AbortSignal): Promise<Probe> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const tls = url.protocol === "tcps:";
  const conn = await dial({ hostname, port: Number(url.port), tls, signal });
  if ("setNoDelay" in conn) conn.setNoDelay(true);
  const echoes = new Echoes(url.host);
  const reading = readEchoes(conn, echoes, url.host);
  return {
    peer: url.host,
    bytes: PAYLOAD_BYTES,
    gone: echoes.gone,
    async exchange(seq) {
      const text = payload(seq);
      const answered = echoes.expect(text);
      const bytes = new TextEncoder().encode(text);
      await Promise.all([answered, conn.write(bytes)]);
      return { bytes: PAYLOAD_BYTES };
    },
    async close(deadline) {
      await settledOr(deadline, conn.closeWrite()); // our FIN, and then theirs
      await settledOr(deadline, reading);
      closeQuietly(conn);
      await reading;
    },
  };
}

async function readEchoes(conn: Deno.Conn, echoes: Echoes, peer: string): Promise<void> {
  const lines = new LineDecoder(PAYLOAD_BYTES);
  const buffer = new Uint8Array(4 * PAYLOAD_BYTES);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) return echoes.end(new Error(`${peer} closed the connection`));
      for (const line of lines.push(buffer.subarray(0, count))) {
        if (!echoes.arrived(line.type === "line" && `${line.text}\n`)) return;
      }
    }
  } catch (error) {
    if (!isDisconnect(error)) throw error;
    echoes.end(new Error(`${peer} cut the connection`));
  }
}
