import type { Limits } from "../limits/mod.ts";
import { guestName, parseName } from "../model/names.ts";
import type { Room } from "../room/room.ts";
import type { Door } from "../room/door.ts";
import { readFields, receiveBody } from "./body.ts";
import type { Handler } from "./exchange.ts";
import { json } from "./respond.ts";
import { sessionCookie } from "./session_cookie.ts";

/**
 * POST /api/session: a session under a name, for the cookie and as a token. A session that is brought
 * stays the same one and changes its name, here and now too. 409 where the name is somebody else's.
 */
export function openSession(
  { room, door, limits }: { room: Room; door: Door; limits: Limits },
): Handler {
  return async (exchange) => {
    const { request, session, address } = exchange;
    const type = request.headers.get("content-type");
    const fields = readFields(await receiveBody(exchange, limits), type, "name");
    const asked = fields.name === undefined || fields.name === ""
      ? undefined
      : parseName(fields.name);
    const name = asked ?? room.people.free(session?.name ?? guestName(), session?.id ?? "");
    const why = room.people.taken(name, session?.id);
    if (why) throw why;
    if (session) room.people.rename(session.id, name);
    const { token } = await door.admit({ session, wished: name, address: address.hostname });
    const secure = new URL(request.url).protocol === "https:";
    return json({ name, token }, { headers: { "set-cookie": sessionCookie(token, secure) } });
  };
}
