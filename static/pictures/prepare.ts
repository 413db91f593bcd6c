import type { Picture } from "./bytes.ts";
import { kindOf, type PictureKind, readPicture } from "./picture.ts";

/** The longest side that a picture is sent with. */
export const LONGEST = 2560;
/** Photographs: hardly to be told from what they were, at a tenth of the bytes. */
const QUALITY = 0.86;
/** A drawing that is larger than this without loss is sent with some. */
const LOSSLESS_BYTES = 1_500_000;
/** A larger file is no picture that anybody would look at here; it is not read into memory. */
const READ_BYTES = 128 * 1024 * 1024;

/** A file as it leaves the browser. */
export interface PreparedFile {
  readonly blob: Blob;
  readonly name: string;
  /** Of a picture, in pixels, upright. */
  readonly width?: number;
  readonly height?: number;
  /** It was made smaller, or turned: its pixels are others. */
  readonly redrawn: boolean;
  /** It may tell where it was taken: it could not be freed of that. */
  readonly telling: boolean;
}

/**
 * The file as it may leave the browser: a picture without what its file says besides (the place, the
 * camera), upright, and at most 2,560 pixels in width and height; what moves keeps its size. Anything
 * else is as it was, and so is all that this browser cannot read. Never rejects.
 */
export async function prepareFile(file: File): Promise<PreparedFile> {
  const as = { blob: file, name: file.name, redrawn: false, telling: false };
  if (file.size > READ_BYTES) return as;
  let bytes;
  try {
    bytes = new Uint8Array(await file.arrayBuffer());
  } catch {
    return as; // what cannot be read fails when it is sent
  }
  const kind = kindOf(bytes);
  if (!kind) return as;
  if (kind === "film") return { ...as, telling: true };
  const picture = readPicture(bytes);
  if (picture && isGoodAsItIs(picture)) return bared(file, picture);
  try {
    return await redraw(file, kind);
  } catch {
    // best effort: this browser does not know such pictures, or has no memory for it
    return picture ? bared(file, picture) : { ...as, telling: true };
  }
}

function isGoodAsItIs({ animated, orientation, width, height }: Picture): boolean {
  return animated || (orientation === 1 && Math.max(width, height) <= LONGEST);
}

function bared({ name }: File, { type, width, height, bare }: Picture): PreparedFile {
  const blob = new Blob([...bare], { type });
  return { blob, name, width, height, redrawn: false, telling: false };
}

async function redraw(file: File, kind: PictureKind): Promise<PreparedFile> {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  let canvas;
  try {
    canvas = draw(bitmap);
  } finally {
    bitmap.close(); // it is the largest thing here
  }
  const { width, height } = canvas;
  const blob = await encode(canvas, kind);
  return { blob, name: named(file.name, blob.type), width, height, redrawn: true, telling: false };
}

function draw(bitmap: ImageBitmap): OffscreenCanvas {
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) =>
    Math.max(1, Math.round(side * scale))
  );
  const canvas = new OffscreenCanvas(width!, height!);
  const context = canvas.getContext("2d");
  if (!context) throw new TypeError("Cannot draw: there is no canvas");
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, width!, height!);
  return canvas;
}

/** A photograph as JPEG; what may be transparent as PNG, or as WebP where that is too large. */
async function encode(canvas: OffscreenCanvas, kind: PictureKind): Promise<Blob> {
  if (kind === "jpeg" || kind === "heic" || kind === "tiff") {
    return await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
  }
  if (kind === "png") {
    const png = await canvas.convertToBlob({ type: "image/png" });
    if (png.size <= LOSSLESS_BYTES) return png;
  }
  // A browser that cannot write WebP writes PNG.
  return await canvas.convertToBlob({ type: "image/webp", quality: QUALITY });
}

/** The name with the ending of that type. */
function named(name: string, type: string): string {
  const ending = type.slice("image/".length);
  if (new RegExp(`\\.(?:${ending}|${ending.replace("jpeg", "jpg")})$`, "i").test(name)) return name;
  return `${name.replace(/\.\w{1,5}$/, "")}.${ending.replace("jpeg", "jpg")}`;
}
