import { assertEquals } from "@std/assert";
import type { Carrier, CarrierListener, Frame, Opening } from "../../lib/client/carrier.ts";
import type { ClientEvent, ConnectionState } from "../../lib/client/client.ts";
import type { Transport } from "../../lib/client/transport.ts";
import type { TransportChoice } from "../../lib/client/connection/connection.ts";
import { Identity } from "../../lib/client/identity.ts";
import { Outbox, type OutboxOptions } from "../../lib/client/outbox/outbox.ts";
import { fetchTransfer } from "../../lib/client/outbox/upload.ts";
import { RoomClient, type RoomClientOptions } from "../../lib/client/room_client.ts";
import type { RoomEvent, Welcome } from "../../lib/model/events.ts";
import { ManualClock, settle } from "../support/manual_clock.ts";

export function welcome(fields: Partial<Welcome> = {}): Welcome {
  return {
    type: "welcome",
    v: 1,
    room: "lobby",
    epoch: "k3x",
    first: 1,
    last: 0,
    name: "ann",
    token: "the token",
    resumed: false,
    count: 1,
    names: ["ann"],
    limits: { text: 4000, name: 32 },
    ping: 15,
    ...fields,
  };
}

/** A connection whose other end is the test. */
export class FakeCarrier implements Carrier {
  readonly via: Transport;
  readonly opening: Opening;
  readonly sent: Frame[] = [];
  readonly #listener: CarrierListener;
  readonly #onSend: (frame: Frame) => void;
  dropped = false;
  closed = false;

  constructor(
    via: Transport,
    opening: Opening,
    listener: CarrierListener,
    onSend: (frame: Frame) => void = () => {},
  ) {
    this.via = via;
    this.opening = opening;
    this.#listener = listener;
    this.#onSend = onSend;
  }

  get ids(): string[] {
    return this.sent.flatMap((frame) => frame.type === "message" ? [frame.id] : []);
  }

  says(...events: RoomEvent[]): void {
    if (!this.dropped && !this.closed) this.#listener.heard(events);
  }

  /** What a poll says, which has no welcome. */
  answers(epoch: string, ...events: RoomEvent[]): void {
    if (!this.dropped && !this.closed) this.#listener.heard(events, epoch);
  }

  ends(why = new Error("the connection broke")): void {
    if (!this.dropped && !this.closed) this.#listener.closed(why);
  }

  send(frame: Frame): void {
    this.sent.push(frame);
    this.#onSend(frame);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.resolve();
  }

  drop(): void {
    this.dropped = true;
  }
}

export interface StartOptions extends Partial<RoomClientOptions> {
  readonly name?: string;
  readonly transports?: readonly Transport[];
  readonly outgoing?: Omit<OutboxOptions, "clock">;
  /** Does not read, until `read` is called. */
  readonly idle?: boolean;
}

/** A client, the connections it has made, and what it has been told. */
export function start(options: StartOptions = {}) {
  const clock = new ManualClock();
  const carriers: FakeCarrier[] = [];
  const refuse: Error[] = [];
  const choices = (options.transports ?? ["websocket"]).map((via): TransportChoice => ({
    via,
    open(opening, listener) {
      const carrier = new FakeCarrier(via, opening, listener);
      const error = refuse.shift();
      if (error) queueMicrotask(() => carrier.ends(error));
      else carriers.push(carrier);
      return carrier;
    },
  }));
  const outbox = new Outbox({ clock, ...options.outgoing });
  const client = new RoomClient({
    clock,
    random: () => 0,
    since: undefined,
    recent: undefined,
    giveUpMs: Infinity,
    identity: new Identity({
      name: options.name,
      token: undefined,
      password: undefined,
      credentials: "token",
    }),
    outbox,
    transfer: fetchTransfer,
    requests: undefined,
    cookie: false,
    choices,
    lurking: choices,
    lurk: false,
    signal: undefined,
    ...options,
  });
  const events: ClientEvent[] = [];
  const read = async () => {
    for await (const event of client) events.push(event);
  };
  const reading = options.idle ? Promise.resolve() : read();
  const advance = async (ms: number) => {
    await settle();
    clock.advance(ms);
    await settle();
  };
  return {
    client,
    outbox,
    clock,
    carriers,
    /** What the next connections are refused with. */
    refuse,
    events,
    read,
    reading,
    advance,
    /** The nth connection, once it is there. */
    async carrier(n: number): Promise<FakeCarrier> {
      await settle();
      return carriers[n]!;
    },
    async leave() {
      await client.leave();
      await reading;
      assertEquals(clock.pending, 0, "no timer is left behind");
    },
  };
}

export function seqs(events: readonly ClientEvent[]): number[] {
  return events.flatMap((event) => event.type === "message" ? [event.seq] : []);
}

export function states(events: readonly ClientEvent[]): ConnectionState[] {
  return events.flatMap((event) => event.type === "connection" ? [event.state] : []);
}
