import { Connection, type Inbox, type Target } from "./connection.ts";
import { post } from "./dialect.ts";
import { textOf } from "./text.ts";

/** Sends texts over a WebSocket and knows how many have not come back yet. */
export class Publisher {
  readonly connection: Connection;
  readonly #target: Target;
  readonly #number: number;
  #sent = 0;
  #returned = 0;
  #window = 0;

  constructor(number: number, target: Target, inbox: Inbox, onClose: () => void) {
    this.#number = number;
    this.#target = target;
    this.connection = new Connection(target, inbox, {
      onText: (publisher) => {
        if (publisher === number) this.#returned++;
      },
      onRead: () => this.#topUp(),
      onClose,
    });
  }

  get sent(): number {
    return this.#sent;
  }

  get inFlight(): number {
    return this.#sent - this.#returned;
  }

  /** Closed loop: keeps this many messages in flight from now on; 0 stops. */
  keepInFlight(window: number): void {
    this.#window = window;
    this.#topUp();
  }

  /** Open loop: sends one message now that was due at `micros`. */
  send(micros: number): void {
    this.connection.send([this.#next(micros)]);
  }

  /** Forgets what has not come back, so that history is not taken for an echo. */
  reset(): void {
    this.#sent = 0;
    this.#returned = 0;
  }

  #topUp(): void {
    const missing = this.#window - this.inFlight;
    if (missing <= 0) return;
    const micros = Math.round(performance.now() * 1000);
    this.connection.send(Array.from({ length: missing }, () => this.#next(micros)));
  }

  #next(micros: number): string {
    const id = `p${this.#number}-${(this.#posted++).toString(36)}`;
    this.#sent++;
    return post(this.#target.dialect, textOf(this.#number, micros), id);
  }

  /** Never reset: an id said twice would be a retry. */
  #posted = 0;
}
