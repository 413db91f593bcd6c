import { Backoff, pause } from "../../backoff.ts";
import { systemClock } from "../../clock.ts";
import { closeQuietly } from "../accept.ts";
import { cannotListen, type ListenFlags } from "../listen.ts";
import type { Certificate } from "./certificate.ts";

/** A peer that has not shaken hands by then has not come to speak. */
const HANDSHAKE_MS = 10_000;
const RETRY = { minMs: 20, maxMs: 1000 };

interface Address {
  readonly hostname: string;
  readonly port: number;
}

export interface TlsListenerOptions {
  readonly certificate: Certificate;
  readonly flags: ListenFlags;
  /** What is spoken over TLS, as ALPN names it, the preferred first. */
  readonly protocols?: readonly string[];
  readonly report: (what: string, error: unknown) => void;
}

/**
 * Accepts TLS connections, which have not shaken hands yet, and takes up another certificate: those
 * that are open go on with theirs. The runtime's listener keeps its certificate for ever, so another
 * one takes its place; somebody who connects in that moment is refused, and is to try again.
 */
export class TlsListener {
  readonly addr: Deno.NetAddr;
  readonly #options: TlsListenerOptions;
  #listener: Deno.TlsListener;
  #accepting: Promise<unknown> = Promise.resolve();
  #replacing: Promise<void> | undefined;
  #closed = new AbortController();

  /** Throws a StartupError where the address cannot be had. */
  constructor(address: Address, options: TlsListenerOptions) {
    this.#options = options;
    try {
      this.#listener = this.#listen(address, options.certificate);
    } catch (error) {
      throw cannotListen(error, address, options.flags);
    }
    this.addr = this.#listener.addr;
  }

  async accept(): Promise<Deno.TlsConn> {
    for (;;) {
      const listener = this.#listener;
      try {
        const accepting = listener.accept();
        this.#accepting = accepting.catch(() => {});
        return await accepting;
      } catch (error) {
        await this.#replacing;
        if (this.#closed.signal.aborted || listener === this.#listener) throw error;
      }
    }
  }

  /** To be called with a pair that was checked. */
  renew(certificate: Certificate): void {
    this.#replacing = this.#replace(certificate, this.#replacing);
  }

  close(): void {
    this.#closed.abort();
    closeQuietly(this.#listener);
  }

  /** The port is free when nobody waits on the listener before. */
  async #replace(certificate: Certificate, before: Promise<void> | undefined): Promise<void> {
    await before;
    const backoff = new Backoff(RETRY);
    closeQuietly(this.#listener);
    await this.#accepting;
    let told = false;
    for (const { signal } = this.#closed; !signal.aborted;) {
      try {
        this.#listener = this.#listen(this.addr, certificate);
        return;
      } catch (error) {
        if (!told) this.#options.report("cannot listen with the renewed certificate yet", error);
        told = true;
        await pause(systemClock, backoff.nextMs(), signal);
      }
    }
  }

  #listen({ hostname, port }: Address, { cert, key }: Certificate): Deno.TlsListener {
    const alpnProtocols = [...this.#options.protocols ?? []];
    return Deno.listenTls({ hostname, port, cert, key, alpnProtocols });
  }
}

/** Whether the peer speaks TLS, and does so in time; where not, there is nothing that it could be told. */
export async function shakeHands(conn: Deno.TlsConn): Promise<boolean> {
  using _deadline = systemClock.after(HANDSHAKE_MS, () => closeQuietly(conn));
  try {
    await conn.handshake();
    return true;
  } catch {
    return false; // best effort: no TLS, another version, a name that is not ours, or gone
  }
}
