import type { Rate } from "../../../base/rate_limit.ts";
import type { Flag } from "../../flags/mod.ts";

export interface RateLimitOptions {
  readonly help: string;
  /** As it is typed: `5/s`, `6/m`. */
  readonly default: string;
  /** Of what, as in `wanted messages a second`. */
  readonly of: string;
  /** How many times the number that is typed may come at once. */
  readonly burst: number;
}

/** So many a second (`5/s`, or `5`), or a minute (`6/m`) where the default is; or none is limited. */
export function rateLimit(
  { help, default: typed, of, burst }: RateLimitOptions,
): Flag<Rate | undefined> {
  const unit = typed.endsWith("/m") ? "m" : "s";
  const seconds = unit === "m" ? 60 : 1;
  const pattern = new RegExp(`^(\\d{1,6})(?:/${unit})?$`);
  const parse = (raw: string): Rate | undefined => {
    if (raw === "off") return undefined;
    const count = Number(pattern.exec(raw)?.[1]);
    if (!(count > 0)) {
      const example = `${of} a ${unit === "m" ? "minute" : "second"}, as ${typed}`;
      throw new Error(`wanted ${example}, or off`);
    }
    return { perSecond: count / seconds, burst: count * burst };
  };
  return { value: `N/${unit}|off`, help, default: parse(typed), typed, parse };
}
