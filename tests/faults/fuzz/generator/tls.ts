import fc, { type Arbitrary } from "fast-check";
import type { Case } from "../case.ts";
import { ending } from "./ending.ts";
import { bytesOf, damaged, inPieces, join, mostly } from "./mix.ts";

/** A vector of TLS (RFC 8446, section 3.4): its length in so many bytes, and what is in it. */
function vector(lengthBytes: 1 | 2 | 3, ...parts: (Uint8Array | readonly number[])[]): Uint8Array {
  const content = join(parts.map((part) => Uint8Array.from(part)));
  const length = [16, 8, 0].map((shift) => content.length >> shift & 0xff).slice(3 - lengthBytes);
  return join([Uint8Array.from(length), content]);
}

function extension(type: number, content: Uint8Array): Uint8Array {
  return join([Uint8Array.from([type >> 8, type & 0xff]), vector(2, content)]);
}

const RANDOM = Array.from({ length: 32 }, (_, i) => i);

/** As a client of TLS 1.3 begins (RFC 8446, section 4.1.2), with a key that nobody has. */
function clientHello(name: string, protocol: string): Uint8Array {
  return join([
    Uint8Array.from([3, 3, ...RANDOM]),
    vector(1, RANDOM),
    vector(2, [0x13, 0x01, 0x13, 0x03, 0xc0, 0x2f]),
    vector(1, [0]),
    vector(
      2,
      extension(0, vector(2, join([Uint8Array.from([0]), vector(2, bytesOf(name))]))),
      extension(10, vector(2, [0, 0x1d, 0, 0x17])),
      extension(13, vector(2, [4, 3, 8, 4, 4, 1])),
      extension(16, vector(2, vector(1, bytesOf(protocol)))),
      extension(43, vector(1, [3, 4, 3, 3])),
      extension(51, vector(2, join([Uint8Array.from([0, 0x1d]), vector(2, RANDOM)]))),
    ),
  ]);
}

const hello = fc.tuple(
  fc.constantFrom("localhost", "", "evil.example", "a".repeat(300)),
  fc.constantFrom("http/1.1", "h2", "", "x".repeat(200)),
).map((names) => record(22, join([Uint8Array.from([1]), vector(3, clientHello(...names))])));

function record(type: number, content: Uint8Array): Uint8Array {
  return join([Uint8Array.from([type, 3, 1]), vector(2, content)]);
}

const after = fc.oneof(
  fc.constant(record(20, Uint8Array.from([1]))), // change_cipher_spec
  fc.constant(record(21, Uint8Array.from([2, 40]))), // an alert
  fc.uint8Array({ maxLength: 400 }).map((bytes) => record(23, bytes)),
  fc.constant(record(23, new Uint8Array(17_000))),
  fc.constantFrom(bytesOf("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), bytesOf("ann\nhi\n")),
  fc.constant(bytesOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
  hello,
);

const spoken = fc.tuple(mostly(hello, after), fc.array(after, { maxLength: 3 }))
  .map(([first, more]) => join([first, ...more]));

/** One connection that does with TLS what it likes, to a port that speaks it, or does not. */
export const tlsCase: Arbitrary<Case> = fc.record({
  door: fc.constantFrom("bare http" as const, "bare tcp" as const),
  what: fc.constant("TLS"),
  steps: inPieces(damaged(spoken)),
  ending,
});
