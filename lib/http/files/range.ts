/** A part of so many bytes, from the first on. */
export interface ByteRange {
  readonly start: number;
  /** After the last byte. */
  readonly end: number;
}

/**
 * The part that a Range header asks for (RFC 9110, section 14.2), of so many bytes that there are;
 * `"unsatisfiable"` where there is none of it. Undefined where all is to be sent: without a header, and
 * for one that cannot be read, is of another unit, or asks for several parts, which may be ignored.
 */
export function parseRange(
  header: string | null,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, from, to] = /^bytes *= *(\d*) *- *(\d*)$/i.exec(header?.trim() ?? "") ?? [];
  if (from === undefined || to === undefined || from + to === "") return undefined;
  if (from === "") {
    const start = Math.max(0, size - Number(to));
    return start < size ? { start, end: size } : "unsatisfiable";
  }
  const [start, last] = [Number(from), to === "" ? Infinity : Number(to)];
  if (last < start) return undefined;
  return start < size ? { start, end: Math.min(last + 1, size) } : "unsatisfiable";
}
