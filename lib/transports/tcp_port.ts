import { acceptLoop, closeQuietly } from "../base/net/accept.ts";
import { hostPort, type ListenAddress, listenTcp } from "../base/net/listen.ts";
import type { Certificate } from "../base/net/tls/certificate.ts";
import { TlsRelay } from "../base/net/tls/relay.ts";
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
  readonly #listener: Deno.TcpListener;
  readonly #relay: TlsRelay | undefined;

  private constructor(options: TcpPortOptions, listener: Deno.TcpListener, relay?: TlsRelay) {
    this.#options = options;
    this.#listener = listener;
    this.#relay = relay;
  }

  /** Rejects with a StartupError where the address cannot be had. */
  static async open(address: ListenAddress, options: TcpPortOptions): Promise<TcpPort> {
    const { certificate, services: { limits }, report } = options;
    if (!certificate) return new TcpPort(options, listenTcp(address, FLAGS));
    const listener = listenTcp({ hostname: "127.0.0.1", port: 0 }, FLAGS);
    try {
      const relay = await TlsRelay.open(address, {
        certificate,
        flags: FLAGS,
        protocols: [],
        to: listener.addr.port,
        admit: ({ hostname }) => limits.hold(hostname, "handshake"),
        report,
      });
      return new TcpPort(options, listener, relay);
    } catch (error) {
      closeQuietly(listener);
      throw error;
    }
  }

  get addr(): Deno.NetAddr {
    return this.#relay?.addr ?? this.#listener.addr;
  }

  /**
   * Until the signal aborts; resolves when the last connection has ended. `httpPort` is where the room's
   * pages are, on each address that this port has.
   */
  accept(signal: AbortSignal, httpPort: number): Promise<void> {
    const { services, emptyLine, report } = this.#options;
    signal.addEventListener("abort", () => this.#relay?.stop(), { once: true });
    return acceptLoop(this.#listener, async (conn) => {
      if (!this.#relay) {
        const base = `http://${hostPort(conn.localAddr.hostname, httpPort)}/`;
        return await tcpRoom(conn, services, { emptyLine, base });
      }
      const client = await this.#relay.whoIsAt(conn.remoteAddr.port);
      // By which name it came is not known here: that is the certificate's. Else it is somebody on this machine who has found the port behind.
      if (client) await tcpRoom(conn, services, { emptyLine, address: client.hostname });
    }, { signal, report });
  }

  /** For those who connect from now on. */
  renew(certificate: Certificate): void {
    this.#relay?.renew(certificate);
  }

  /** Accepts nobody any more; with TLS, what is open is cut. */
  [Symbol.dispose](): void {
    closeQuietly(this.#listener);
    this.#relay?.[Symbol.dispose]();
  }
}
