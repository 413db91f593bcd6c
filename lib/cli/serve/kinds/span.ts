import type { Flag } from "../../flags/mod.ts";

const UNITS_MS = { s: 1000, m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 };

export interface SpanOptions {
  readonly help: string;
  /** As it is typed: `30d`, `12h`, `5m`. */
  readonly default: string;
  readonly max: string;
  /** Seconds are taken, too. */
  readonly short?: true;
}

/** A time in days, hours or minutes, as milliseconds. */
export function span({ help, default: typed, max, short }: SpanOptions): Flag<number> {
  const parse = (raw: string): number => {
    const ms = short || !raw.endsWith("s") ? spanMs(raw) : undefined;
    if (ms !== undefined && ms <= spanMs(max)!) return ms;
    const [units, examples] = short
      ? ["days, hours, minutes or seconds", `${typed}, 90m or 30s`]
      : ["days, hours or minutes", `${typed}, 12h or 90m`];
    throw new Error(`wanted ${units}, as ${examples}, up to ${max}`);
  };
  const value = short ? "Nd|Nh|Nm|Ns" : "Nd|Nh|Nm";
  return { value, help, default: parse(typed), typed, parse };
}

/** The same, or `off`, which is undefined. */
export function spanOrOff(options: SpanOptions): Flag<number | undefined> {
  return spanOr(options, { off: undefined });
}

/** The same, or one of some words, which stand for what they say. */
export function spanOr<T>(
  options: SpanOptions,
  words: Readonly<Record<string, T>>,
): Flag<number | T> {
  const { parse, value, ...flag } = span(options);
  const names = Object.keys(words);
  return {
    ...flag,
    value: [value, ...names].join("|"),
    parse(raw) {
      if (Object.hasOwn(words, raw)) return words[raw] as T;
      try {
        return parse(raw);
      } catch (error) {
        throw new Error(`${(error as Error).message}; or ${names.join(" or ")}`, { cause: error });
      }
    },
  };
}

function spanMs(raw: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([smhd])$/.exec(raw) ?? [];
  const ms = Number(digits) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return ms > 0 ? ms : undefined;
}
