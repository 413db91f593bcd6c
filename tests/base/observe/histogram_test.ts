import { assertEquals } from "@std/assert";
import { Histogram } from "../../../lib/base/observe/histogram.ts";

Deno.test("a value counts in the first range that reaches up to it, the largest in one without end", () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0, 1, 1.5, 10, 11, 1000]) histogram.observe(value);
  const { count, sum, max, buckets } = histogram.read();
  assertEquals([count, sum, max], [6, 1023.5, 1000]);
  assertEquals(buckets, [
    { atMost: 1, count: 2 },
    { atMost: 10, count: 2 },
    { atMost: Infinity, count: 2 },
  ]);
});
