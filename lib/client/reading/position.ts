import { formatCursor, parseCursor } from "../../model/cursor.ts";
import { type HeardEvent, isEntry } from "../../model/events.ts";
import { ProtocolError } from "../errors.ts";

/** Where we are in the log: what we have seen, and whether what comes next is next. */
export class Position {
  #epoch: string | undefined;
  #seq: number | undefined;
  /** Our cursor was not honoured, and a reset must say why before anything else comes. */
  #resetDue = false;

  /** `since`: a cursor to go on from; without one the server says where it begins. */
  constructor(since?: string) {
    const cursor = since === undefined ? undefined : parseCursor(since);
    this.#epoch = cursor?.epoch;
    this.#seq = cursor?.seq;
  }

  /** The last entry seen. */
  get seq(): number | undefined {
    return this.#seq;
  }

  get cursor(): string | undefined {
    if (this.#seq === undefined) return undefined;
    return this.#epoch === undefined ? String(this.#seq) : formatCursor(this.#epoch, this.#seq);
  }

  /** The epoch we go on in. Throws a ProtocolError where we have seen entries of another. */
  adopt(epoch: string): void {
    if (this.#seq !== undefined && this.#epoch !== undefined && this.#epoch !== epoch) {
      throw new ProtocolError(`it went on in the log ${epoch} instead of ${this.#epoch}`);
    }
    this.#epoch = epoch;
  }

  /** As `adopt`, where none is known yet. */
  learn(epoch: string): void {
    this.#epoch ??= epoch;
  }

  /**
   * Moves on. False where it is an entry that we have seen. Throws a ProtocolError where entries before
   * it are missing, or the log is not the one we were in.
   */
  take(event: HeardEvent): boolean {
    if (isEntry(event)) {
      if (this.#seq !== undefined && event.seq <= this.#seq) return false;
      this.#expect(event.seq - 1);
      this.#seq = event.seq;
      return true;
    }
    switch (event.type) {
      case "welcome":
        this.#resetDue = !event.resumed && this.#seq !== undefined;
        if (!this.#resetDue) this.adopt(event.epoch);
        return true;
      case "reset": // said openly, what is missing is no hole
        this.#resetDue = false;
        this.#move(event.epoch);
        return true;
      case "live":
        this.#expect(event.seq);
        this.#seq ??= event.seq;
        return true;
      default:
        return true;
    }
  }

  #move(epoch: string): void {
    this.#epoch = epoch;
    this.#seq = undefined;
  }

  #expect(seq: number): void {
    if (this.#resetDue) throw new ProtocolError("it did not go on from the cursor");
    if (this.#seq === undefined || this.#seq >= seq) return;
    throw new ProtocolError(`messages ${this.#seq + 1} to ${seq} did not come`);
  }
}
