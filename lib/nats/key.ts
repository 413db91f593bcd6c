/** A key as NATS takes it: what is no letter, digit, `-`, `_` or `/` is written as `=` and UTF-8 in hex. */
export function encodeKey(key: string): string {
  if (key === "") throw new RangeError("a key is empty, wanted a text");
  return key.replaceAll(/[^-\w/]+/g, (text) => {
    const bytes = new TextEncoder().encode(text);
    return Array.from(bytes, (byte) => `=${byte.toString(16).padStart(2, "0")}`).join("");
  });
}

/** What `encodeKey` was given. */
export function decodeKey(encoded: string): string {
  return decodeURIComponent(encoded.replaceAll("=", "%"));
}
