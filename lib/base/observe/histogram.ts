/** How many values fell into each range, since the start: what a histogram of Prometheus is read from. */
export interface Distribution {
  readonly count: number;
  readonly sum: number;
  readonly max: number;
  /** How many were up to `atMost`, and above the bound before; the last is without a bound. */
  readonly buckets: readonly { readonly atMost: number; readonly count: number }[];
}

/** Counts values into ranges, as plain numbers: cheap enough for what happens with every batch. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: number[];
  #sum = 0;
  #max = 0;

  /** `bounds`: the upper ones, ascending; above the last there is one more range. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = Array<number>(bounds.length + 1).fill(0);
  }

  observe(value: number): void {
    const bounds = this.#bounds;
    let i = 0;
    while (i < bounds.length && value > bounds[i]!) i++;
    this.#counts[i]!++;
    this.#sum += value;
    if (value > this.#max) this.#max = value;
  }

  read(): Distribution {
    return {
      count: this.#counts.reduce((sum, count) => sum + count, 0),
      sum: this.#sum,
      max: this.#max,
      buckets: this.#counts.map((count, i) => ({ atMost: this.#bounds[i] ?? Infinity, count })),
    };
  }
}

/** Bounds for what takes from a fraction of a millisecond to seconds, in milliseconds. */
export const MS_BOUNDS: readonly number[] = [
  ...[0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000],
];
