type Bytes = Uint8Array<ArrayBuffer>;

/** Stands in what a camera says of itself. */
export const CAMERA = "Verraeterin 3000";

/** What a camera writes (EXIF 2.32): itself, the place (52° N, 13° E), and how to turn the picture. */
export function exif(orientation = 1): Bytes {
  const camera = new TextEncoder().encode(`${CAMERA}\0\0`.slice(0, 18));
  const [ifd, gps] = [8, 8 + 2 + 3 * 12 + 4];
  const place = gps + 2 + 4 * 12 + 4;
  const bytes = new Uint8Array(place + 2 * 24 + camera.length);
  const view = new DataView(bytes.buffer);
  const entry = (at: number, tag: number, [type, count, value]: readonly number[]) => {
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type!, true);
    view.setUint32(at + 4, count!, true);
    if (type === 3) view.setUint16(at + 8, value!, true);
    else view.setUint32(at + 8, value!, true);
  };
  bytes.set(new TextEncoder().encode("II"));
  view.setUint16(2, 42, true);
  view.setUint32(4, ifd, true);
  view.setUint16(ifd, 3, true);
  entry(ifd + 2, 0x010f, [2, camera.length, place + 48]);
  entry(ifd + 14, 0x0112, [3, 1, orientation]);
  entry(ifd + 26, 0x8825, [4, 1, gps]);
  view.setUint16(gps, 4, true);
  entry(gps + 2, 1, [2, 2, "N".charCodeAt(0)]);
  entry(gps + 14, 2, [5, 3, place]);
  entry(gps + 26, 3, [2, 2, "E".charCodeAt(0)]);
  entry(gps + 38, 4, [5, 3, place + 24]);
  [52, 31, 12, 13, 24, 18].forEach((value, i) => {
    view.setUint32(place + 8 * i, value, true);
    view.setUint32(place + 8 * i + 4, 1, true);
  });
  bytes.set(camera, place + 48);
  return bytes;
}

/** A segment of a JPEG. */
export function segment(marker: number, data: Bytes | string): Bytes {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const length = bytes.length + 2;
  return Uint8Array.of(0xff, marker, length >> 8, length & 0xff, ...bytes);
}

/** A JPEG as a camera would have written it: after its first marker, with EXIF, XMP, and a comment. */
export function photo(jpeg: Bytes, orientation = 1): Bytes {
  return joined(
    jpeg.subarray(0, 2),
    segment(0xe1, joined(text("Exif\0\0"), exif(orientation))),
    segment(0xe1, `http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>${CAMERA}</x:xmpmeta>`),
    segment(0xfe, `taken with ${CAMERA}`),
    jpeg.subarray(2),
    text(`behind the end: ${CAMERA}`),
  );
}

export function joined(...parts: readonly Bytes[]): Bytes {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Each character as one byte. */
export function text(characters: string): Bytes {
  return Uint8Array.from(characters, (character) => character.charCodeAt(0));
}

/** Whether the bytes say anywhere what no picture need say. */
export function tells(bytes: Bytes): boolean {
  const all = new TextDecoder("latin1").decode(bytes);
  return ["Exif", CAMERA, "xmp", "GPS"].some((word) => all.includes(word));
}
