import { ascii, type Bytes, part, type Picture, viewOf } from "./bytes.ts";
import { orientationOf } from "./exif.ts";

const HEAD = 12;
/** The chunks that say what is seen (RFC 9649). */
const SEEN = new Set(["VP8X", "VP8 ", "VP8L", "ALPH", "ANIM", "ANMF", "ICCP"]);
/** Flags of VP8X. */
const [ANIMATED, EXIF, XMP] = [0x02, 0x08, 0x04];

/** A WebP, also one that moves. Throws a RangeError where it is none, or ends early. */
export function readWebp(bytes: Bytes): Picture {
  const view = viewOf(bytes);
  const end = Math.min(bytes.length, 8 + view.getUint32(4, true));
  const chunks: Bytes[] = [];
  let [animated, orientation] = [false, 1];
  let size: { width: number; height: number } | undefined;
  for (let at = HEAD; at + 8 <= end;) {
    const name = ascii(bytes, at, 4);
    const length = view.getUint32(at + 4, true);
    const data = part(bytes, at + 8, at + 8 + length);
    size ??= sizeIn(name, data);
    if (name === "VP8X") {
      animated = (data[0]! & ANIMATED) !== 0;
      const chunk = part(bytes, at, at + 8 + length).slice();
      chunk[8] = chunk[8]! & ~(EXIF | XMP);
      chunks.push(chunk);
    } else if (SEEN.has(name)) chunks.push(part(bytes, at, at + 8 + length));
    // Some begin it as JPEGs do.
    if (name === "EXIF") {
      const prefixed = data.length >= 6 && ascii(data, 0, 6) === "Exif\0\0";
      orientation = orientationOf(prefixed ? data.subarray(6) : data);
    }
    if (length % 2 === 1 && SEEN.has(name)) chunks.push(new Uint8Array(1));
    at += 8 + length + length % 2;
  }
  if (!size) throw new RangeError("Cannot read: there is no picture");
  const head = part(bytes, 0, HEAD).slice();
  const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  viewOf(head).setUint32(4, 4 + length, true);
  return { type: "image/webp", ...size, animated, orientation, bare: [head, ...chunks] };
}

function sizeIn(name: string, data: Bytes): { width: number; height: number } | undefined {
  const view = viewOf(data);
  switch (name) {
    case "VP8X":
      return { width: 1 + uint24(view, 4), height: 1 + uint24(view, 7) };
    case "VP8 ":
      return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
    case "VP8L": {
      const bits = view.getUint32(1, true);
      return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >> 14) & 0x3fff) };
    }
  }
  return undefined;
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
}
