import type { FileInfo } from "../../model/message.ts";

/** What a file is, as far as its bytes tell. */
export interface Kind {
  /** As `image/png`. */
  readonly type: string;
  /** What the names of such files end in. */
  readonly extension: string;
  /** In pixels, as it is seen: of an image that can be shown. */
  readonly width?: number;
  readonly height?: number;
}

/** Of bytes that nothing is known of. */
export const UNKNOWN: Kind = { type: "application/octet-stream", extension: "bin" };
const TEXT: Kind = { type: "text/plain", extension: "txt" };

/** Types that every browser shows by itself, and runs nothing of. */
const SHOWN = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"];
/** Shown, an image takes four bytes of the reader's memory for each pixel: 256 MB. */
const PIXELS = 2 ** 26;
/** A side of more cannot be drawn everywhere. */
const SIDE = 32_767;
/** Types that a browser would run, or make a page of: as text they are what they are to people. */
const ACTIVE = /\b(?:html|xml|svg|javascript|ecmascript|css)\b/;
/** What tells the type stands here; and the size of an image, which has whole previews before it. */
const HEAD_BYTES = 64 * 1024;
const IMAGE_HEAD_BYTES = 4 * 1024 * 1024;

/** Whether a browser may show it in its place: an image of a size that does no harm. */
export function isShown({ type, width }: Pick<FileInfo, "type" | "width">): boolean {
  return width !== undefined && SHOWN.includes(type);
}

/**
 * Looks at the first bytes of a file, and never decodes what they hold. What the libraries do not know
 * is text where it is UTF-8 without control characters. May take long where the bytes are meant for
 * that, or throw: for a thread of its own.
 */
export async function kindOf(path: string): Promise<Kind> {
  using file = await Deno.open(path, { read: true });
  const head = await read(file, HEAD_BYTES);
  const found = await formatOf(head);
  if (!found) return isText(head) ? TEXT : UNKNOWN;
  const type = found.mime.split(";", 1)[0]!;
  if (ACTIVE.test(type)) return isText(head) ? TEXT : UNKNOWN;
  const kind = { type, extension: found.ext };
  if (!SHOWN.includes(type)) return kind;
  await file.seek(0, Deno.SeekMode.Start);
  return { ...kind, ...await sizeOf(await read(file, IMAGE_HEAD_BYTES)) };
}

/** Undefined where no format is known to begin like that, or not to go on like that. */
async function formatOf(head: Uint8Array) {
  const { fileTypeFromBuffer } = await import("file-type");
  try {
    return await fileTypeFromBuffer(head);
  } catch {
    return undefined;
  }
}

/** Nothing where it cannot be found, or is more than a reader's machine should be asked to draw. */
async function sizeOf(head: Uint8Array): Promise<{ width: number; height: number } | undefined> {
  const { imageSize } = await import("image-size");
  try {
    const { width, height, orientation = 1 } = imageSize(head);
    const fits = [width, height].every((side) =>
      Number.isInteger(side) && side > 0 && side <= SIDE
    );
    if (!fits || width * height > PIXELS) return undefined;
    // From 5 on the picture lies on its side, and is shown upright.
    return orientation >= 5 ? { width: height, height: width } : { width, height };
  } catch {
    return undefined; // damaged
  }
}

function isText(head: Uint8Array): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    // deno-lint-ignore no-control-regex
    return !/[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(text);
  } catch {
    return false;
  }
}

/** Up to so many bytes from where the file stands. */
async function read(file: Deno.FsFile, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const buffer = new Uint8Array(Math.min(bytes, (await file.stat()).size));
  let length = 0;
  while (length < buffer.length) {
    const count = await file.read(buffer.subarray(length));
    if (count === null) break;
    length += count;
  }
  return buffer.subarray(0, length);
}
