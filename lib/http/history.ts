import type { Log } from "../log/log.ts";
import { parseRef } from "../model/draft.ts";
import type { Message } from "../model/message.ts";
import { Refusal } from "../model/refusal.ts";
import type { Room } from "../room/room.ts";
import type { Handler } from "./exchange.ts";
import { json } from "./respond.ts";
import { firstSince } from "./lookup/search.ts";

const PAGE = { default: 50, min: 1, max: 200 } as const;

/**
 * GET /api/messages: a page of the messages next to a position, by default the newest. `more` says whether
 * there is more in the direction asked for (`around` and `at`: on either side).
 */
export function getMessages(log: Log): Handler {
  return async ({ query }) => {
    const limit = query.integer("limit", PAGE);
    const [before, after, place] = ["before", "after", "around"].map((name) =>
      query.seq(name, log.epoch)
    );
    const at = query.time("at");
    if ([before, after, place, at].filter((where) => where !== undefined).length > 1) {
      throw new Refusal("bad_request", "wanted only one of before, after, around and at");
    }
    const around = at === undefined ? place : await firstSince(log, at);
    // One more than is shown says whether there is more.
    if (around !== undefined) {
      const half = Math.floor(limit / 2);
      const older = await log.readMessages({ before: around, limit: half + 1 });
      const left = limit - Math.min(half, older.length);
      const newer = await log.readMessages({ after: around - 1, limit: left + 1 });
      const more = older.length > half || newer.length > left;
      return json({ events: [...newest(older, half), ...newer.slice(0, left)], more });
    }
    if (after !== undefined) {
      const newer = await log.readMessages({ after, limit: limit + 1 });
      return json({ events: newer.slice(0, limit), more: newer.length > limit });
    }
    const older = await log.readMessages({ before: before ?? log.last + 1, limit: limit + 1 });
    return json({ events: newest(older, limit), more: older.length > limit });
  };
}

/** GET /api/messages/<seq>: the message as it is now. */
export function getMessage(log: Log): Handler {
  return async ({ items }) => {
    const seq = refOf(items[0]);
    const [event] = await log.readMessages({ after: seq - 1, limit: 1 });
    if (event?.seq === seq) return json({ event });
    throw new Refusal("not_found", `there is no message #${seq}, or it is no longer kept`);
  };
}

/** The number of a message, as a path says it. Throws a Refusal where it is none. */
export function refOf(segment = ""): number {
  return parseRef("ref", /^\d{1,16}$/.test(segment) ? Number(segment) : undefined);
}

function newest(messages: readonly Message[], count: number): readonly Message[] {
  return messages.slice(Math.max(0, messages.length - count));
}

/** GET /api/presence: the people who are here. */
export function getPresence(room: Room): Handler {
  return () => {
    const { type: _, ...here } = room.presence();
    return json(here);
  };
}
