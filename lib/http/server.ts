import { cannotListen } from "../base/listen.ts";

/** Out of file descriptors, the runtime's server ends; by then some have been given back. */
const AGAIN_MS = 500;

type Handler = (
  request: Request,
  info: Deno.ServeHandlerInfo<Deno.NetAddr>,
) => Response | Promise<Response>;

/**
 * `Deno.serve` that does not end before `shutdown`: out of file descriptors it serves again, on the
 * same port, as soon as it can.
 */
export class HttpServer {
  readonly addr: Deno.NetAddr;
  readonly #handler: Handler;
  readonly #report: (what: string, error: unknown) => void;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #stopped = false;

  /** Throws a StartupError where the address cannot be had. */
  constructor(
    at: { hostname: string; port: number },
    handler: Handler,
    report: (what: string, error: unknown) => void,
  ) {
    this.#handler = handler;
    this.#report = report;
    try {
      this.#server = this.#serve(at);
    } catch (error) {
      throw cannotListen(error, at, { host: "--host", port: "--port" });
    }
    this.addr = this.#server.addr;
  }

  /** Accepts nobody any more; resolves when every response has ended, which an open one may never. */
  shutdown(): Promise<void> {
    this.#stopped = true;
    return this.#server.shutdown();
  }

  #serve(at: { hostname: string; port: number }): Deno.HttpServer<Deno.NetAddr> {
    const server = Deno.serve({ ...at, onListen: () => {} }, this.#handler);
    server.finished.catch((error) => {
      this.#report("the HTTP server ended; it is started again", error);
      this.#serveAgain();
    });
    return server;
  }

  #serveAgain(): void {
    setTimeout(() => {
      if (this.#stopped) return;
      try {
        this.#server = this.#serve(this.addr);
      } catch (error) {
        this.#report("the HTTP server cannot be started again yet", error);
        this.#serveAgain();
      }
    }, AGAIN_MS);
  }
}
