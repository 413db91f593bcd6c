import { systemClock } from "../base/clock.ts";
import { readCertificate } from "../base/net/tls/certificate.ts";
import { Renewal } from "../base/net/tls/renewal.ts";
import { HttpsServer } from "../http/https_server.ts";
import type { Peer } from "../http/proxy/arrival.ts";
import { HttpServer } from "../http/server.ts";
import type { Services } from "../transports/services.ts";
import { TcpPort } from "../transports/tcp_port.ts";
import type { ServerOptions } from "./options.ts";

/** What a server listens on. */
export class Ports {
  readonly #http: HttpServer | HttpsServer;
  readonly #tcp: TcpPort | undefined;
  readonly #renewal: Renewal | undefined;
  readonly #draining = new AbortController();
  readonly #accepting: Promise<void> | undefined;

  private constructor(
    http: HttpServer | HttpsServer,
    tcp: TcpPort | undefined,
    renewal: Renewal | undefined,
  ) {
    this.#http = http;
    this.#tcp = tcp;
    this.#renewal = renewal;
    this.#accepting = tcp?.accept(this.#draining.signal, http.addr.port);
  }

  /**
   * Listens on all of them, or rejects with a StartupError. What is to be closed is given to `opening`;
   * before that come `stopTcp` and `shutdownHttp`.
   */
  static async open(
    opening: AsyncDisposableStack,
    { host, port, tcpPort, emptyLine, network: { tls, reusePort } = {}, report }: ServerOptions,
    { services, handler }: {
      readonly services: Services;
      readonly handler: (request: Request, peer: Peer) => Promise<Response>;
    },
  ): Promise<Ports> {
    const certificate = tls && readCertificate(tls);
    // The TCP port first: it answers nobody before both are there.
    const tcp = tcpPort === undefined ? undefined : opening.use(
      await TcpPort.open({ hostname: host, port: tcpPort, reusePort }, {
        services,
        emptyLine,
        certificate,
        report,
      }),
    );
    const address = { hostname: host, port, reusePort };
    const { limits } = services;
    const http = certificate
      ? opening.use(await HttpsServer.open(address, { handler, certificate, limits, report }))
      : new HttpServer(address, { handler, report });
    const renewal = tls && certificate && opening.use(
      new Renewal(tls, certificate, {
        clock: systemClock,
        report,
        renewed(certificate) {
          tcp?.renew(certificate);
          if (http instanceof HttpsServer) http.renew(certificate);
        },
      }),
    );
    return new Ports(http, tcp, renewal);
  }

  get http(): Deno.NetAddr {
    return this.#http.addr;
  }

  get tcp(): Deno.NetAddr | undefined {
    return this.#tcp?.addr;
  }

  /** Looks now whether there is a new certificate. */
  renewCertificate(): void {
    this.#renewal?.look(true);
  }

  /** Accepts nobody any more over TCP. */
  stopTcp(): void {
    this.#draining.abort();
  }

  /** Resolves when the last TCP connection has ended. */
  get tcpEnded(): Promise<void> {
    return this.#accepting ?? Promise.resolve();
  }

  /** Accepts nobody any more; resolves when every response has ended, which an open one may never. */
  shutdownHttp(): Promise<void> {
    return this.#http.shutdown();
  }
}
