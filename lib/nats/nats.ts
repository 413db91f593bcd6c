import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import type { JetStreamManager } from "@nats-io/jetstream";
import { credsAuthenticator, type NatsConnection } from "@nats-io/nats-core";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import { type Clock, systemClock } from "../base/clock.ts";
import { type Logger, silent } from "../base/observe/logger.ts";
import { StartupError } from "../base/startup_error.ts";
import { type PatienceOptions, patiently } from "./patience.ts";
import { DenoTransport } from "./transport.ts";

/** Where NATS is, and as whom we connect. */
export interface NatsOptions {
  /** `host:port` of at least one server of the cluster; the others are learned from it. */
  readonly servers: readonly string[];
  /** Connects over TLS and not otherwise; without it, over TLS where the server wants it. */
  readonly tls?: boolean;
  /** A file in PEM with who has signed the servers' certificates; implies `tls`. */
  readonly ca?: string | undefined;
  /** A file as `nsc` writes it, read anew for each connect. */
  readonly credentials?: string | undefined;
  readonly user?: string;
  readonly password?: string;
}

type Patience = Omit<PatienceOptions, "what">;

/** What a program may want otherwise than it is by default. */
export interface NatsEnvironment {
  readonly clock?: Clock;
  /** Told when the connection is lost, and when it is back. */
  readonly log?: Logger;
  /** How long `open` tries. */
  readonly openMs?: number;
}

/**
 * A server that takes nothing any more, without closing the connection, is given up after two pings
 * without an answer: some 6 s. NATS' default of two minutes is for programs whose users wait for less.
 */
const PING_MS = 2000;
const PINGS_WITHOUT_ANSWER = 2;
/** Between two tries with one server; a node that has lost its server is at the next one at once. */
const RETRY_MS = 250;
/** As long as a cluster that starts at the same time takes to choose its leaders, and longer. */
const OPEN_MS = 30_000;
/** How long the server has for an answer, also about JetStream. */
const ANSWER_MS = 5000;

/**
 * One connection to NATS, which is there for as long as the program runs: once lost, it reconnects
 * for ever, to any server of the cluster. While it is lost, requests and JetStream's publishing fail
 * with a time-out or at once, and what is published by `core` goes nowhere without an error: whoever
 * minds asks `connected` first. Subscriptions and consumers go on after a reconnect by themselves;
 * what core NATS published meanwhile was missed.
 */
export class Nats implements AsyncDisposable {
  /** Publish, subscribe and request. */
  readonly core: NatsConnection;
  readonly jetstream: JetStreamClient;
  /** What streams and consumers there are. */
  readonly manager: JetStreamManager;
  readonly #patience: Patience;
  readonly #log: Logger;
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #following: Promise<void>;
  #connected = true;
  #closing = false;
  #losses = 0;

  private constructor(core: NatsConnection, manager: JetStreamManager, patience: Patience) {
    this.core = core;
    this.jetstream = jetstream(core, { timeout: ANSWER_MS });
    this.manager = manager;
    this.#patience = patience;
    this.#log = patience.log;
    this.#following = this.#follow();
  }

  /**
   * Connects, and sees that there is JetStream. As long as there is neither, it tries again, for half
   * a minute; then, or at once where the server does not let us in, it rejects with a StartupError.
   */
  static async open(
    options: NatsOptions,
    { clock = systemClock, log = silent, openMs = OPEN_MS }: NatsEnvironment = {},
  ): Promise<Nats> {
    const at = options.servers.join(", ");
    const patience = { clock, log, forMs: openMs };
    return await patiently(() => Nats.#open(options, patience), {
      ...patience,
      what: `NATS at ${at}`,
    });
  }

  static async #open(options: NatsOptions, patience: Patience): Promise<Nats> {
    setTransportFactory({ factory: () => new DenoTransport() });
    const core = await NatsConnectionImpl.connect({
      name: "partyline",
      servers: [...options.servers],
      ...(options.user !== undefined && { user: options.user }),
      ...(options.password !== undefined && { pass: options.password }),
      ...credentialsOf(options),
      ...tlsOf(options),
      timeout: ANSWER_MS,
      pingInterval: PING_MS,
      maxPingOut: PINGS_WITHOUT_ANSWER,
      maxReconnectAttempts: -1,
      // Somebody may be about to put the credentials right.
      ignoreAuthErrorAbort: true,
      reconnectTimeWait: RETRY_MS,
      reconnectJitter: RETRY_MS,
      reconnectJitterTLS: RETRY_MS,
    });
    try {
      return new Nats(core, await jetstreamManager(core, { timeout: ANSWER_MS }), patience);
    } catch (error) {
      await core.close();
      throw error;
    }
  }

  /**
   * Does what may have to wait for a cluster that has just been started, trying again for half a
   * minute. Rejects with a StartupError that says what cannot be used: `what`, or what `action` says.
   */
  patiently<T>(what: string, action: () => Promise<T>): Promise<T> {
    return patiently(action, { ...this.#patience, what });
  }

  /** Whether there is a connection now, as far as is known: one that died is noticed within seconds. */
  get connected(): boolean {
    return this.#connected;
  }

  /** The `host:port` we are connected to, or were. */
  get server(): string {
    return this.core.getServer();
  }

  /** How often the connection has been lost. */
  get losses(): number {
    return this.#losses;
  }

  /** Calls `listener` whenever the connection is lost, and when it is back, until disposed. */
  watch(listener: (connected: boolean) => void): Disposable {
    this.#listeners.add(listener);
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
  }

  /** Sends what is still to be sent where there is a connection, and closes it; what waits is rejected. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    this.#listeners.clear();
    if (this.#connected) await this.core.flush().catch(() => {}); // best effort: it may be lost now
    await this.core.close();
    await this.#following;
  }

  async #follow(): Promise<void> {
    for await (const status of this.core.status()) {
      if (status.type === "disconnect") this.#turn(false, status.server);
      if (status.type === "reconnect") this.#turn(true, status.server);
      if (status.type === "error") {
        this.#log.log("warning", "nats", `NATS refuses: ${status.error.message}`, {
          event: "nats_refused",
        });
      }
    }
  }

  #turn(connected: boolean, server: string): void {
    if (this.#closing || connected === this.#connected) return;
    this.#connected = connected;
    if (connected) {
      this.#log.log("info", "nats", `NATS is back, at ${server}`, { event: "nats_back", server });
    } else {
      this.#losses++;
      const message = `NATS at ${server} is lost; reconnecting`;
      this.#log.log("warning", "nats", message, { event: "nats_lost", server });
    }
    for (const listener of [...this.#listeners]) listener(connected);
  }
}

function credentialsOf({ credentials }: NatsOptions) {
  if (credentials === undefined) return {};
  read("--nats-creds", credentials);
  return { authenticator: credsAuthenticator(() => Deno.readFileSync(credentials)) };
}

function tlsOf({ tls, ca }: NatsOptions) {
  if (ca !== undefined) return { tls: { ca: new TextDecoder().decode(read("--nats-tls-ca", ca)) } };
  return tls ? { tls: {} } : {};
}

function read(flag: string, path: string): Uint8Array {
  try {
    return Deno.readFileSync(path);
  } catch (cause) {
    throw new StartupError(`cannot read ${flag} ${path}: ${(cause as Error).message}`, { cause });
  }
}
