import fc, { type Arbitrary } from "fast-check";

/** What a door accepts, and now and then what it should not: so most cases come past the first check. */
export function mostly<T>(valid: Arbitrary<T>, hostile: Arbitrary<T>, often = 5): Arbitrary<T> {
  return fc.oneof({ weight: often, arbitrary: valid }, { weight: 1, arbitrary: hostile });
}

/** UTF-8, but that a lone surrogate becomes the three bytes that no UTF-8 has. */
export function bytesOf(text: string): Uint8Array {
  if (text.isWellFormed()) return new TextEncoder().encode(text);
  return join(Array.from(text, (character) => {
    if (character.isWellFormed()) return new TextEncoder().encode(character);
    const unit = character.charCodeAt(0);
    return new Uint8Array([0xe0 | unit >> 12, 0x80 | unit >> 6 & 0x3f, 0x80 | unit & 0x3f]);
  }));
}

export function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A place in something whose length is not known yet: a part of it, from 0 to below 1. */
const place = fc.nat(9999).map((n) => n / 10_000);

/** What tends to mean something to whoever parses. */
const splinter = fc.constantFrom(
  ..."\0|\r|\n|\r\n|\r\n\r\n|\t| |:|;|,|=|&|%|%00|\"|'|\\|/|..|{|}|[|]|<|\x1b[2J|\x7f|\ufeff|\u202e|\u2028"
    .split("|").map(bytesOf),
  ...[[0xff], [0xc0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xff, 0xfa], [0xff, 0xf0], [0x80], [
    0xe2,
    0x82,
  ]]
    .map((bytes) => new Uint8Array(bytes)),
);

type Mutation = (bytes: Uint8Array) => Uint8Array;

const mutation: Arbitrary<Mutation> = fc.oneof(
  fc.tuple(place, splinter).map(([where, what]): Mutation => (bytes) => {
    const at = Math.floor(where * (bytes.length + 1));
    return join([bytes.subarray(0, at), what, bytes.subarray(at)]);
  }),
  fc.tuple(place, fc.nat(255)).map(([where, byte]): Mutation => (bytes) => {
    if (bytes.length === 0) return bytes;
    return bytes.with(Math.floor(where * bytes.length), byte);
  }),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(([where, count]): Mutation => (bytes) => {
    const at = Math.floor(where * bytes.length);
    return join([bytes.subarray(0, at), bytes.subarray(at + count)]);
  }),
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(([where, count]): Mutation => (bytes) => {
    const at = Math.floor(where * bytes.length);
    return join([bytes.subarray(0, at + count), bytes.subarray(at)]);
  }),
  place.map((where): Mutation => (bytes) => bytes.subarray(0, Math.floor(where * bytes.length))),
);

/** The bytes, and now and then something like them. */
export function damaged(bytes: Arbitrary<Uint8Array>): Arbitrary<Uint8Array> {
  const mutations = mostly(
    fc.constant<readonly Mutation[]>([]),
    fc.array(mutation, { minLength: 1, maxLength: 3 }),
  );
  return fc.tuple(bytes, mutations).map(([bytes, mutations]) =>
    mutations.reduce((bytes, mutate) => mutate(bytes), bytes)
  );
}

/** The bytes in one piece, or cut anywhere, as the network may. */
export function inPieces(bytes: Arbitrary<Uint8Array>): Arbitrary<readonly Uint8Array[]> {
  const cuts = mostly(
    fc.constant<readonly number[]>([]),
    fc.array(place, { minLength: 1, maxLength: 4 }),
  );
  return fc.tuple(bytes, cuts).map(([bytes, cuts]) => {
    const at = [0, ...cuts.map((cut) => Math.floor(cut * bytes.length)), bytes.length]
      .sort((a, b) => a - b);
    return at.slice(1).map((end, i) => bytes.subarray(at[i], end)).filter(({ length }) =>
      length > 0
    );
  });
}
