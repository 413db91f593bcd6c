import { formatCursor, parseCursor } from "../model/cursor.ts";
import type { RoomEvent } from "../model/events.ts";

/** Where we are in the log: what we have seen, and whether what comes next is next. */
export class Position {
  #epoch: string | undefined;
  #seq: number | undefined;

  /** `since`: a cursor to go on from; without one the server says where it begins. */
  constructor(since?: string) {
    const cursor = since === undefined ? undefined : parseCursor(since);
    this.#epoch = cursor?.epoch;
    this.#seq = cursor?.seq;
  }

  /** The last message seen. */
  get seq(): number | undefined {
    return this.#seq;
  }

  get cursor(): string | undefined {
    if (this.#seq === undefined) return undefined;
    return this.#epoch === undefined ? String(this.#seq) : formatCursor(this.#epoch, this.#seq);
  }

  /** False where it is a message that we have seen. Throws where messages before it are missing. */
  take(event: RoomEvent): boolean {
    switch (event.type) {
      case "welcome":
        this.#epoch = event.epoch;
        if (!event.resumed) this.#seq = undefined;
        return true;
      case "reset": // said openly, what is missing is no hole
        this.#epoch = event.epoch;
        this.#seq = undefined;
        return true;
      case "message":
        if (this.#seq !== undefined && event.seq <= this.#seq) return false;
        this.#expect(event.seq - 1);
        this.#seq = event.seq;
        return true;
      case "live":
        this.#expect(event.seq);
        this.#seq = event.seq;
        return true;
      default:
        return true;
    }
  }

  #expect(seq: number): void {
    if (this.#seq === undefined || this.#seq >= seq) return;
    throw new Error(`messages ${this.#seq + 1} to ${seq} did not come`);
  }
}
