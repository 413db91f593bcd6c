import { systemClock } from "../../clock.ts";
import { StartupError } from "../../startup_error.ts";
import type { ListenAddress, ListenFlags } from "../listen.ts";
import type { Certificate } from "./certificate.ts";
import type { Order, Report } from "./messages.ts";

/** Word of a connection comes from another thread: by then it has. */
const WORD_MS = 2000;

export interface TlsRelayOptions {
  readonly certificate: Certificate;
  readonly flags: ListenFlags;
  /** What is spoken over TLS, as ALPN names it, the preferred first; none is offered where empty. */
  readonly protocols: readonly string[];
  /** The port of this machine where the same is spoken without TLS. */
  readonly to: number;
  /**
   * Counts somebody who connects, for as long as they have not shaken hands. Throws where they may not.
   */
  readonly admit: (from: Deno.NetAddr) => Disposable;
  readonly report: (what: string, error: unknown) => void;
}

/** Somebody who has connected. */
interface Peer {
  readonly from: Deno.NetAddr;
  readonly held: Disposable;
  /** Where their bytes come from on this machine. */
  port?: number;
}

/**
 * TLS in front of a server that has none, in a thread of its own. The runtime's own servers cannot take
 * up another certificate: `Deno.serve` closes all its WebSockets when it gives up its port. Here a
 * renewed certificate is for those who come from then on, and all others go on.
 */
export class TlsRelay implements Disposable {
  readonly addr: Deno.NetAddr;
  readonly #worker: Worker;
  readonly #options: TlsRelayOptions;
  readonly #peers = new Map<number, Peer>();
  readonly #byPort = new Map<number, Peer>();
  readonly #expected = new Map<number, () => void>();

  private constructor(worker: Worker, addr: Deno.NetAddr, options: TlsRelayOptions) {
    this.#worker = worker;
    this.addr = addr;
    this.#options = options;
    worker.onmessage = ({ data }: MessageEvent<Report>) => this.#told(data);
  }

  /** Rejects with a StartupError where the address cannot be had. */
  static async open(
    address: ListenAddress,
    options: TlsRelayOptions,
  ): Promise<TlsRelay> {
    const { certificate, flags, protocols, to, report } = options;
    const worker = new Worker(import.meta.resolve("./relay_main.ts"), { type: "module" });
    const opening = Promise.withResolvers<Deno.NetAddr>();
    worker.onmessage = ({ data }: MessageEvent<Report>) => {
      if (data.type === "opened") opening.resolve(data.addr);
      else if (data.type === "failed") opening.reject(new StartupError(data.message));
    };
    worker.onerror = (event) => {
      event.preventDefault(); // the whole process would end
      const error = new Error(event.message);
      report("TLS has ended: nobody can connect until a restart", error);
      opening.reject(error);
    };
    send(worker, { type: "open", address, certificate, flags, protocols, to });
    try {
      return new TlsRelay(worker, await opening.promise, options);
    } catch (error) {
      worker.terminate();
      throw error;
    }
  }

  /** Who is behind a connection that comes from this port of this machine; undefined: nobody of ours. */
  clientAt(port: number): Deno.NetAddr | undefined {
    return this.#byPort.get(port)?.from;
  }

  /** The same for a connection that may have come before word of it; waits a little. */
  async whoIsAt(port: number): Promise<Deno.NetAddr | undefined> {
    const known = this.clientAt(port);
    if (known) return known;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#expected.set(port, resolve);
    using _late = systemClock.after(WORD_MS, resolve);
    await promise;
    this.#expected.delete(port);
    return this.clientAt(port);
  }

  renew(certificate: Certificate): void {
    send(this.#worker, { type: "renew", certificate });
  }

  /** Accepts nobody any more; who is here stays. */
  stop(): void {
    send(this.#worker, { type: "stop" });
  }

  /** Cuts all connections. */
  [Symbol.dispose](): void {
    this.#worker.terminate();
    for (const { held } of this.#peers.values()) held[Symbol.dispose]();
  }

  #told(report: Report): void {
    if (report.type === "trouble") this.#options.report(report.what, report.error);
    else if (report.type === "came") this.#admit(report.id, report.from);
    else if (report.type === "dialed") this.#dialed(report.id, report.port);
    else if (report.type === "gone") this.#gone(report.id);
  }

  #admit(id: number, from: Deno.NetAddr): void {
    try {
      this.#peers.set(id, { from, held: this.#options.admit(from) });
    } catch {
      send(this.#worker, { type: "refuse", id }); // who cannot speak TLS yet can be told nothing
    }
  }

  /** From here on the requests are what counts. */
  #dialed(id: number, port: number): void {
    const peer = this.#peers.get(id);
    if (!peer) return; // it was refused while it shook hands
    peer.held[Symbol.dispose]();
    peer.port = port;
    this.#byPort.set(port, peer);
    this.#expected.get(port)?.();
    send(this.#worker, { type: "go", id });
  }

  #gone(id: number): void {
    const peer = this.#peers.get(id);
    if (!peer) return;
    peer.held[Symbol.dispose]();
    this.#peers.delete(id);
    if (peer.port !== undefined && this.#byPort.get(peer.port) === peer) {
      this.#byPort.delete(peer.port);
    }
  }
}

function send(worker: Worker, order: Order): void {
  worker.postMessage(order);
}
