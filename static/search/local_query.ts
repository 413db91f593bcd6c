import { parseSearchQuery, type SearchQuery } from "../../lib/model/search/query.ts";

/** Midnight of a day where the reader is. */
export function localDay(year: number, month: number, day: number): number {
  return new Date(year, month - 1, day).getTime();
}

/** As `parseSearchQuery`, with days that begin where the reader is. */
export function parseLocalQuery(text: string): SearchQuery {
  return parseSearchQuery(text, localDay);
}

/** The query for the server, to which a day is one of UTC: with times instead. */
export function toServerQuery({ words, from, since, until }: SearchQuery): string {
  const filters = [
    from !== undefined && `from:"${from}"`,
    since !== undefined && `after:${new Date(since).toISOString()}`,
    until !== undefined && `before:${new Date(until).toISOString()}`,
  ];
  return [words, ...filters].filter(Boolean).join(" ");
}
