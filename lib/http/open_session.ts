import type { Access } from "../access/mod.ts";
import type { Limits } from "../limits/mod.ts";
import { guestName } from "../model/names.ts";
import { parseName } from "../names/mod.ts";
import type { Room } from "../room/room.ts";
import type { Door } from "../room/door.ts";
import type { Session } from "../room/sessions.ts";
import { readFields, receiveBody } from "./body.ts";
import type { Handler } from "./exchange.ts";
import { json } from "./respond.ts";
import { sessionCookie } from "./session_cookie.ts";

/**
 * POST /api/session: a session under a name, for the cookie and as a token. A session that is brought
 * stays the same one and changes its name, here and now too. 409 where the name is somebody else's.
 * Where the room has a password, `password` gives it: the token says so from then on.
 */
export function openSession(
  { room, door, access, limits }: { room: Room; door: Door; access: Access; limits: Limits },
): Handler {
  return async (exchange) => {
    const { request, session, address, cookie } = exchange;
    const type = request.headers.get("content-type");
    const fields = readFields(await receiveBody(exchange, limits), type, ["name", "password"]);
    const given = fields.password === undefined || fields.password === null
      ? undefined
      : await access.prove(fields.password, address.hostname);
    const proof = given ?? exchange.proof;
    const asked = fields.name === undefined || fields.name === ""
      ? undefined
      : parseName(fields.name);
    // Somebody who may only read has no name but a guest's.
    const wished = access.features(proof).write ? await take(asked, session) : undefined;
    const admitted = await door.recognise({ session, wished, address: address.hostname, proof });
    const { name, token } = admitted;
    const headers = cookie ? { "set-cookie": sessionCookie(token, cookie) } : {};
    if (request.headers.get("accept")?.includes("text/html")) { // a browser without scripts
      const location = cookie?.path ?? "/";
      return new Response(null, { status: 303, headers: { ...headers, location } });
    }
    return json({ name, token }, { headers });
  };

  /** Gives the session the name asked for, else one that is free. Rejects with a Refusal where it is taken. */
  async function take(asked: string | undefined, session: Session | undefined): Promise<string> {
    const name = asked ?? room.people.free(
      (session && room.rules.nameOf(session.id)) ?? session?.name ?? guestName(),
      session?.id ?? "",
    );
    const why = room.people.taken(name, session?.id);
    if (why) throw why;
    if (session) await room.people.rename(session.id, name);
    return name;
  }
}
