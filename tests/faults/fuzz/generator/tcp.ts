import fc, { type Arbitrary } from "fast-check";
import type { Case } from "../case.ts";
import { ending } from "./ending.ts";
import { firstLine, line } from "./frames.ts";
import { bytesOf, damaged, inPieces, join, mostly } from "./mix.ts";

const lineEnd = mostly(
  fc.constantFrom("\n", "\r\n"),
  fc.constantFrom("\r", "\n\n", "\0", "\r\r\n", ""),
);

/** RFC 854: what telnet clients say among the text, whole and cut short. */
const negotiation: Arbitrary<Uint8Array> = fc.constantFrom(
  [255, 251, 1],
  [255, 253, 3],
  [255, 255],
  [255, 241],
  [255, 250, 24, 0, 120, 255, 240],
  [255, 250, 24, 255, 255],
  [255],
  [255, 250],
  [255, 244, 255, 253, 6],
).map((bytes) => new Uint8Array(bytes));

const spoken = fc.tuple(
  fc.tuple(firstLine, lineEnd).map((said) => bytesOf(said.join(""))),
  fc.array(
    mostly(fc.tuple(line, lineEnd).map((said) => bytesOf(said.join(""))), negotiation, 8),
    { maxLength: 12 },
  ),
).map(([first, lines]) => join([first, ...lines]));

/** One connection to the TCP room. */
export const tcpCase: Arbitrary<Case> = fc.record({
  door: fc.constant("tcp" as const),
  what: fc.constant("lines"),
  steps: inPieces(damaged(mostly(spoken, fc.uint8Array({ maxLength: 3000 }), 12))),
  ending,
});
