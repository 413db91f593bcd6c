import { closeQuietly } from "./accept.ts";

/**
 * Opens a TCP connection, over TLS where `tls` is true. Rejects where it cannot be opened, where the
 * certificate is not good for the host, or where the signal aborts before.
 */
export async function dial(
  { tls, ...address }: {
    readonly hostname: string;
    readonly port: number;
    readonly tls: boolean;
    readonly signal: AbortSignal;
  },
): Promise<Deno.TcpConn | Deno.TlsConn> {
  const conn = await Deno.connect(address);
  if (!tls) return conn;
  const { hostname, signal } = address;
  conn.setNoDelay(true); // the runtime cannot do that any more when it speaks TLS
  const secured = await Deno.startTls(conn, { hostname });
  const cut = () => closeQuietly(secured);
  signal.addEventListener("abort", cut, { once: true });
  try {
    await secured.handshake();
    return secured;
  } catch (error) {
    cut();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", cut);
  }
}
