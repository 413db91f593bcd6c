import { acceptLoop, closeQuietly, type Listener } from "../base/net/accept.ts";
import { listenTcp } from "../base/net/listen.ts";
import type { Certificate } from "../base/net/tls/certificate.ts";
import { shakeHands, TlsListener } from "../base/net/tls/listener.ts";
import type { Limits } from "../limits/mod.ts";
import type { EmptyLine } from "./lines/conversation.ts";
import type { Services } from "./services.ts";
import { tcpRoom } from "./tcp.ts";

const FLAGS = { host: "--host", port: "--tcp-port" };

export interface TcpPortOptions {
  readonly services: Services;
  readonly emptyLine: EmptyLine;
  /** With one TLS is spoken, and nothing else. */
  readonly certificate: Certificate | undefined;
  readonly report: (what: string, error?: unknown) => void;
}

/** The port of the TCP room. It is had from the start, and answers from `accept` on. */
export class TcpPort implements Disposable {
  readonly #options: TcpPortOptions;
  readonly #listener: Deno.TcpListener | TlsListener;

  /** Throws a StartupError where the address cannot be had. */
  constructor(
    address: { readonly hostname: string; readonly port: number },
    options: TcpPortOptions,
  ) {
    const { certificate, report } = options;
    this.#options = options;
    this.#listener = certificate
      ? new TlsListener(address, { certificate, flags: FLAGS, report })
      : listenTcp(address, FLAGS);
  }

  get addr(): Deno.NetAddr {
    return this.#listener.addr;
  }

  /** Until the signal aborts; resolves when the last connection has ended. */
  accept(signal: AbortSignal): Promise<void> {
    const { services, emptyLine, report } = this.#options;
    const listener: Listener<Deno.TcpConn | Deno.TlsConn> = this.#listener;
    return acceptLoop(listener, async (conn) => {
      if ("handshake" in conn && !await isWelcome(conn, services.limits)) return;
      await tcpRoom(conn, services, emptyLine);
    }, { signal, report });
  }

  /** For those who connect from now on. */
  renew(certificate: Certificate): void {
    if (this.#listener instanceof TlsListener) this.#listener.renew(certificate);
  }

  [Symbol.dispose](): void {
    closeQuietly(this.#listener);
  }
}

/** Until hands are shaken the connection counts as one that is open. */
async function isWelcome(conn: Deno.TlsConn, limits: Limits): Promise<boolean> {
  try {
    using _held = limits.hold(conn.remoteAddr.hostname, "handshake");
    return await shakeHands(conn);
  } catch {
    return false; // a Refusal, which nobody can be told who does not speak TLS yet
  }
}
