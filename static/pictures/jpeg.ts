import { ascii, type Bytes, part, type Picture, viewOf } from "./bytes.ts";
import { orientationOf } from "./exif.ts";

const [SOI, EOI, SOS, COM] = [0xd8, 0xd9, 0xda, 0xfe];
const EXIF = "Exif\0\0";

/** A JPEG (ISO 10918-1, annex B). Throws a RangeError where it is none, or ends early. */
export function readJpeg(bytes: Bytes): Picture {
  const view = viewOf(bytes);
  const bare = [Uint8Array.of(0xff, SOI)];
  let [width, height, orientation] = [0, 0, 1];
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) throw new RangeError("Cannot read: a marker is wanted");
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    if (marker === EOI) break;
    const end = at + 2 + view.getUint16(at + 2);
    const segment = part(bytes, at, end);
    if (isFrame(marker)) [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
    if (marker === 0xe1 && segment.length >= 10 && ascii(segment, 4, 6) === EXIF) {
      orientation = orientationOf(segment.subarray(10));
    }
    if (isPartOfPicture(marker, segment)) bare.push(segment);
    at = end;
    if (marker === SOS) {
      const after = endOfScan(bytes, at);
      bare.push(part(bytes, at, after));
      at = after;
    }
  }
  // What stands behind the end belongs to the camera: a second picture, a film.
  bare.push(Uint8Array.of(0xff, EOI));
  if (width === 0 || height === 0) throw new RangeError("Cannot read: there is no frame");
  return { type: "image/jpeg", width, height, animated: false, orientation, bare };
}

/** A start of frame, of whatever kind; c4, c8 and cc are something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

/** Of the application's segments only JFIF's head, colour profiles, and how Adobe meant the colours. */
function isPartOfPicture(marker: number, segment: Bytes): boolean {
  if (marker === COM) return false;
  if (marker < 0xe0 || marker > 0xef) return true;
  const has = (text: string) =>
    segment.length >= 4 + text.length && ascii(segment, 4, text.length) === text;
  return marker === 0xe0 && has("JFIF\0") || marker === 0xe2 && has("ICC_PROFILE\0") ||
    marker === 0xee && has("Adobe");
}

/** Where the coded data ends that begin at `from`: before a marker that is none of theirs. */
function endOfScan(bytes: Bytes, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    const isTheirs = next === 0 || next === 0xff || (next! >= 0xd0 && next! <= 0xd7);
    if (!isTheirs) return at;
  }
  throw new RangeError("Cannot read: the picture ends early");
}
