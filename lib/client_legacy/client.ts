import { Backoff, pause } from "../base/backoff.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import type { RoomEvent, Welcome } from "../model/events.ts";
import { parseText, type Receipt } from "../model/message.ts";
import { Deadline, settledOr } from "../base/deadline.ts";
import { reasonOf } from "../cli/reason.ts";
import { type Connect, type Connection, TurnedAway } from "./carrier.ts";
import { Outbox } from "./outbox.ts";
import { People } from "./people.ts";
import { Position } from "./position.ts";
import { Silence } from "./silence.ts";

/** For the connection, and then for the welcome. */
const CONNECT_MS = 10_000;
const RECONNECT = { minMs: 500, maxMs: 30_000 };
/** Leaving takes no longer than this, with what is still to be sent. */
const LEAVE_MS = 1000;

export interface ClientOptions {
  readonly name?: string | undefined;
  /** A cursor; without one the server shows its newest messages. */
  readonly since?: string | undefined;
  /** How long the server may be away before we give up. */
  readonly giveUpMs?: number;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What the server says, and what becomes of the connection. */
export type Happening =
  | RoomEvent
  | { readonly type: "lost"; readonly reason: string; readonly retryMs: number }
  /** Welcomed again, to go on after `seq`; where that is undefined, a reset says why. */
  | { readonly type: "back"; readonly welcome: Welcome; readonly seq: number | undefined };

/** Nobody answers, from the first or for too long. The message says why. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";

  constructor(cause: unknown) {
    super(reasonOf(cause), { cause });
  }
}

/**
 * Somebody's stay in a room, over as many connections as it takes: each goes on where the last one
 * ended, as the same person. Every message comes out once, in order, without holes.
 */
export class Client {
  readonly people = new People();
  readonly #connect: Connect;
  readonly #clock: Clock;
  readonly #giveUpMs: number;
  readonly #backoff: Backoff;
  readonly #outbox: Outbox;
  readonly #position: Position;
  readonly #left = new AbortController();
  #name: string | undefined;
  #token: string | undefined;
  #connection: Connection | undefined;
  #welcomed = false;
  /** What a `bye` asked us to wait. */
  #byeMs: number | undefined;
  #heardAt = -Infinity;

  constructor(connect: Connect, options: ClientOptions = {}) {
    const { clock = systemClock, random = Math.random } = options;
    this.#connect = connect;
    this.#clock = clock;
    this.#giveUpMs = options.giveUpMs ?? Infinity;
    this.#backoff = new Backoff({ ...RECONNECT, random });
    this.#outbox = new Outbox(clock);
    this.#position = new Position(options.since);
    this.#name = options.name;
  }

  /** Ours, as the server gave it. */
  get name(): string | undefined {
    return this.#name;
  }

  get connected(): boolean {
    return this.#welcomed;
  }

  /** How many of our messages are not known to be stored. */
  get unsent(): number {
    return this.#outbox.size;
  }

  /**
   * Connects, and yields what happens until we leave. To be called once. Throws Unreachable or
   * TurnedAway.
   */
  async *follow(): AsyncGenerator<Happening> {
    try {
      while (!this.#hasLeft) {
        try {
          yield* this.#stay();
        } catch (error) {
          if (this.#hasLeft) break;
          const awayMs = this.#clock.now() - this.#heardAt;
          if (error instanceof TurnedAway) throw error;
          if (awayMs > this.#giveUpMs || !this.#token) throw new Unreachable(error);
          const retryMs = this.#byeMs ?? this.#backoff.nextMs();
          this.#byeMs = undefined;
          yield { type: "lost", reason: reasonOf(error), retryMs };
          await pause(this.#clock, retryMs, this.#left.signal);
        }
      }
    } finally {
      this.#outbox.close(new Error("we left before the server said that it is stored"));
    }
  }

  /**
   * Resolves when the message is stored, after those before it, over as many connections as it takes.
   * Rejects with a Refusal where it never will be, and with another Error where we leave before.
   */
  // deno-lint-ignore require-await -- async, so that what parsing throws is a rejection
  async say(text: string): Promise<Receipt> {
    return this.#outbox.say(parseText(text));
  }

  /** Asks for another name; the answer is a rename or an error. Only while connected. */
  rename(name: string): void {
    this.#connection?.send({ type: "rename", name });
  }

  /** Ends `follow`, within a second: says what is still to be said, and takes leave. Idempotent. */
  async leave(): Promise<void> {
    using deadline = new Deadline(LEAVE_MS, { clock: this.#clock });
    if (this.connected) await settledOr(deadline.signal, this.#outbox.idle);
    this.#left.abort();
    await this.#connection?.close(deadline.signal);
  }

  get #hasLeft(): boolean {
    return this.#left.signal.aborted;
  }

  /** One connection, from the welcome to its end. Throws why it ended, unless we left. */
  async *#stay(): AsyncGenerator<Happening> {
    const connection = this.#connection = await this.#open();
    using silence = new Silence(CONNECT_MS, {
      clock: this.#clock,
      found: () => connection.drop(new Error("nothing was heard for too long")),
    });
    try {
      for await (const event of connection.events) {
        silence.heard();
        this.#heardAt = this.#clock.now();
        if (!event) continue;
        const own = this.#outbox.handle(event);
        if (!this.#position.take(event)) continue;
        this.people.handle(event);
        if (event.type === "welcome") {
          silence.limitMs = 2000 * event.ping;
          const first = this.#token === undefined;
          this.#enter(connection, event);
          yield first ? event : { type: "back", welcome: event, seq: this.#position.seq };
          continue;
        }
        if (event.type === "live") this.#backoff.reset();
        else if (event.type === "bye") this.#byeMs = event.reconnect_ms;
        else if (event.type === "rename" && event.from === this.#name) this.#name = event.name;
        if (event.type !== "error" || !own) yield event; // say() throws our own
      }
    } finally {
      this.#connection = undefined;
      this.#welcomed = false;
      this.#outbox.detach();
      connection.drop(new Error("it has ended"));
    }
  }

  async #open(): Promise<Connection> {
    using deadline = new Deadline(CONNECT_MS, { clock: this.#clock, parent: this.#left.signal });
    const opening = { name: this.#name, token: this.#token, since: this.#position.cursor };
    const connection = await this.#connect(opening, deadline.signal);
    if (this.#hasLeft) connection.drop(new Error("we left"));
    return connection;
  }

  #enter(connection: Connection, { token, name, limits }: Welcome): void {
    this.#token = token;
    this.#name = name;
    this.#welcomed = true;
    this.#outbox.attach(connection, limits);
  }
}
