import { Refusal } from "../refusal.ts";

/** What is searched for, as somebody wrote it: `lunch from:ann after:2026-11-01`. */
export interface SearchQuery {
  /** Each word of it must occur. */
  readonly words: string;
  /** Whose messages. */
  readonly from?: string;
  /** Messages from this time on, and before that one, in milliseconds since 1970. */
  readonly since?: number;
  readonly until?: number;
}

/** What a time looks like, for those who wrote another. */
export const A_TIME = "a day or a time, as in 2026-11-01 or 2026-11-01T12:00Z";

/** `from:ann`, `from:"ann lee"`, `before:2026-11-01`; input methods may write another colon. */
const FILTER = /(?<!\S)(from|before|after)[:：](?:"([^"]*)"|(\S*))(?!\S)/giu;

/**
 * Reads a query. A day begins when `dayBegins` says, by default in UTC. A filter without a value is
 * as good as none; of two of a kind the last one counts. Throws a Refusal where a time cannot be read.
 */
export function parseSearchQuery(
  text: string,
  dayBegins: (year: number, month: number, day: number) => number = utc,
): SearchQuery {
  const time = (name: string, value: string): number => {
    const at = timeOf(value, dayBegins);
    if (at !== undefined) return at;
    throw new Refusal("bad_request", `${name}:${value.slice(0, 64)}: wanted ${A_TIME}`);
  };
  const query: { words: string; from?: string; since?: number; until?: number } = { words: "" };
  query.words = text.replace(FILTER, (_, kind: string, quoted?: string, bare?: string) => {
    const value = (quoted ?? bare ?? "").trim();
    if (value === "") return "";
    switch (kind.toLowerCase()) {
      case "from":
        query.from = value.replace(/^@/, "");
        break;
      case "after":
        query.since = time("after", value);
        break;
      case "before":
        query.until = time("before", value);
        break;
    }
    return "";
  }).trim();
  return query;
}

/**
 * A day (2026-11-01) or a time (2026-11-01T12:00Z), in milliseconds since 1970; undefined where the text
 * is neither.
 */
export function timeOf(text: string, dayBegins = utc): number | undefined {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)(T\d\d:\d\d.*)?$/i.exec(text) ?? [];
  if (day === undefined) return undefined;
  const date = `${year}-${month}-${day}`;
  const start = new Date(`${date}T00:00Z`);
  // The 31st of February would be another day.
  if (Number.isNaN(start.getTime()) || !start.toISOString().startsWith(date)) return undefined;
  if (time === undefined) return dayBegins(Number(year), Number(month), Number(day));
  const at = Date.parse(`${date}${/(Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`}`);
  return Number.isNaN(at) ? undefined : at;
}

function utc(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day);
}
