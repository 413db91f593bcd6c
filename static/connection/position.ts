import type { RoomEvent } from "../../lib/model/events.ts";

/** What is new of what was heard. */
export interface Taken {
  readonly events: readonly RoomEvent[];
  /** Something is missing after them: it comes to whoever asks from the cursor on. */
  readonly hole: boolean;
}

/** Where a reader stands in the log, by what it has heard so far. */
export class Position {
  #epoch: string | undefined;
  #seq: number | undefined;

  constructor(from?: { epoch: string; seq: number }) {
    this.#epoch = from?.epoch;
    this.#seq = from?.seq;
  }

  /** What the server takes as `since`. */
  get cursor(): string | undefined {
    if (this.#seq === undefined) return undefined;
    return this.#epoch === undefined ? String(this.#seq) : `${this.#epoch}-${this.#seq}`;
  }

  /** Moves on: what is yielded has no entry twice and none missing. */
  take(events: readonly RoomEvent[], epoch = this.#epoch): Taken {
    this.#epoch = epoch;
    const taken: RoomEvent[] = [];
    for (const event of events) {
      if (event.type === "message") {
        const next = (this.#seq ?? event.seq - 1) + 1;
        if (event.seq < next) continue;
        if (event.seq > next) return { events: taken, hole: true };
        this.#seq = event.seq;
      } else this.#turn(event);
      taken.push(event);
    }
    return { events: taken, hole: false };
  }

  #turn(event: RoomEvent): void {
    switch (event.type) {
      case "welcome":
        this.#epoch = event.epoch;
        // Where it does not go on from our cursor, it starts anew: a `reset` says why.
        if (!event.resumed) this.#seq = undefined;
        break;
      case "reset":
        this.#epoch = event.epoch;
        this.#seq = undefined;
        break;
      case "live":
        this.#seq ??= event.seq;
        break;
    }
  }
}
