/**
 * Counts durations in buckets about 1.6 % wide, so that a million a second can be kept.
 * Microseconds, up to 2^32.
 */
export class Histogram {
  #buckets = new Uint32Array(SUB * 33);
  count = 0;

  add(micros: number): void {
    this.#buckets[bucketOf(micros)]!++;
    this.count++;
  }

  /** The middle of the bucket below which `share` (0 to 1) of the values lie; null without any. */
  percentile(share: number): number | null {
    const wanted = Math.ceil(this.count * share);
    let seen = 0;
    for (const [bucket, count] of this.#buckets.entries()) {
      seen += count;
      if (count > 0 && seen >= wanted) return middleOf(bucket);
    }
    return null;
  }
}

const SUB_BITS = 6;
const SUB = 1 << SUB_BITS;

function bucketOf(micros: number): number {
  const value = Math.min(Math.max(micros, 0), 0xffffffff) >>> 0;
  const exponent = Math.max(0, 31 - Math.clz32(value) - SUB_BITS);
  return exponent * SUB + (value >>> exponent);
}

function middleOf(bucket: number): number {
  if (bucket < 2 * SUB) return bucket;
  const exponent = Math.floor(bucket / SUB) - 1;
  const low = (bucket - exponent * SUB) * 2 ** exponent;
  return low + 2 ** exponent / 2;
}
