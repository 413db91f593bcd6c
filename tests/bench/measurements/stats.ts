/** Of those that are numbers; NaN where none is. */
export function median(values: readonly number[]): number {
  const sorted = values.filter((value) => !Number.isNaN(value)).toSorted((a, b) => a - b);
  if (sorted.length === 0) return NaN;
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The medians, field by field, of objects of one shape. What is no number comes from the first. */
export function medians<T extends object>(rounds: readonly T[]): T {
  const [first] = rounds;
  if (first === undefined) throw new RangeError("Cannot take the median of nothing");
  const fields = Object.entries(first).map(([name, value]) => {
    const values = rounds.map((round) => (round as Record<string, unknown>)[name]);
    if (typeof value === "number") return [name, median(values as number[])];
    if (typeof value === "object" && value !== null) return [name, medians(values as object[])];
    return [name, value];
  });
  return Object.fromEntries(fields) as T;
}
