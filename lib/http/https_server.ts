import type { ListenAddress } from "../base/net/listen.ts";
import type { Certificate } from "../base/net/tls/certificate.ts";
import { TlsRelay } from "../base/net/tls/relay.ts";
import type { Limits } from "../limits/mod.ts";
import { Refusal } from "../model/refusal.ts";
import type { Peer } from "./proxy/arrival.ts";
import { refusalResponse } from "./respond.ts";
import { HttpServer } from "./server.ts";

/** Over HTTP/2 a page's requests share one connection; WebSockets need HTTP/1.1, and ask for it. */
const PROTOCOLS = ["h2", "http/1.1"];

export interface HttpsServerOptions {
  readonly handler: (request: Request, peer: Peer) => Promise<Response>;
  readonly certificate: Certificate;
  readonly limits: Limits;
  readonly report: (what: string, error: unknown) => void;
}

/** HTTP/1.1, HTTP/2 and WebSocket over TLS, whose certificate may be renewed beside open connections. */
export class HttpsServer implements Disposable {
  readonly #relay: TlsRelay;
  readonly #http: HttpServer;

  private constructor(relay: TlsRelay, http: HttpServer) {
    this.#relay = relay;
    this.#http = http;
  }

  /** Rejects with a StartupError where the address cannot be had. */
  static async open(
    address: ListenAddress,
    { handler, certificate, limits, report }: HttpsServerOptions,
  ): Promise<HttpsServer> {
    let relay: TlsRelay | undefined;
    const http = new HttpServer({ hostname: "127.0.0.1", port: 0 }, {
      report,
      handler(request, { remoteAddr: { port } }) {
        const client = relay?.clientAt(port);
        if (client) return handler(request, { remoteAddr: client, tls: true });
        // Somebody on this machine who has found the port behind.
        return refusalResponse(new Refusal("forbidden", "this port is not for you"));
      },
    });
    try {
      relay = await TlsRelay.open(address, {
        certificate,
        flags: { host: "--host", port: "--port" },
        protocols: PROTOCOLS,
        to: http.addr.port,
        admit: ({ hostname }) => limits.hold(hostname, "handshake"),
        report,
      });
    } catch (error) {
      await http.shutdown();
      throw error;
    }
    return new HttpsServer(relay, http);
  }

  get addr(): Deno.NetAddr {
    return this.#relay.addr;
  }

  /** For those who connect from now on. */
  renew(certificate: Certificate): void {
    this.#relay.renew(certificate);
  }

  /** Accepts nobody any more; resolves when every response has ended, which an open one may never. */
  shutdown(): Promise<void> {
    this.#relay.stop();
    return this.#http.shutdown();
  }

  /** Cuts what is open. */
  [Symbol.dispose](): void {
    this.#relay[Symbol.dispose]();
  }
}
