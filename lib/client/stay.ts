import type { Clock } from "../base/clock.ts";
import type { HeardEvent, Welcome } from "../model/events.ts";
import { Refusal } from "../model/refusal.ts";
import type { Opening } from "./carrier.ts";
import type { ConnectionState } from "./client.ts";
import type { Transport } from "./transport.ts";
import { Connector } from "./connection/connector.ts";
import { Connection, type TransportChoice } from "./connection/connection.ts";
import { NotConnected, Silent, TurnedAway, UNAUTHORIZED } from "./errors.ts";
import type { Identity } from "./identity.ts";
import type { Outbox } from "./outbox/outbox.ts";
import { People } from "./people.ts";
import { Reading } from "./reading/reading.ts";
import { RefusedRequest, type Requests, toLoss } from "./requests.ts";

/** A proxy that gathers will go on to do so. */
const AVOIDED_MS = 600_000;

/** What a stay is made of. */
export interface StayOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly since: string | undefined;
  readonly recent: number | undefined;
  readonly giveUpMs: number;
  readonly identity: Identity;
  readonly outbox: Outbox;
  /** Undefined where all there is is a TCP port. */
  readonly requests: Requests | undefined;
  /** The browser says who we are. */
  readonly cookie: boolean;
  /** Best first. */
  readonly choices: readonly TransportChoice[];
  /** For somebody who only reads; used from the start where `lurk` is true. */
  readonly lurking: readonly TransportChoice[];
  readonly lurk: boolean;
}

/** What comes of a room, over one connection after the other: checked, folded, and handed on. */
export class Stay {
  readonly people = new People();
  readonly reading: Reading;
  readonly connector: Connector;
  state: ConnectionState = { type: "connecting" };
  readonly #options: StayOptions;
  #lurking: boolean;
  #everConnected = false;
  /** How many entries came on this connection before it was live. */
  #missed = 0;
  /** This connection only carries what we say: what comes is not taken, and comes again on the next. */
  #deaf = false;
  /** What stayed silent when it was tried last; told once. */
  #silent: Transport | undefined;
  /** What was opened and stayed silent then, and until when it is not tried again. */
  readonly #avoided = new Map<Transport, number>();
  /** What the outbox speaks to. */
  #attached: Connection | undefined;

  constructor(options: StayOptions) {
    const { clock, random, giveUpMs, outbox } = options;
    this.#options = options;
    this.#lurking = options.lurk;
    this.reading = new Reading(options.since, () => this.#caughtUp());
    this.connector = new Connector({
      clock,
      random,
      giveUpMs,
      choices: () => this.#lurking ? options.lurking : this.#choices(),
      prepare: (choice) => this.#prepare(choice),
      connection: (choice) => this.#connection(choice),
      probe: (choice) => this.#probe(choice),
      resting: () => this.reading.stalled && outbox.idle,
      changed: (state) => this.#change(state),
    });
  }

  /** We only read, and are nobody in the room. */
  get lurking(): boolean {
    return this.#lurking;
  }

  /** From here on we are somebody: the name is ours already. */
  enter(): void {
    this.#lurking = false;
    this.#everConnected = false;
    this.connector.restart("we come in");
  }

  /** Nothing comes any more; `error` is thrown to whoever reads. Idempotent. */
  end(error?: unknown): void {
    if (this.state.type === "closed") return;
    this.state = { type: "closed" };
    this.reading.push({ type: "connection", state: this.state });
    this.reading.end(error);
  }

  /** Poll makes no session, a cookie's name must be told before, and so must the password. */
  async #prepare({ via }: TransportChoice): Promise<void> {
    const { identity, requests, cookie } = this.#options;
    const mustGive = identity.hasPasswordToGive;
    if (!requests || !mustGive && (this.#lurking || !cookie && via !== "poll")) return;
    try {
      if (this.#lurking) await identity.givePassword(requests);
      else await identity.introduce(requests);
    } catch (error) {
      const refused = error instanceof RefusedRequest &&
        (error.code === "name_taken" || error.code === "bad_request");
      if (!cookie || !refused) throw toLoss(error);
      // The name cannot be had: from here on we only read, until there is another.
      identity.name = undefined;
      this.#lurking = true;
      this.connector.restart("the name cannot be had");
      this.reading.push({ type: "error", code: error.code, message: error.message });
    }
  }

  #connection(choice: TransportChoice): Connection {
    const { clock, outbox, identity } = this.#options;
    this.#deaf = this.reading.stalled;
    this.#missed = 0;
    const opening = { ...this.#opening, ...(this.#silent && { silent: this.#silent }) };
    this.#silent = undefined;
    const connection = new Connection(choice, {
      opening: this.#deaf ? { ...opening, since: undefined, recent: 0 } : opening,
      clock,
      heard: (connection, events, epoch) => this.#hear(connection, events, epoch),
    });
    connection.ended.then((why) => {
      if (why instanceof Silent && !connection.proven) this.#stayedSilent(connection);
      outbox.detach();
      identity.disconnected();
    });
    return connection;
  }

  /**
   * What is opened tells nothing more of a stream that a proxy gathers: its welcome may come, with
   * enough history behind it, and nothing after that.
   */
  #stayedSilent({ via, opened }: Connection): void {
    this.#silent = via;
    if (opened) this.#avoided.set(via, this.#options.clock.monotonic() + AVOIDED_MS);
  }

  #choices(): readonly TransportChoice[] {
    const { clock, choices } = this.#options;
    const now = clock.monotonic();
    const left = choices.filter(({ via }) => now >= (this.#avoided.get(via) ?? -Infinity));
    return left.length > 0 ? left : choices;
  }

  #probe(choice: TransportChoice): Connection {
    const { clock } = this.#options;
    const heard = (connection: Connection) => {
      if (connection.opened) connection.end(new NotConnected("it can be had"));
    };
    return new Connection(choice, { opening: this.#opening, clock, heard });
  }

  get #opening(): Opening {
    const { identity: { name, token }, cookie, recent } = this.#options;
    const since = this.reading.next;
    return {
      name,
      token: cookie ? undefined : token,
      since,
      recent: since === undefined ? recent : undefined,
    };
  }

  #hear(connection: Connection, events: readonly HeardEvent[], epoch: string | undefined): void {
    this.connector.heard();
    if (epoch !== undefined) {
      if (!this.#deaf) this.reading.adopt(epoch, events);
      if (!this.#lurking) this.#attach(connection);
    }
    for (const event of events) this.#take(connection, event);
    if (!this.#deaf && this.reading.checkBacklog()) {
      this.connector.restart("the events are not read");
    }
  }

  #take(connection: Connection, event: HeardEvent): void {
    const { outbox, identity } = this.#options;
    const answered = outbox.answered(event) || identity.handle(event);
    if (event.type === "welcome") this.#attach(connection, event.limits);
    else if (event.type === "bye") this.connector.bye(event.reconnect_ms);
    else if (event.type === "error" && event.code === "unauthorized") {
      // Our sign-in was ended: a browser would come back as somebody else.
      const cause = new Refusal(event.code, event.message);
      connection.end(new TurnedAway(event.message, { status: UNAUTHORIZED, cause }));
    }
    if (this.#deaf || !this.reading.take(event)) return;
    this.people.handle(event);
    outbox.seen(event, identity.name);
    if (event.type === "message") this.#missed++;
    // The caller of `say` or `rename` is told.
    if (event.type !== "error" || !answered) this.reading.push(event);
    if (event.type === "live") this.#live(connection);
  }

  #attach(connection: Connection, limits?: Welcome["limits"]): void {
    if (connection === this.#attached) return;
    this.#attached = connection;
    this.#options.outbox.attach({
      send: (frame) => connection.send(frame),
      giveUp: (why) => connection.end(why),
    }, limits);
  }

  #live(connection: Connection): void {
    if (connection.live) return;
    connection.live = true;
    this.connector.heard(true);
    const missed = this.#everConnected ? { missed: this.#missed } : {};
    this.#everConnected = true;
    this.#change({ type: "connected", via: connection.via, ...missed });
  }

  #change(state: ConnectionState): void {
    this.state = state;
    // What becomes of a connection that nobody listens to is no news.
    if (!this.reading.stalled) this.reading.push({ type: "connection", state });
  }

  #caughtUp(): void {
    if (this.#deaf) this.connector.restart("the events are read again");
    else this.connector.wake();
  }
}
