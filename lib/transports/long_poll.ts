import type { Handler } from "../http/exchange.ts";
import { json } from "../http/respond.ts";
import { formatCursor } from "../model/cursor.ts";
import { resetEvent, type RoomEvent } from "../model/events.ts";
import { Refusal } from "../model/refusal.ts";
import { PAGE } from "../room/catch_up.ts";
import type { Reader } from "../room/reader.ts";
import type { Stay } from "../room/stays.ts";
import type { Services } from "./services.ts";

/** Seconds a poll waits where it does not say: below what the usual proxy allows. */
const WAIT_S = 25;
const WAIT_AT_MOST_S = 60;

/**
 * GET /poll: the entries after the cursor as soon as there are any, else none after `wait` seconds.
 * Only a poll with a session is somebody who is here; between two polls the grace period keeps it so.
 */
export function longPoll({ room, door, limits }: Services): Handler {
  return async ({ request, query, session, address }) => {
    const cursor = query.cursor();
    const waitMs = 1000 * query.integer("wait", { default: WAIT_S, min: 0, max: WAIT_AT_MOST_S });
    const start = room.locate(cursor, query.recent());
    using _held = limits.hold(address.hostname);
    const admitted = session &&
      await door.admit({ session, wished: query.name(), address: address.hostname });
    if (admitted) room.enter(admitted.id, admitted.name, admitted.address);

    using reader = room.follow(start);
    const close = () => reader.close();
    let dismissed: Refusal | undefined;
    const stay: Stay | undefined = admitted && {
      session: admitted.id,
      signIn: admitted.signIn,
      dismiss(code, message) {
        dismissed = new Refusal(code, message);
        close();
      },
    };
    if (stay) room.stays.add(stay);
    const timer = setTimeout(close, waitMs);
    request.signal.addEventListener("abort", close, { once: true });
    const events: RoomEvent[] = [];
    if (start.reset) events.push(resetEvent(room.log, start.reset, cursor?.seq));
    try {
      await gather(reader, events, waitMs === 0);
    } finally {
      clearTimeout(timer);
      request.signal.removeEventListener("abort", close);
      if (stay) {
        room.stays.delete(stay);
        room.people.leave(stay.session, dismissed !== undefined);
      }
    }
    if (dismissed) throw dismissed;
    // A batch may hold more than a page.
    const shown = events.slice(0, PAGE);
    const newest = shown.at(-1);
    const seq = newest?.type === "message" ? newest.seq : reader.seq;
    return json({
      events: shown,
      cursor: formatCursor(room.log.epoch, seq),
      ...(seq < room.tail.seq && { more: true }),
    });
  };
}

/** Until there are entries, or the reader has ended; with `once`, what there is. */
async function gather(reader: Reader, events: RoomEvent[], once: boolean): Promise<void> {
  for await (const batch of reader) {
    // A reader that is behind has entries in its first batch; a notice is not worth a round trip.
    for (const event of batch.events) if (event.type === "message") events.push(event);
    if (events.length > 0 || once) return;
  }
}
