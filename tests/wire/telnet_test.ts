import { assertEquals, assertStrictEquals } from "@std/assert";
import fc from "fast-check";
import { TelnetFilter } from "../../lib/wire/telnet.ts";

const [IAC, SE, NOP, SB, WILL, WONT, DO, DONT] = [255, 240, 241, 250, 251, 252, 253, 254] as const;

function filter(pieces: Iterable<Uint8Array>): number[] {
  const telnet = new TelnetFilter();
  return [...pieces].flatMap((piece) => [...telnet.push(piece)]);
}

function oneByOne(bytes: number[]): number[] {
  return filter(bytes.map((byte) => Uint8Array.of(byte)));
}

Deno.test("negotiation is dropped and the text around it stays", () => {
  const cases: [number[], number[]][] = [
    [[1, IAC, DO, 3, 2], [1, 2]],
    [[1, IAC, WILL, 31, IAC, WONT, 1, IAC, DONT, 255, 2], [1, 2]],
    [[1, IAC, NOP, 2, IAC, SE, 3], [1, 2, 3]],
    [[1, IAC, SB, 31, 0, 80, 0, 24, IAC, SE, 2], [1, 2]],
    [[1, IAC, SB, 31, IAC, IAC, SE, 80, IAC, SE, 2], [1, 2]],
    [[1, IAC, SB, 24, 1, 2, 3], [1]],
    [[1, IAC, IAC, 2], [1, 255, 2]],
  ];
  for (const [bytes, kept] of cases) assertEquals(oneByOne(bytes), kept);
});

Deno.test("text without the byte 255 passes through uncopied", () => {
  const bytes = new TextEncoder().encode("morning, 漢 👋\r\n");
  assertStrictEquals(new TelnetFilter().push(bytes), bytes);
});

Deno.test("bytes with their 255s doubled come back, negotiation between them or not", () => {
  const data = fc.array(fc.oneof(fc.nat(255), fc.constant(IAC)));
  const commands = fc.constantFrom(
    [],
    [IAC, NOP],
    [IAC, DO, 31],
    [IAC, SB, 24, 0, 65, IAC, IAC, 10, IAC, SE],
  );
  fc.assert(fc.property(fc.array(fc.tuple(commands, data)), (parts) => {
    const sent = parts.flatMap(([command, bytes]) => [
      ...command,
      ...bytes.flatMap((byte) => byte === IAC ? [IAC, IAC] : [byte]),
    ]);
    assertEquals(oneByOne(sent), parts.flatMap(([, bytes]) => bytes));
  }));
});

Deno.test("any split of the bytes leaves the same bytes", () => {
  const byte = fc.oneof(fc.constantFrom(IAC, SE, NOP, SB, WILL, DONT, 65), fc.nat(255));
  const pieces = fc.array(fc.array(byte, { maxLength: 8 }));
  fc.assert(
    fc.property(pieces, (pieces) => {
      const whole = filter([Uint8Array.from(pieces.flat())]);
      assertEquals(filter(pieces.map((piece) => Uint8Array.from(piece))), whole);
    }),
    { numRuns: 500 },
  );
});
