/** Bytes of a file. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A part of the bytes; throws a RangeError where there are not so many. */
export function part(bytes: Bytes, from: number, to: number): Bytes {
  if (to > bytes.length || from > to) throw new RangeError("Cannot read: the file ends before");
  return bytes.subarray(from, to);
}

/** So many bytes as text, one character each. Throws as `part`. */
export function ascii(bytes: Bytes, from: number, length: number): string {
  return String.fromCharCode(...part(bytes, from, from + length));
}

export function viewOf(bytes: Bytes): DataView<ArrayBuffer> {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** What the bytes of a picture say of it. */
export interface Picture {
  readonly type: "image/jpeg" | "image/png" | "image/webp" | "image/gif";
  /** As it is stored, before it is turned. */
  readonly width: number;
  readonly height: number;
  readonly animated: boolean;
  /** How it is to be turned to be upright, as EXIF counts: 1 is not at all. */
  readonly orientation: number;
  /**
   * The same picture, bit by bit, without what else its file says: where and when it was taken, with
   * what, and by whom; thumbnails, comments, and what stands behind its end. Colour profiles stay.
   */
  readonly bare: readonly Bytes[];
}
