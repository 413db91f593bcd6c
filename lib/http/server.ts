import { type Clock, systemClock } from "../base/clock.ts";
import { cannotListen, type ListenAddress, listenOptions } from "../base/net/listen.ts";

/** Out of file descriptors, the runtime's server ends; by then some have been given back. */
const AGAIN_MS = 500;

type Info = Deno.ServeHandlerInfo<Deno.NetAddr>;
type Serve = (address: ListenAddress, handler: ServeHandler) => Deno.HttpServer<Deno.NetAddr>;

/** What `Deno.serve` calls for each request. */
export type ServeHandler = (request: Request, info: Info) => Response | Promise<Response>;

export interface HttpServerOptions {
  readonly handler: ServeHandler;
  /** Told when the server had to be started again. */
  readonly report: (what: string, error: unknown) => void;
  readonly clock?: Clock;
  /** `Deno.serve`, or what a test puts in its place. */
  readonly serve?: Serve;
}

/**
 * `Deno.serve` that does not end before `shutdown`: out of file descriptors it serves again, on the
 * same port, as soon as it can.
 */
export class HttpServer {
  readonly addr: Deno.NetAddr;
  readonly #options: Required<HttpServerOptions>;
  readonly #reusePort: boolean | undefined;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #stopped = false;

  /** Throws a StartupError where the address cannot be had. */
  constructor(address: ListenAddress, options: HttpServerOptions) {
    this.#options = { clock: systemClock, serve: denoServe, ...options };
    try {
      this.#server = this.#serve(address);
    } catch (error) {
      throw cannotListen(error, address, { host: "--host", port: "--port" });
    }
    this.addr = this.#server.addr;
    this.#reusePort = address.reusePort;
  }

  /** Accepts nobody any more; resolves when every response has ended, which an open one may never. */
  shutdown(): Promise<void> {
    this.#stopped = true;
    return this.#server.shutdown();
  }

  #serve(address: ListenAddress): Deno.HttpServer<Deno.NetAddr> {
    const { serve, handler, report } = this.#options;
    const server = serve(address, handler);
    server.finished.catch((error) => {
      report("the HTTP server ended; it is started again", error);
      this.#serveAgain();
    });
    return server;
  }

  #serveAgain(): void {
    this.#options.clock.after(AGAIN_MS, () => {
      if (this.#stopped) return;
      try {
        this.#server = this.#serve({ ...this.addr, reusePort: this.#reusePort });
      } catch (error) {
        this.#options.report("the HTTP server cannot be started again yet", error);
        this.#serveAgain();
      }
    });
  }
}

const denoServe: Serve = (address, handler) =>
  Deno.serve({ ...listenOptions(address), onListen: () => {} }, handler);
