import type { Flag } from "../flags/mod.ts";

const UNITS_MS = { m: 60_000, h: 60 * 60_000, d: 24 * 60 * 60_000 };

export interface SpanOptions {
  readonly help: string;
  /** As it is typed: `30d`, `12h`, `5m`. */
  readonly default: string;
  readonly max: string;
}

/** A time in days, hours or minutes, as milliseconds. */
export function span({ help, default: typed, max }: SpanOptions): Flag<number> {
  const parse = (raw: string): number => {
    const ms = spanMs(raw);
    if (ms !== undefined && ms <= spanMs(max)!) return ms;
    throw new Error(`wanted days, hours or minutes, as ${typed}, 12h or 90m, up to ${max}`);
  };
  return { value: "Nd|Nh|Nm", help, default: parse(typed), typed, parse };
}

/** The same, or `off`, which is undefined. */
export function spanOrOff(options: SpanOptions): Flag<number | undefined> {
  const { parse, value, ...flag } = span(options);
  return {
    ...flag,
    value: `${value}|off`,
    parse(raw) {
      if (raw === "off") return undefined;
      try {
        return parse(raw);
      } catch (error) {
        throw new Error(`${(error as Error).message}; or off`, { cause: error });
      }
    },
  };
}

function spanMs(raw: string): number | undefined {
  const [, digits, unit] = /^(\d{1,6})([mhd])$/.exec(raw) ?? [];
  const ms = Number(digits) * UNITS_MS[unit as keyof typeof UNITS_MS];
  return ms > 0 ? ms : undefined;
}
