import { formatCursor } from "../model/cursor.ts";
import type { RoomEvent } from "../model/events.ts";
import type { Exchange } from "../http/router.ts";
import { PAGE, resetEvent } from "../room/reader.ts";
import { json } from "../http/respond.ts";
import { identify } from "../room/visit.ts";

/** Seconds a poll waits where it does not say: below what the usual proxy allows. */
const WAIT_S = 25;
const WAIT_AT_MOST_S = 60;

/**
 * GET /poll: the first turn of the loop that has entries, else none after `wait` seconds. Only a poll
 * with a session is somebody who is here; between two polls its grace keeps it so.
 */
export async function longPoll(
  { request, query, context, session }: Exchange,
): Promise<Response> {
  const { room } = context;
  const cursor = query.cursor();
  const waitMs = 1000 * query.integer("wait", { default: WAIT_S, min: 0, max: WAIT_AT_MOST_S });
  const start = room.locate(cursor, query.recent());
  const visitor = session && await identify(context, session, query.name());
  const member = visitor && room.enter(visitor.session, visitor.name);

  using reader = room.follow(start);
  const close = () => reader.close();
  const timer = setTimeout(close, waitMs);
  request.signal.addEventListener("abort", close, { once: true });
  const events: RoomEvent[] = [];
  if (start.reset) events.push(resetEvent(room.log, start, (cursor as { seq?: number })?.seq));
  try {
    for await (const batch of reader) {
      // A reader that is behind has entries in its first batch; a notice is not worth a round trip.
      for (const event of batch.events) if (event.type === "message") events.push(event);
      if (events.length > 0 || waitMs === 0) break;
    }
  } finally {
    clearTimeout(timer);
    request.signal.removeEventListener("abort", close);
    member?.leave();
  }
  // A batch may hold more than a page.
  const shown = events.slice(0, PAGE);
  const newest = shown.at(-1);
  const seq = newest?.type === "message" ? newest.seq : reader.seq;
  return json({
    events: shown,
    cursor: formatCursor(room.log.epoch, seq),
    ...(seq < room.tail.seq && { more: true }),
  });
}
