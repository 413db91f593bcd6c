/** The longest pause after the first failure, and after many. */
const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait after so many failures in a row (from 1): anything up to a bound that doubles.
 * The full range is random, so that those who were cut off together do not come back together.
 */
export function backoffMs(failures: number, random: () => number = Math.random): number {
  const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 30));
  return Math.round(random() * bound);
}
