import type { Rate } from "../../base/rate_limit.ts";
import type { Flag } from "../flags/mod.ts";

/** Messages a second from one sender, of which twice as many may come at once; or none is limited. */
export function rateLimit(perSecond: number, help: string): Flag<Rate | undefined> {
  const rate = (perSecond: number) => ({ perSecond, burst: 2 * perSecond });
  return {
    value: "N/s|off",
    help,
    default: rate(perSecond),
    typed: `${perSecond}/s`,
    parse(raw) {
      if (raw === "off") return undefined;
      const perSecond = Number(/^(\d{1,6})(?:\/s)?$/.exec(raw)?.[1]);
      if (!(perSecond > 0)) throw new Error("wanted messages a second, as 5/s, or off");
      return rate(perSecond);
    },
  };
}
