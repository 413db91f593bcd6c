import type { Log } from "../../log/log.ts";
import { Refusal } from "../../model/refusal.ts";
import { parseSearchQuery } from "../../model/search/query.ts";
import type { Handler } from "../exchange.ts";
import { json } from "../respond.ts";

const PAGE = { default: 50, min: 1, max: 200 } as const;
/** Characters in a search: more find no more. */
const QUERY_AT_MOST = 200;

/**
 * GET /api/search: messages that have all words of `q` and are of whom and when it says, newest first.
 * Where the time was over before all was searched, `before` says where to go on.
 */
export function getSearch(log: Log): Handler {
  return async ({ request, query }) => {
    const q = query.text("q") ?? "";
    const { words, from, since, until } = parseSearchQuery(q.slice(0, QUERY_AT_MOST));
    const isEmpty = words === "" && [from, since, until].every((filter) => filter === undefined);
    if (isEmpty || q.length > QUERY_AT_MOST) {
      throw new Refusal(
        "bad_request",
        `q: wanted the words to search for, up to ${QUERY_AT_MOST} characters`,
      );
    }
    const limit = query.integer("limit", PAGE);
    const before = query.seq("before", log.epoch) ?? Infinity;
    const end = until === undefined ? Infinity : await firstSince(log, until);
    const first = since === undefined ? undefined : await firstSince(log, since);
    const { entries, unfinished } = await log.search({
      query: words,
      limit: limit + 1,
      signal: request.signal,
      before: Math.min(before, end),
      ...(from !== undefined && { from }),
      ...(first !== undefined && { after: first - 1 }),
    });
    return json({
      events: entries.slice(0, limit),
      more: entries.length > limit || unfinished !== undefined,
      ...(unfinished !== undefined && { before: unfinished }),
    });
  };
}

/**
 * A seq at which the messages from a time on begin: all from there on are of then or later, and none
 * before it. It may be one after the last. By halves, as times never go back from one entry to the next.
 */
export async function firstSince(log: Log, time: number): Promise<number> {
  let [low, high] = [log.first, log.last + 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const [next] = await log.readMessages({ after: middle - 1, limit: 1 });
    if (next && next.at < time) low = next.seq + 1;
    else high = middle;
  }
  return low;
}
