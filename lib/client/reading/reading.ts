import type { HeardEvent } from "../../model/events.ts";
import type { ClientEvent } from "../client.ts";
import { Inbox } from "./inbox.ts";
import { Position } from "./position.ts";

/** So many events wait for a consumer that does not read. */
const UNREAD_AT_MOST = 10_000;

/**
 * What is read of the room: each entry once, in order, without holes, and everything else as it came.
 * It is checked when it comes, and waits until the consumer takes it.
 */
export class Reading {
  /** Of what has come, and of what the consumer was given. */
  readonly #come: Position;
  readonly #given: Position;
  readonly #inbox = new Inbox<ClientEvent>((event) => this.#give(event));
  readonly #caughtUp: () => void;
  #stalled = false;

  /** `caughtUp` is called when a consumer that had stalled has taken everything. */
  constructor(since: string | undefined, caughtUp: () => void) {
    this.#come = new Position(since);
    this.#given = new Position(since);
    this.#caughtUp = caughtUp;
  }

  /** Where the next connection goes on. */
  get next(): string | undefined {
    return this.#come.cursor;
  }

  /** After the last entry that the consumer was given. */
  get cursor(): string | undefined {
    return this.#given.cursor;
  }

  /** The consumer does not read, and has not caught up since: nothing more is to be taken. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /**
   * False where it is an entry that has come before. Throws a ProtocolError where something is missing.
   * What is taken must be pushed.
   */
  take(event: HeardEvent): boolean {
    return this.#come.take(event);
  }

  /** The epoch of what comes next, where no welcome tells it. Throws as `take`. */
  adopt(epoch: string, events: readonly HeardEvent[]): void {
    // A reset that comes with it says that the log is another.
    if (!events.some((event) => event.type === "reset")) this.#come.adopt(epoch);
    this.#given.learn(epoch);
  }

  /** Hands it to the consumer, in time. */
  push(event: ClientEvent): void {
    this.#inbox.push(event);
  }

  /** To be called after a push of many. Whether the consumer has stalled by now. */
  checkBacklog(): boolean {
    this.#stalled ||= this.#inbox.size >= UNREAD_AT_MOST;
    return this.#stalled;
  }

  /** Nothing more comes; `error` is thrown when the rest has been taken. */
  end(error?: unknown): void {
    this.#inbox.end(error);
  }

  events(): AsyncIterator<ClientEvent> {
    return { next: () => this.#inbox.next() };
  }

  batches(): AsyncIterator<readonly ClientEvent[]> {
    return { next: () => this.#inbox.nextBatch() };
  }

  #give(event: ClientEvent): void {
    if (event.type !== "connection") this.#given.take(event);
    if (!this.#stalled || this.#inbox.size > 0) return;
    this.#stalled = false;
    this.#caughtUp();
  }
}
