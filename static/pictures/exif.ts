import { ascii, type Bytes, viewOf } from "./bytes.ts";

const ORIENTATION = 0x0112;

/** How a picture is to be turned, 1 to 8, from its EXIF (a TIFF); 1 where that does not say it. */
export function orientationOf(tiff: Bytes): number {
  try {
    const order = ascii(tiff, 0, 2);
    if (order !== "II" && order !== "MM") return 1;
    const [view, little] = [viewOf(tiff), order === "II"];
    const at = view.getUint32(4, little);
    const count = view.getUint16(at, little);
    for (let i = 0; i < count; i++) {
      const entry = at + 2 + 12 * i;
      if (view.getUint16(entry, little) !== ORIENTATION) continue;
      const value = view.getUint16(entry + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return 1;
}
