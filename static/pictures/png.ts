import { ascii, type Bytes, part, type Picture, viewOf } from "./bytes.ts";
import { orientationOf } from "./exif.ts";

const SIGNATURE = 8;
/** The chunks that say what is seen, and how (PNG, third edition): all else is about it. */
const SEEN = new Set([
  ...[
    "IHDR",
    "PLTE",
    "IDAT",
    "IEND",
    "tRNS",
    "acTL",
    "fcTL",
    "fdAT",
    "bKGD",
    "hIST",
    "pHYs",
    "sPLT",
  ],
  ...["cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "mDCV", "cLLI"],
]);

/** A PNG, also one that moves. Throws a RangeError where it is none, or ends early. */
export function readPng(bytes: Bytes): Picture {
  const view = viewOf(bytes);
  const bare = [part(bytes, 0, SIGNATURE)];
  let [animated, orientation] = [false, 1];
  for (let at = SIGNATURE, name = ""; name !== "IEND";) {
    const end = at + 12 + view.getUint32(at);
    name = ascii(bytes, at + 4, 4);
    const chunk = part(bytes, at, end);
    if (name === "acTL") animated = true;
    if (name === "eXIf") orientation = orientationOf(chunk.subarray(8, -4));
    if (SEEN.has(name)) bare.push(chunk);
    at = end;
  }
  const [width, height] = [view.getUint32(SIGNATURE + 8), view.getUint32(SIGNATURE + 12)];
  return { type: "image/png", width, height, animated, orientation, bare };
}
