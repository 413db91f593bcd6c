import type { Bytes, Picture } from "./bytes.ts";
import { readGif } from "./gif.ts";
import { readJpeg } from "./jpeg.ts";
import { readPng } from "./png.ts";
import { readWebp } from "./webp.ts";

/** A file of that type that is broken, or of no type we know, is undefined. Pure. */
export function readPicture(bytes: Bytes): Picture | undefined {
  const read =
    { jpeg: readJpeg, png: readPng, webp: readWebp, gif: readGif }[String(kindOf(bytes))];
  try {
    return read?.(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends in the middle
    throw error;
  }
}

/**
 * What a file is by its first bytes, where it is a picture that browsers show, or a camera's; a `film`
 * is one that moves, of a kind that we cannot read.
 */
export type PictureKind = "jpeg" | "png" | "webp" | "gif" | "avif" | "heic" | "tiff" | "film";

export function kindOf(bytes: Bytes): PictureKind | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 16));
  if (start.startsWith("\xff\xd8\xff")) return "jpeg";
  if (start.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^RIFF[^]{4}WEBP/.test(start)) return "webp";
  if (/^GIF8[79]a/.test(start)) return "gif";
  if (/^[^]{4}ftypavif/.test(start)) return "avif";
  if (/^[^]{4}ftypavis/.test(start)) return "film";
  if (/^[^]{4}ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)/.test(start)) return "heic";
  if (/^(?:II\*\0|MM\0\*)/.test(start)) return "tiff";
  return undefined;
}
