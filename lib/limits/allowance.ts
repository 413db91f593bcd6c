import type { Clock } from "../base/clock.ts";
import { Bucket, type Rate } from "../base/rate_limit.ts";
import { Refusal } from "../model/refusal.ts";

/** Each so many bytes of a frame count as one more. */
const FRAME_BYTES = 4096;
/**
 * What a connection may still send while its address is over the limit: a person's pace. So nobody is
 * cut for what somebody else behind the same address does.
 */
const SHARE: Rate = { perSecond: 5, burst: 50 };
/** The part of the allowance that may be used before the client is told. */
const TOLD_ABOVE = 0.5;

/** Reading costs something however little there is: a connection may send its bytes one by one. */
const READ_COST = 0.05;

/** What a frame of so many bytes (or UTF-16 units) costs. */
export function frameCost(bytes: number): number {
  return 1 + Math.floor(bytes / FRAME_BYTES);
}

/** What a read of so many bytes costs, besides the lines in it. */
export function bytesCost(bytes: number): number {
  return Math.max(READ_COST, bytes / FRAME_BYTES);
}

export interface AllowanceOptions {
  readonly clock: Clock;
  readonly frames: Bucket | undefined;
  /** Frames that come, whatever they are: a little more than `frames`. */
  readonly heard: Bucket | undefined;
  /** That of the address, which all its connections take from. */
  readonly address: Bucket | undefined;
  /** Counts a `/since`; throws a Refusal where it is one too many. */
  readonly seek: () => void;
  /** Told once, by which limit the connection is cut. */
  readonly onCut: (limit: "frames" | "address_frames" | "pongs") => void;
  /** Called once, when it is disposed. */
  readonly release: () => void;
}

/**
 * What one connection may send. The transport asks for each frame or line before it is handled, tells
 * the client when half of the allowance is used, and cuts it when there is none left. Disposed when
 * the connection has ended, however it ends; idempotent.
 */
export class Allowance implements Disposable {
  readonly #options: AllowanceOptions;
  readonly #isLimited: boolean;
  #share: Bucket | undefined;
  #over = false;
  #deaf = false;
  #told = false;
  #toTell = false;

  constructor(options: AllowanceOptions) {
    this.#options = options;
    this.#isLimited = options.frames !== undefined || options.address !== undefined;
  }

  /** Whether the connection has sent too much, and must be cut. Stays so. */
  get over(): boolean {
    return this.#over;
  }

  /** Counts a frame or line. False: it must not be handled, and the connection is to be cut. */
  take(cost: number): boolean {
    if (!this.#isLimited) return true;
    if (this.#over) return false;
    const { clock, frames, address } = this.#options;
    const now = clock.monotonic();
    let used = frames ? frames.take(now, cost) : 0;
    let limit: "frames" | "address_frames" = "frames";
    if (used <= 1 && address && address.take(now, cost) > 1) {
      limit = "address_frames";
      used = (this.#share ??= new Bucket(SHARE)).take(now, cost);
    }
    if (used <= TOLD_ABOVE) {
      this.#told = false;
      return true;
    }
    if (!this.#told) this.#told = this.#toTell = true;
    this.#over = used > 1;
    if (this.#over) this.#options.onCut(limit);
    return !this.#over;
  }

  /** Whether there is something to tell the client: once each time that half of it has been used. */
  get hasWarning(): boolean {
    return this.#toTell;
  }

  /** What to tell the client, which has then been told. */
  warning(): Refusal {
    this.#toTell = false;
    return new Refusal(
      "rate_limited",
      this.#over
        ? "you sent too much at once and are cut off; come back and send less"
        : "you send too much: wait a few seconds, or you are cut off",
      { retryAfter: RETRY_S },
    );
  }

  get countsHeard(): boolean {
    return this.#options.heard !== undefined;
  }

  /** Counts what the runtime handles by itself. False: the connection is to be cut. */
  hear(): boolean {
    const { heard, clock } = this.#options;
    if (!heard || heard.take(clock.monotonic()) <= 1) return true;
    if (!this.#deaf) this.#options.onCut("pongs");
    this.#deaf = true;
    return false;
  }

  /** Counts a `/since`. Throws a Refusal, `rate_limited`. */
  seek(): void {
    this.#options.seek();
  }

  [Symbol.dispose](): void {
    this.#options.release();
  }
}

/** By then enough of any allowance has come back to go on. */
const RETRY_S = 5;
