import type { Exchange } from "./router.ts";
import type { Entry } from "../model/message.ts";
import { Refusal } from "../model/refusal.ts";
import { json } from "./respond.ts";

const PAGE = { default: 50, min: 1, max: 200 } as const;
/** Characters in a search: more find no more. */
const QUERY_AT_MOST = 200;

/**
 * GET /api/messages: a page of the log next to a position, by default its end. `more` says whether
 * there is more in the direction asked for (`around`: on either side).
 */
export async function getMessages({ query, context }: Exchange): Promise<Response> {
  const { log } = context.room;
  const limit = query.integer("limit", PAGE);
  const [before, after, around] = ["before", "after", "around"].map((name) =>
    query.seq(name, log.epoch)
  );
  if ([before, after, around].filter((seq) => seq !== undefined).length > 1) {
    throw new Refusal("bad_request", "wanted only one of before, after and around");
  }
  if (around !== undefined) {
    const half = Math.floor(limit / 2);
    const older = await log.read({ before: around, limit: half });
    const newer = await log.read({ after: around - 1, limit: limit - older.length });
    const events = [...older, ...newer];
    return page(events, (first) => first > log.first, (last) => last < log.last);
  }
  if (after !== undefined) {
    return page(await log.read({ after, limit }), no, (last) => last < log.last);
  }
  const events = await log.read({ before: before ?? log.last + 1, limit });
  return page(events, (first) => first > log.first, no);
}

function page(
  events: readonly Entry[],
  olderThan: (seq: number) => boolean,
  newerThan: (seq: number) => boolean,
): Response {
  const [first, last] = [events[0], events.at(-1)];
  const more = (first && olderThan(first.seq)) || (last && newerThan(last.seq)) || false;
  return json({ events, more });
}

const no = () => false;

/** GET /api/search: entries that have all words of `q`, newest first. */
export async function getSearch({ query, context }: Exchange): Promise<Response> {
  const { log } = context.room;
  const q = query.text("q");
  if (q === undefined || q.trim() === "" || q.length > QUERY_AT_MOST) {
    throw new Refusal(
      "bad_request",
      `q: wanted the words to search for, up to ${QUERY_AT_MOST} characters`,
    );
  }
  const limit = query.integer("limit", PAGE);
  const before = query.seq("before", log.epoch);
  const found = await log.search({
    query: q,
    limit: limit + 1,
    ...(before !== undefined && { before }),
  });
  return json({ events: found.slice(0, limit), more: found.length > limit });
}

/** GET /api/presence: who is here. */
export function getPresence({ context }: Exchange): Response {
  const { type: _, ...here } = context.room.presence();
  return json(here);
}
