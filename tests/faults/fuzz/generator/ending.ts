import fc, { type Arbitrary } from "fast-check";
import type { Ending } from "../case.ts";

export const ending: Arbitrary<Ending> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Ending>("quiet") },
  { weight: 1, arbitrary: fc.constant<Ending>("fin") },
  { weight: 1, arbitrary: fc.constant<Ending>("reset") },
);
