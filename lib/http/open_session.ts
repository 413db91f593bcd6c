import { readBody, readFields } from "./body.ts";
import type { Exchange } from "./router.ts";
import { guestName, parseName } from "../model/names.ts";
import { nameTaken } from "../room/presence.ts";
import { json } from "./respond.ts";
import { sessionCookie } from "../room/sessions.ts";

/**
 * POST /api/session: a session under a name, for the cookie and as a token. Who has one keeps it and
 * changes its name, here and now too. 409 where the name belongs to somebody else.
 */
export async function openSession({ request, context, session }: Exchange): Promise<Response> {
  const { room, sessions } = context;
  const fields = readFields(await readBody(request), request.headers.get("content-type"));
  const name = fields.name === undefined || fields.name === ""
    ? session?.name ?? guestName()
    : parseName(fields.name);
  if (session && room.find(session.id)) room.rename(session.id, name);
  else if (room.isTaken(name)) throw nameTaken(name);
  const token = await sessions.issue({ ...(session ?? sessions.create()), name });
  const secure = new URL(request.url).protocol === "https:";
  return json({ name, token }, { headers: { "set-cookie": sessionCookie(token, secure) } });
}
