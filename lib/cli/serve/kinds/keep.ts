import type { Keep } from "../../../log/retention.ts";
import type { Flag } from "../../flags/mod.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
/** Somebody who types `5` means days: a log of so few messages is of no use, and the rest is gone. */
const LEAST_MESSAGES = 100;

/** How much of the history stays: all, some days of it, or a number of messages. */
export function keep(help: string): Flag<Keep> {
  return {
    value: "Nd|N|all",
    help,
    default: { type: "all" },
    typed: "all",
    parse(raw) {
      if (raw === "all") return { type: "all" };
      const [, digits, days] = /^(\d{1,9})(d?)$/.exec(raw) ?? [];
      const number = Number(digits);
      if (days && number > 0) return { type: "age", ms: number * DAY_MS };
      if (!days && number >= LEAST_MESSAGES) return { type: "entries", count: number };
      throw new Error(
        `wanted days as 90d, messages as 100000 (${LEAST_MESSAGES} at least), or all`,
      );
    },
  };
}
