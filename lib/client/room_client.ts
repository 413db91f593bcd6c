import type { Clock } from "../base/clock.ts";
import { Deadline, settledOr } from "../base/deadline.ts";
import type { RoomEvent, Welcome } from "../model/events.ts";
import { parseId, parseText, type Receipt } from "../model/message.ts";
import type { Opening } from "./carrier.ts";
import type { Client, ClientEvent, ConnectionState } from "./client.ts";
import { Connector } from "./connection/connector.ts";
import { NotConnected, reasonOf } from "./errors.ts";
import type { Identity } from "./identity.ts";
import { Inbox } from "./inbox.ts";
import type { Outbox } from "./outbox/outbox.ts";
import type { OutgoingMessage } from "./outbox/outgoing.ts";
import { People } from "./people.ts";
import { Refusal } from "../model/refusal.ts";
import { Position } from "./position.ts";
import { RefusedRequest, type Requests, toLoss } from "./requests.ts";
import { Ride, type Route } from "./connection/ride.ts";

/** Leaving takes no longer than this, with what is still to be sent. */
const LEAVE_MS = 1000;
/** So many events wait for a consumer that does not read. */
const UNREAD_AT_MOST = 10_000;
/** Once in so long the others are told that somebody types. */
const TYPING_MS = 3000;

/** What a client is made of. */
export interface RoomClientOptions {
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
  readonly routes: readonly Route[];
  /** For somebody who only reads; used from the start where `lurk` is true. */
  readonly lurking: readonly Route[];
  readonly lurk: boolean;
  /** Leaves when it aborts. */
  readonly signal: AbortSignal | undefined;
}

/** Checks what comes and hands it on, and sends what is said, over whatever is ridden. */
export class RoomClient implements Client {
  readonly people = new People();
  readonly #options: RoomClientOptions;
  /** Of what was heard, and of what the consumer was given. */
  readonly #position: Position;
  readonly #given: Position;
  readonly #inbox = new Inbox<ClientEvent>((event) => this.#give(event));
  readonly #connector: Connector;
  readonly #running: Promise<void>;
  readonly #onAbort = () => void this.leave();
  #state: ConnectionState = { type: "connecting" };
  #lurking: boolean;
  #everConnected = false;
  /** How many entries came on this ride before it was live. */
  #missed = 0;
  /** The consumer does not read, and has not caught up since. */
  #stalled = false;
  /** So this ride only carries what we say: what comes is not taken, and comes again on the next. */
  #deaf = false;
  /** What the outbox speaks to. */
  #attached: Ride | undefined;
  #typedAt = -Infinity;
  #leaving: Promise<void> | undefined;

  constructor(options: RoomClientOptions) {
    this.#options = options;
    this.#position = new Position(options.since);
    this.#given = new Position(options.since);
    this.#lurking = options.lurk;
    this.#connector = new Connector({
      ...options,
      routes: () => this.#lurking ? options.lurking : options.routes,
      prepare: (route) => this.#prepare(route),
      ride: (route) => this.#ride(route),
      probe: (route) => this.#probe(route),
      resting: () => this.#stalled && options.outbox.idle,
      changed: (state) => this.#change(state),
    });
    this.#running = this.#run();
    options.signal?.addEventListener("abort", this.#onAbort);
    if (options.signal?.aborted) this.leave();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get name(): string | undefined {
    return this.#lurking ? undefined : this.#options.identity.name;
  }

  get token(): string | undefined {
    return this.#options.identity.token;
  }

  get cursor(): string | undefined {
    return this.#given.cursor;
  }

  get outgoing(): readonly OutgoingMessage[] {
    return this.#options.outbox.outgoing;
  }

  [Symbol.asyncIterator](): AsyncIterator<ClientEvent> {
    return { next: () => this.#inbox.next() };
  }

  batches(): AsyncIterable<readonly ClientEvent[]> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.#inbox.nextBatch() }) };
  }

  say(text: string, options: { readonly id?: string } = {}): Promise<Receipt> {
    if (this.#leaving || this.#state.type === "closed") {
      return Promise.reject(new NotConnected("we have left"));
    }
    try {
      const stored = this.#options.outbox.say(parseText(text), parseId(options.id));
      if (this.#stalled) this.#connector.wake();
      return stored;
    } catch (refusal) {
      return Promise.reject(refusal);
    }
  }

  retry(id: string): void {
    this.#options.outbox.retry(id);
  }

  discard(id: string): void {
    this.#options.outbox.discard(id);
  }

  async rename(name: string): Promise<void> {
    const { requests, identity } = this.#options;
    const { ride } = this.#connector;
    if (!ride || this.#state.type !== "connected" || this.#lurking) {
      throw new NotConnected("there is no connection");
    }
    if (requests) await answerOf(identity.take(requests, name));
    else await identity.renameBy((frame) => ride.send(frame), name);
  }

  async enter(name: string): Promise<void> {
    const { requests, identity } = this.#options;
    if (!this.#lurking || !requests) throw new NotConnected("we are in the room already");
    await answerOf(identity.take(requests, name));
    this.#lurking = false;
    this.#everConnected = false;
    this.#connector.restart("we come in");
  }

  typing(): void {
    const now = this.#options.clock.monotonic();
    if (now < this.#typedAt + TYPING_MS || this.#state.type !== "connected") return;
    this.#typedAt = now;
    this.#connector.ride?.send({ type: "typing" });
  }

  reconnect(): void {
    this.#connector.reconnect();
  }

  pause(): void {
    this.#connector.pause();
  }

  leave(): Promise<void> {
    return this.#leaving ??= this.#leave();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.leave();
  }

  async #run(): Promise<void> {
    try {
      await this.#connector.run();
      this.#end();
    } catch (error) {
      this.#end(error);
    }
  }

  #end(error?: unknown): void {
    if (this.#state.type === "closed") return;
    const why = new NotConnected("we left before the server said that it is stored", {
      cause: error,
    });
    this.#options.outbox.close(why);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#stalled = false;
    this.#change({ type: "closed" });
    this.#inbox.end(error);
  }

  async #leave(): Promise<void> {
    const { clock, outbox } = this.#options;
    const deadline = new Deadline(LEAVE_MS, { clock });
    if (this.#connector.ride?.opened) await settledOr(deadline.signal, outbox.whenIdle());
    await this.#connector.leave(deadline.signal);
    this.#options.requests?.close();
    await this.#running;
    deadline[Symbol.dispose]();
  }

  /** Poll makes no session, and a cookie's name must be told before. */
  async #prepare({ via }: Route): Promise<void> {
    const { identity, requests, cookie } = this.#options;
    if (!requests || this.#lurking || !cookie && via !== "poll") return;
    try {
      await identity.introduce(requests);
    } catch (error) {
      const refused = error instanceof RefusedRequest &&
        (error.code === "name_taken" || error.code === "bad_request");
      if (!cookie || !refused) throw toLoss(error);
      // The name cannot be had: from here on we only read, until there is another.
      identity.name = undefined;
      this.#lurking = true;
      this.#connector.restart("the name cannot be had");
      this.#inbox.push({ type: "error", code: error.code, message: error.message });
    }
  }

  #ride(route: Route): Ride {
    const { clock, outbox, identity } = this.#options;
    this.#deaf = this.#stalled;
    this.#missed = 0;
    const ride = new Ride(route, {
      opening: this.#deaf ? { ...this.#opening, since: undefined, recent: 0 } : this.#opening,
      clock,
      heard: (ride, events, epoch) => this.#hear(ride, events, epoch),
    });
    ride.ended.then(() => {
      outbox.detach();
      identity.disconnected();
    });
    return ride;
  }

  #probe(route: Route): Ride {
    const { clock } = this.#options;
    const heard = (ride: Ride) => {
      if (ride.opened) ride.end(new NotConnected("it can be had"));
    };
    return new Ride(route, { opening: this.#opening, clock, heard });
  }

  get #opening(): Opening {
    const { identity: { name, token }, cookie, recent } = this.#options;
    const since = this.#position.cursor;
    return {
      name,
      token: cookie ? undefined : token,
      since,
      recent: since === undefined ? recent : undefined,
    };
  }

  #hear(ride: Ride, events: readonly RoomEvent[], epoch: string | undefined): void {
    this.#connector.heard();
    if (epoch !== undefined) {
      if (!this.#deaf) this.#adopt(events, epoch);
      if (!this.#lurking) this.#attach(ride);
    }
    for (const event of events) this.#take(ride, event);
    if (this.#deaf || this.#inbox.size < UNREAD_AT_MOST) return;
    this.#stalled = true;
    this.#connector.restart("the events are not read");
  }

  /** Without a welcome: a reset, where there is one, has said that the log is another. */
  #adopt(events: readonly RoomEvent[], epoch: string): void {
    if (!events.some((event) => event.type === "reset")) this.#position.adopt(epoch);
    this.#given.learn(epoch);
  }

  #take(ride: Ride, event: RoomEvent): void {
    const { outbox, identity } = this.#options;
    const answered = outbox.answered(event) || identity.handle(event);
    if (event.type === "welcome") this.#attach(ride, event.limits);
    else if (event.type === "bye") this.#connector.bye(event.reconnect_ms);
    if (this.#deaf || !this.#position.take(event)) return;
    this.people.handle(event);
    outbox.seen(event, identity.name);
    if (event.type === "message") this.#missed++;
    // Whoever said it is told.
    if (event.type !== "error" || !answered) this.#inbox.push(event);
    if (event.type === "live") this.#live(ride);
  }

  #attach(ride: Ride, limits?: Welcome["limits"]): void {
    if (ride === this.#attached) return;
    this.#attached = ride;
    this.#options.outbox.attach({
      send: (frame) => ride.send(frame),
      giveUp: (why) => ride.end(why),
    }, limits);
  }

  #live(ride: Ride): void {
    if (ride.live) return;
    ride.live = true;
    this.#connector.heard(true);
    const missed = this.#everConnected ? { missed: this.#missed } : {};
    this.#everConnected = true;
    this.#change({ type: "connected", via: ride.via, ...missed });
  }

  #change(state: ConnectionState): void {
    this.#state = state;
    // What becomes of a connection that nobody listens to is no news.
    if (!this.#stalled) this.#inbox.push({ type: "connection", state });
  }

  #give(event: ClientEvent): void {
    if (event.type !== "connection") this.#given.take(event);
    if (!this.#stalled || this.#inbox.size > 0) return;
    this.#stalled = false;
    if (this.#deaf) this.#connector.restart("the events are read again");
    else this.#connector.wake();
  }
}

/** A refusal is for the caller; everything else means that there was no answer. */
async function answerOf(asking: Promise<void>): Promise<void> {
  try {
    await asking;
  } catch (error) {
    if (error instanceof Refusal) throw error;
    throw new NotConnected(reasonOf(error), { cause: error });
  }
}
