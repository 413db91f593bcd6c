import { Bucket, type Rate } from "../base/rate_limit.ts";

export interface AddressRates {
  readonly addressFrames: Rate | undefined;
  readonly requests: Rate | undefined;
  readonly reads: Rate | undefined;
  readonly connects: Rate | undefined;
  readonly attempts: Rate | undefined;
}

/** What one address has used of its limits. */
export class Address {
  /** How many connections it has open. */
  open = 0;
  readonly frames: Bucket | undefined;
  readonly requests: Bucket | undefined;
  readonly reads: Bucket | undefined;
  readonly connects: Bucket | undefined;
  readonly attempts: Bucket | undefined;

  constructor({ addressFrames, requests, reads, connects, attempts }: AddressRates) {
    this.frames = addressFrames && new Bucket(addressFrames);
    this.requests = requests && new Bucket(requests);
    this.reads = reads && new Bucket(reads);
    this.connects = connects && new Bucket(connects);
    this.attempts = attempts && new Bucket(attempts);
  }

  /** Whether a new one would be just as good. */
  isIdle(now: number): boolean {
    const buckets = [this.frames, this.requests, this.reads, this.connects, this.attempts];
    return this.open === 0 && buckets.every((bucket) => bucket?.isFull(now) ?? true);
  }
}
