import { readBody, readFields } from "../http/body.ts";
import { formatCursor } from "../model/cursor.ts";
import type { Exchange } from "../http/router.ts";
import { type Draft, parseId, parseText } from "../model/message.ts";
import { nextFree, parseName } from "../model/names.ts";
import { json } from "../http/respond.ts";
import type { Session } from "../room/sessions.ts";

/**
 * POST /api/messages: one message, from JSON, a form or plain text. Answers when it is stored: 201,
 * or 200 where the sender has used the id before.
 */
export async function post(exchange: Exchange): Promise<Response> {
  const { request, query, context, session, address } = exchange;
  const fields = readFields(await readBody(request), request.headers.get("content-type"));
  const text = parseText(fields.text);
  const id = parseId(request.headers.get("idempotency-key") ?? fields.id);
  const who = session ? member(exchange, session) : stranger(exchange, fields.name ?? query.name());
  const draft: Draft = { ...who, text, ...(id !== undefined && { id }) };
  // A name that anybody may give is no identity: without a session the limit is the address's.
  const limited = session ? session.id : `address:${address.hostname}`;
  const { seq, duplicate } = await context.room.post(draft, limited);

  if (request.headers.get("accept")?.includes("text/html")) { // a browser without scripts
    return new Response(null, { status: 303, headers: { location: "/" } });
  }
  const cursor = formatCursor(context.room.log.epoch, seq);
  return json({ seq, cursor }, { status: duplicate ? 200 : 201 });
}

/**
 * Somebody with a session, under the name it has here; who is not here speaks under the one it would
 * be given on coming in, since a token tells a wish and somebody else may have come by that name.
 */
function member({ context: { room } }: Exchange, session: Session): Pick<Draft, "sender" | "from"> {
  const from = room.find(session.id)?.name ??
    (session.name === undefined ? "guest" : nextFree(session.name, (name) => room.isTaken(name)));
  return { sender: session.id, from };
}

/** Somebody without a session: the name they say, unless it is somebody's, else `guest`. */
function stranger({ context }: Exchange, name: unknown): Pick<Draft, "sender" | "from"> {
  const said = name === undefined || name === "" ? "guest" : parseName(name);
  const from = context.room.isTaken(said) ? "guest" : said;
  return { sender: `name:${from}`, from };
}
