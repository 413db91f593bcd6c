import type { Rate } from "../../base/rate_limit.ts";
import type { FileSettings } from "../../files/mod.ts";
import type { Flag, Values } from "../flags/mod.ts";

const UNITS: Readonly<Record<string, number>> = { "": 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };
const HOUR_S = 60 * 60;

/** What files messages may have. */
export const fileFlags = {
  "file-limit": fileLimit(),
  "files-total": filesTotal(),
};

/** What the server is given. */
export function filesOf(values: Values<typeof fileFlags>): FileSettings {
  return { limit: values["file-limit"] ?? 0, total: values["files-total"] };
}

/** So many bytes an hour, all of which may come at once; or none are limited. */
export function bytesAnHour(
  { help, default: typed }: { readonly help: string; readonly default: string },
): Flag<Rate | undefined> {
  const parse = (raw: string): Rate | undefined => {
    if (raw === "off") return undefined;
    const bytes = sizeOf(raw.replace(/\/h$/, ""));
    if (bytes === undefined) throw new Error(`wanted bytes an hour, as ${typed}, or off`);
    return { perSecond: bytes / HOUR_S, burst: bytes };
  };
  return { value: "SIZE/h|off", help, default: parse(typed), typed, parse };
}

function fileLimit(): Flag<number | undefined> {
  const typed = "10MB";
  const parse = (raw: string): number | undefined => {
    if (raw === "off") return undefined;
    const bytes = sizeOf(raw);
    if (bytes === undefined) throw new Error(`wanted bytes, as ${typed} or 500KB; or off`);
    return bytes;
  };
  const help = "longest file that may be uploaded, 1MB being 1024 KB of 1024 bytes; off for none";
  return { value: "SIZE|off", help, default: parse(typed), typed, parse };
}

function filesTotal(): Flag<number> {
  const typed = "1GB";
  const parse = (raw: string): number => {
    const bytes = sizeOf(raw);
    if (bytes === undefined) throw new Error(`wanted bytes, as ${typed} or 500MB`);
    return bytes;
  };
  return {
    value: "SIZE",
    help: "space for all files together",
    default: parse(typed),
    typed,
    parse,
  };
}

/** Of `10MB`, `10M` or `10485760`; undefined where it is no size, or more than any disk has. */
function sizeOf(raw: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,12})(?:([kmg])?b?)$/i.exec(raw) ?? [];
  const bytes = Number(digits) * UNITS[unit.toUpperCase()]!;
  return bytes > 0 && bytes <= 2 ** 50 ? bytes : undefined;
}
