import fc, { type Arbitrary } from "fast-check";
import { mostly } from "./mix.ts";
import { anything } from "./words.ts";

/** Where a field should be something else. */
export const oddValue: Arbitrary<unknown> = fc.oneof(
  anything,
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, true, 0, -1, 1e308, 1.5, [], {}, [[]], { length: 1 }, {
    toString: 1,
  }),
);

/** Texts that are no JSON, or more of it than anybody wants. */
const oddJson = fc.constantFrom(
  "{",
  "{}",
  "{}{}",
  "{} ",
  "\ufeff{}",
  "{'type':'typing'}",
  '{"type":"typing",}',
  '{"type":"typing"}\0',
  '{"type":"typing"} trailing',
  '{"type":"typing","type":"message","text":"twice"}',
  '{"__proto__":{"type":"message","text":"inherited"}}',
  '{"type":"message","text":"\\ud800"}',
  '{"type":"message","text":"\\u0000\\u001b[2J"}',
  '{"type":"message","text":"hi","id":1e999}',
  '{"type":"message","text":1e999}',
  '{"type":"rename","name":"\\udfff"}',
  `{"type":"message","text":"hi","n":${"9".repeat(5000)}}`,
  `{"type":"message","text":"hi","deep":${"[".repeat(7000)}${"]".repeat(7000)}}`,
  `{"type":${"[".repeat(16_000)}`,
  `${'{"a":'.repeat(3000)}1${"}".repeat(3000)}`,
  `{"type":"message","text":"${"\\u0061".repeat(2700)}"}`,
  `{${Array.from({ length: 1500 }, (_, i) => `"k${i}":1`).join(",")}}`,
  `{"type":"typing"${" ".repeat(16_300)}}`,
  `{"type":"typing"${" ".repeat(17_000)}}`,
);

/** An object with these fields, some left out, some of the wrong kind, and some more. */
export function object(fields: Readonly<Record<string, Arbitrary<unknown>>>): Arbitrary<string> {
  const record = fc.record(
    Object.fromEntries(
      Object.entries(fields).map(([key, value]) => [key, mostly(value, oddValue, 8)]),
    ),
    { requiredKeys: [] },
  );
  const whole = fc.record(Object.fromEntries(Object.entries(fields)));
  const more = fc.dictionary(anything, oddValue, { maxKeys: 3 });
  return mostly(
    whole.map((value) => JSON.stringify(value)),
    fc.oneof(
      fc.tuple(record, more).map(([value, more]) => JSON.stringify({ ...value, ...more })),
      oddJson,
    ),
    3,
  );
}
