import { Refusal } from "../../model/refusal.ts";
import type { Room } from "../../room/room.ts";
import type { Handler } from "../exchange.ts";
import { json } from "../respond.ts";

const PAGE = { default: 50, min: 1, max: 200 } as const;
/** A name has 32 characters at most, which may be written in more. */
const PART_AT_MOST = 64;

/** GET /api/people: some of those who are here, whose name has `q` in it; who spoke last comes first. */
export function getPeople(room: Room): Handler {
  return ({ query }) => {
    const part = (query.text("q") ?? "").trim();
    if (part.length > PART_AT_MOST) {
      throw new Refusal(
        "bad_request",
        `q: wanted a part of a name, up to ${PART_AT_MOST} characters`,
      );
    }
    return json(room.people.lookUp(part, query.integer("limit", PAGE)));
  };
}
