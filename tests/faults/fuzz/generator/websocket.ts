import fc, { type Arbitrary } from "fast-check";
import { type Case, FRIEND } from "../case.ts";
import { ending } from "./ending.ts";
import { firstLine, jsonFrame, line } from "./frames.ts";
import { bytesOf, damaged, inPieces, join, mostly } from "./mix.ts";
import { anything, cursor, name, number, token } from "./words.ts";

/** A frame by its parts (RFC 6455, section 5.2). */
interface Frame {
  readonly fin: boolean;
  readonly reserved: number;
  readonly opcode: number;
  readonly payload: Uint8Array;
  /** Four bytes; undefined sends it without a mask, which clients must not. */
  readonly mask: Uint8Array | undefined;
  /** In how many bits the length is said, where that is more than it takes. */
  readonly lengthBits: 7 | 16 | 64;
  /** The length that is said, where it is not the true one. */
  readonly said: bigint | undefined;
}

const TEXT = 1;

const mask = mostly(
  fc.oneof(fc.constant(new Uint8Array(4)), fc.uint8Array({ minLength: 4, maxLength: 4 })),
  fc.constant(undefined),
  40,
);

const dressed: Arbitrary<Pick<Frame, "reserved" | "mask" | "lengthBits" | "said">> = fc.record({
  reserved: mostly(fc.constant(0), fc.integer({ min: 1, max: 7 }), 60),
  mask,
  lengthBits: mostly(fc.constant(7 as const), fc.constantFrom(16 as const, 64 as const), 20),
  said: mostly(
    fc.constant(undefined),
    fc.constantFrom(
      0n,
      1n,
      125n,
      126n,
      65_535n,
      65_536n,
      1n << 26n,
      1n << 32n,
      1n << 62n,
      1n << 63n,
      (1n << 64n) - 1n,
    ),
    80,
  ),
});

const closePayload = fc.oneof(
  fc.constant(new Uint8Array()),
  fc.constantFrom(
    1000,
    1001,
    1002,
    1003,
    1004,
    1005,
    1006,
    1007,
    1011,
    1015,
    1016,
    2999,
    3000,
    4029,
    4999,
    5000,
    0,
    65_535,
  )
    .map((code) => new Uint8Array([code >> 8, code & 0xff])),
  fc.uint8Array({ maxLength: 130 }),
);

/** Frames that come between those that say something. */
const between: Arbitrary<Frame> = fc.tuple(
  fc.oneof(
    fc.record({ opcode: fc.constantFrom(9, 10), payload: fc.uint8Array({ maxLength: 125 }) }),
    fc.record({
      opcode: fc.constantFrom(9, 10),
      payload: fc.uint8Array({ minLength: 126, maxLength: 200 }),
    }),
    fc.record({ opcode: fc.constant(2), payload: fc.uint8Array({ maxLength: 300 }) }),
    fc.record({ opcode: fc.constant(8), payload: closePayload }),
    fc.record({
      opcode: fc.constantFrom(0, 3, 7, 11, 15),
      payload: fc.uint8Array({ maxLength: 20 }),
    }),
  ),
  dressed,
  mostly(fc.constant(true), fc.constant(false), 10),
).map(([frame, dress, fin]) => ({ ...frame, ...dress, fin }));

/** A text in one frame, or in fragments with something between them. */
function said(text: Arbitrary<string>): Arbitrary<readonly Frame[]> {
  const whole = fc.tuple(text, dressed).map(([text, dress]) => [
    { ...dress, fin: true, opcode: TEXT, payload: bytesOf(text) },
  ]);
  const fragments = fc.tuple(
    inPieces(text.map(bytesOf)),
    fc.array(fc.tuple(dressed, fc.option(between, { freq: 2 })), { minLength: 1, maxLength: 6 }),
  ).map(([pieces, dresses]) =>
    pieces.flatMap((payload, i) => {
      const [dress, between] = dresses[i % dresses.length]!;
      const fin = i === pieces.length - 1;
      const frame = { ...dress, fin, opcode: i === 0 ? TEXT : 0, payload };
      return between === null ? [frame] : [frame, between];
    })
  );
  return mostly(whole, fragments);
}

function encode({ fin, reserved, opcode, payload, mask, lengthBits, said }: Frame): Uint8Array {
  const length = said ?? BigInt(payload.length);
  const bits = length > 0xffffn || lengthBits === 64
    ? 64
    : length > 125n || lengthBits === 16
    ? 16
    : 7;
  const head = new DataView(new ArrayBuffer(bits === 64 ? 10 : bits === 16 ? 4 : 2));
  head.setUint8(0, (fin ? 0x80 : 0) | reserved << 4 | opcode);
  head.setUint8(1, (mask ? 0x80 : 0) | (bits === 64 ? 127 : bits === 16 ? 126 : Number(length)));
  if (bits === 64) head.setBigUint64(2, BigInt.asUintN(64, length));
  if (bits === 16) head.setUint16(2, Number(length));
  const masked = mask ? payload.map((byte, i) => byte ^ mask[i % 4]!) : payload;
  return join([new Uint8Array(head.buffer), mask ?? new Uint8Array(), masked]);
}

const upgradeHeader = mostly(
  fc.constant<readonly string[]>([]),
  fc.oneof(
    fc.constantFrom(
      ["Sec-WebSocket-Protocol: partyline.v1"],
      ["Sec-WebSocket-Protocol: x, partyline.v1, partyline.v1"],
      ["Sec-WebSocket-Protocol: \t,,"],
      ["Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"],
      ['Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99, x; y="z'],
      ["Sec-WebSocket-Version: 8"],
      ["Sec-WebSocket-Key: x"],
      ["Origin: https://evil.example"],
      ["Origin: http://localhost"],
      ["Content-Length: 5", "", "hello"],
      ["Transfer-Encoding: chunked"],
    ),
    token.map((token) => [`Sec-WebSocket-Protocol: partyline.v1, partyline.token.${token}`]),
    fc.constant([`Origin: ${FRIEND}`]),
    token.map((token) => [`Authorization: Bearer ${token}`]),
    token.map((token) => [`Cookie: partyline=${token}`]),
    anything.map((word) => [`X-Any: ${word}`]),
  ),
  3,
);

function upgrade(path: string, query: Arbitrary<string>): Arbitrary<Uint8Array> {
  return fc.tuple(query, upgradeHeader).map(([query, headers]) =>
    bytesOf(
      [
        `GET ${path}${query} HTTP/1.1`,
        "Host: localhost",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        ...headers,
        "\r\n",
      ].join("\r\n"),
    )
  );
}

interface SocketDoor {
  readonly door: "/ws" | "/ws/text" | "/echo";
  readonly query?: Arbitrary<string>;
  readonly first?: Arbitrary<string>;
  readonly text: Arbitrary<string>;
}

function socketCase({ door, query = fc.constant(""), first, text }: SocketDoor): Arbitrary<Case> {
  const more = fc.array(
    mostly(said(text), between.map((frame) => [frame]), 4),
    { maxLength: 12 },
  );
  const all = first ? fc.tuple(said(first), more).map(([first, more]) => [first, ...more]) : more;
  const bytes = mostly(
    all.map((frames) => join(frames.flat().map(encode))),
    fc.uint8Array({ maxLength: 2000 }),
    20,
  );
  return fc.record({
    upgrading: damaged(upgrade(door, query)),
    waits: mostly(fc.constant(true), fc.constant(false)),
    frames: inPieces(damaged(bytes)),
    ending,
  }).map(({ upgrading, waits, frames, ending }) => ({
    door,
    what: waits ? "frames" : "frames before the answer",
    steps: [upgrading, ...(waits ? ["answer" as const] : []), ...frames],
    ending,
  }));
}

const queryOfWs = fc.record(
  { since: cursor, name, recent: number(0, 5, 500) },
  { requiredKeys: [] },
).map((fields) => `?${new URLSearchParams(fields as Record<string, string>)}`);

/** One WebSocket, made by hand. */
export const websocketCase: Arbitrary<Case> = fc.oneof(
  { weight: 3, arbitrary: socketCase({ door: "/ws", query: queryOfWs, text: jsonFrame }) },
  { weight: 2, arbitrary: socketCase({ door: "/ws/text", first: firstLine, text: line }) },
  { weight: 1, arbitrary: socketCase({ door: "/echo", text: anything }) },
);
