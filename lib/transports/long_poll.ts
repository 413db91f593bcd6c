import type { Handler } from "../http/exchange.ts";
import { json } from "../http/respond.ts";
import { formatCursor } from "../model/cursor.ts";
import { isEntry, resetEvent, type RoomEvent } from "../model/events.ts";
import type { Refusal } from "../model/refusal.ts";
import { PAGE } from "../room/catch_up.ts";
import type { Reader } from "../room/reader.ts";
import { refusalOf } from "../room/rules.ts";
import type { Dismissable } from "../room/identity/visits.ts";
import type { Services } from "./services.ts";

/** Seconds a poll waits where it does not say: below what the usual proxy allows. */
const WAIT_S = 25;
const WAIT_AT_MOST_S = 60;

/**
 * GET /poll: the entries after the cursor as soon as there are any, else none after `wait` seconds.
 * Only a poll with a session is somebody who is here, unless it says that it lurks; between two polls
 * the grace period keeps it so.
 */
export function longPoll({ room, door, limits }: Services): Handler {
  return async ({ request, query, session, proof, address }) => {
    const cursor = query.cursor();
    const waitMs = 1000 * query.integer("wait", { default: WAIT_S, min: 0, max: WAIT_AT_MOST_S });
    await room.reach(cursor);
    const start = room.locate(cursor, query.recent());
    using _held = limits.hold(address.hostname, "poll");
    const lurks = query.integer("lurk", { default: 0, min: 0, max: 1 }) === 1;
    const admitted = session && !lurks &&
      await door.admit({ session, wished: query.name(), address: address.hostname, proof });
    if (admitted) room.enter(admitted.id, admitted.name, admitted.address);

    using reader = room.follow(start);
    const close = () => reader.close();
    let dismissed: Refusal | undefined;
    const visit: Dismissable | undefined = !admitted ? undefined : {
      session: admitted.id,
      signIn: admitted.signIn,
      address: address.hostname,
      dismiss(_why, refusal) {
        dismissed = refusal;
        close();
      },
      tell() {}, // it says only what is in the log
    };
    if (visit) {
      room.visits.add(visit);
      // An operator may have acted after the door was asked.
      const removal = room.rules.removalOf(visit);
      if (removal) visit.dismiss(removal.type, refusalOf(removal, room.loop.now()));
    }
    using _timer = room.loop.after(waitMs, close);
    request.signal.addEventListener("abort", close, { once: true });
    const events: RoomEvent[] = [];
    if (start.reset) events.push(resetEvent(room.log, start.reset, cursor?.seq));
    try {
      await gather(reader, events, waitMs === 0);
    } finally {
      request.signal.removeEventListener("abort", close);
      if (visit) {
        room.visits.delete(visit);
        room.people.leave(visit.session, dismissed !== undefined);
      }
    }
    if (dismissed) throw dismissed;
    // A batch may hold more than a page.
    const shown = events.slice(0, PAGE);
    const newest = shown.at(-1);
    const seq = newest && isEntry(newest) ? newest.seq : reader.seq;
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
    for (const event of batch.events) if (isEntry(event)) events.push(event);
    if (events.length > 0 || once) return;
  }
}
