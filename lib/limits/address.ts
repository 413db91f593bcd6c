import { Bucket, type Rate } from "../base/rate_limit.ts";

export interface AddressRates {
  readonly addressFrames: Rate | undefined;
  readonly requests: Rate | undefined;
  readonly reads: Rate | undefined;
  readonly connects: Rate | undefined;
}

/** What one address has used of its limits. */
export class Address {
  /** How many connections it has open. */
  open = 0;
  readonly frames: Bucket | undefined;
  readonly requests: Bucket | undefined;
  readonly reads: Bucket | undefined;
  readonly connects: Bucket | undefined;

  constructor({ addressFrames, requests, reads, connects }: AddressRates) {
    this.frames = addressFrames && new Bucket(addressFrames);
    this.requests = requests && new Bucket(requests);
    this.reads = reads && new Bucket(reads);
    this.connects = connects && new Bucket(connects);
  }

  /** Whether a new one would be just as good. */
  isIdle(now: number): boolean {
    return this.open === 0 &&
      [this.frames, this.requests, this.reads, this.connects].every((b) => b?.isFull(now) ?? true);
  }
}
