import type { Limits } from "../limits/mod.ts";
import { guestName, parseName } from "../model/names.ts";
import { nameTaken } from "../model/refusal.ts";
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
    const { request, session, address, cookie } = exchange;
    const type = request.headers.get("content-type");
    const fields = readFields(await receiveBody(exchange, limits), type, "name");
    const name = fields.name === undefined || fields.name === ""
      ? session?.name ?? guestName()
      : parseName(fields.name);
    if (session && room.people.find(session.id)) room.people.rename(session.id, name);
    else if (room.people.isTaken(name)) throw nameTaken(name);
    const { token } = await door.admit({ session, wished: name, address: address.hostname });
    const headers = cookie ? { "set-cookie": sessionCookie(token, cookie) } : {};
    return json({ name, token }, { headers });
  };
}
