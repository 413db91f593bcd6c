import { type Addresses, FREE_PORTS, ServerProcess } from "../../support/server.ts";

export interface RestartableOptions {
  readonly args?: readonly string[];
  /** Listens on the ports of the first start again, as a real restart does. */
  readonly samePorts?: boolean;
}

/** What clients come back to, wherever it is then. */
export interface Reachable {
  /** Where it is reached; while it starts, when it has. Rejects where it is down or does not come up. */
  addresses(): Promise<Addresses>;
}

/** A server process that ends and comes back over the same data. */
export class RestartableServer implements Reachable, AsyncDisposable {
  readonly data: string;
  readonly #options: RestartableOptions;
  #process: ServerProcess | undefined;
  #addresses: Promise<Addresses> | undefined;
  #ports: readonly string[] = FREE_PORTS;

  private constructor(data: string, options: RestartableOptions) {
    this.data = data;
    this.#options = options;
  }

  static async start(options: RestartableOptions = {}): Promise<RestartableServer> {
    const server = new RestartableServer(
      await Deno.makeTempDir({ prefix: "partyline-" }),
      options,
    );
    server.start();
    await server.addresses();
    return server;
  }

  addresses(): Promise<Addresses> {
    return this.#addresses ?? Promise.reject(new Error("the server is down"));
  }

  get process(): ServerProcess {
    if (!this.#process) throw new Error("the server is down");
    return this.#process;
  }

  /** Without limits, unless those that are the default are wanted. */
  start({ limited = false }: { readonly limited?: boolean } = {}): void {
    const limits = limited ? [] : ["--rate-limit", "off", "--no-limits"];
    this.#process = new ServerProcess(
      ["--data", this.data, ...limits, ...this.#ports, ...this.#options.args ?? []],
    );
    this.#addresses = this.#process.addresses();
    this.#addresses.then(({ httpPort, tcpPort }) => {
      if (!this.#options.samePorts) return;
      this.#ports = ["--port", String(httpPort), "--tcp-port", String(tcpPort)];
    }, () => {}); // killed before it was up
  }

  /** Resolves with the exit code when the process has ended. */
  async end(signal: Deno.Signal): Promise<number> {
    await using process = this.process; // its standard input is still ours to close
    this.#process = undefined;
    this.#addresses = undefined;
    process.kill(signal);
    return await process.ended();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await Deno.remove(this.data, { recursive: true });
  }
}
