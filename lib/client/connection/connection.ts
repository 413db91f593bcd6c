import type { Clock } from "../../base/clock.ts";
import type { HeardEvent } from "../../model/events.ts";
import type { Carrier, Frame, OpenCarrier, Opening } from "../carrier.ts";
import type { Transport } from "../transport.ts";
import { Lost, ProtocolError, Silent } from "../errors.ts";
import { Silence } from "./silence.ts";

/** From the opening to the welcome. */
const WELCOME_MS = 10_000;
/** What comes so long after the welcome did not come with it: a proxy passes on what it gets. */
const PROVEN_MS = 1000;
/** How much longer than a ping takes a server that is alive may be silent. */
const PINGS = 2.5;
const PING_AT_MOST_S = 600;
/** A poll waits for 25 s, and has a deadline of its own; this one is for what that may miss. */
const POLL_MS = 60_000;

/** A transport that can be tried. */
export interface TransportChoice {
  readonly via: Transport;
  readonly open: OpenCarrier;
}

export interface ConnectionOptions {
  readonly opening: Opening;
  readonly clock: Clock;
  /** Told what the server says; what it throws as a ProtocolError ends the connection. */
  readonly heard: (connection: Connection, events: readonly HeardEvent[], epoch?: string) => void;
}

/** One connection from its opening to its end, which a silent server brings about too. */
export class Connection {
  readonly via: Transport;
  /** Resolves with why it ended; never rejects. */
  readonly ended: Promise<Error>;
  /** The server took us in. */
  opened = false;
  /** Something came later than the welcome, and not with it. */
  proven = false;
  /** The history is over. */
  live = false;
  readonly #end: (why: Error) => void;
  readonly #options: ConnectionOptions;
  readonly #silence: Silence;
  #carrier: Carrier | undefined;
  #over = false;
  #openedAt = Infinity;

  constructor({ via, open }: TransportChoice, options: ConnectionOptions) {
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.via = via;
    this.ended = promise;
    this.#options = options;
    this.#end = resolve;
    this.#silence = new Silence(WELCOME_MS, {
      clock: options.clock,
      found: () => this.end(new Silent("nothing was heard for too long")),
    });
    try {
      this.#carrier = open(options.opening, {
        heard: (events, epoch) => this.#hear(events, epoch),
        closed: (why) => this.end(why),
      });
      if (this.#over) this.#carrier.drop();
    } catch (error) {
      this.end(error as Error); // a browser's WebSocket throws where it does not like the arguments
    }
  }

  send(frame: Frame): void {
    if (!this.#over) this.#carrier?.send(frame);
  }

  /** Ends it at once. Idempotent. */
  end(why: Error): void {
    if (!this.#stop()) return;
    this.#carrier?.drop();
    this.#end(why);
  }

  /** Takes leave; resolves when that is done, or at the deadline. */
  async close(deadline: AbortSignal): Promise<void> {
    if (!this.#stop()) return;
    await this.#carrier?.close(deadline);
    this.#end(new Lost("we left"));
  }

  #stop(): boolean {
    if (this.#over) return false;
    this.#over = true;
    this.#silence[Symbol.dispose]();
    return true;
  }

  #hear(events: readonly HeardEvent[], epoch: string | undefined): void {
    if (this.#over) return;
    const pingS = events.findLast((event) => event.type === "welcome")?.ping;
    // Nothing but a welcome, or what a poll answers, is what we wait for at first.
    const now = this.#options.clock.monotonic();
    this.proven ||= now >= this.#openedAt + PROVEN_MS;
    if (pingS !== undefined || epoch !== undefined) {
      this.opened = true;
      this.#openedAt = Math.min(this.#openedAt, now);
      this.#silence.heard();
      this.#silence.limitMs = pingS === undefined
        ? POLL_MS
        : 1000 * PINGS * Math.min(Math.max(pingS, 1), PING_AT_MOST_S);
    } else if (this.opened) this.#silence.heard();
    try {
      this.#options.heard(this, events, epoch);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.end(error);
    }
  }
}
