/** More than any browser sends; the rest of a longer header is ignored. */
const CHARACTERS = 512;
const RANGES = 16;

/** The languages of an Accept-Language header (RFC 9110, section 12.5.4), the preferred first. */
export function acceptedLanguages(header: string | null): string[] {
  const ranges = (header ?? "").slice(0, CHARACTERS).split(",", RANGES).map((range) => {
    const [tag = "", ...parameters] = range.trim().split(";");
    const quality = parameters.map((p) => /^\s*q=([\d.]+)\s*$/.exec(p)?.[1]).find(Boolean);
    return { tag, quality: Number(quality ?? 1) };
  });
  return ranges.filter(({ tag, quality }) => tag !== "" && quality > 0).sort((a, b) =>
    b.quality - a.quality
  )
    .map(({ tag }) => tag);
}
