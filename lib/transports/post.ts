import { readFields, receiveBody } from "../http/body.ts";
import type { Exchange, Handler } from "../http/exchange.ts";
import { json } from "../http/respond.ts";
import { formatCursor } from "../model/cursor.ts";
import type { Author } from "../model/draft.ts";
import { parseName } from "../names/mod.ts";
import type { Presence } from "../room/presence.ts";
import type { Session } from "../room/sessions.ts";
import type { Services } from "./services.ts";

/**
 * POST /api/messages: one message, from JSON, a form or plain text. Answers when it is stored: 201,
 * or 200 where the sender has used the id before.
 */
export function post({ room, limits }: Services): Handler {
  return async (exchange) => {
    const { request, session, proof, address } = exchange;
    const body = await receiveBody(exchange, limits);
    const fields = readFields(body, request.headers.get("content-type"));
    const { said, ...author } = session
      ? sessionAuthor(session, room.people)
      : anonymousAuthor(exchange, fields.name, room.people);
    const { seq, duplicate } = await room.post(
      { ...author, text: fields.text, id: request.headers.get("idempotency-key") ?? fields.id },
      {
        poster: { session: session?.id, proof, address: address.hostname, name: said },
        // A name that anybody may give is no identity: without a session the limit is the address's.
        limited: session ? session.id : `address:${address.hostname}`,
      },
    );
    if (session?.name !== undefined) {
      room.people.speak(session.id, author.from, address.hostname);
    }

    if (request.headers.get("accept")?.includes("text/html")) { // a browser without scripts
      // Relative, since the page may lie under a path.
      return new Response(null, { status: 303, headers: { location: "../" } });
    }
    return json({ seq, cursor: formatCursor(room.log.epoch, seq) }, {
      status: duplicate ? 200 : 201,
    });
  };
}

/** Whose message it is, and the name that was said with it. */
interface SaidAuthor extends Author {
  readonly said: string | undefined;
}

/**
 * A session under the name that its person has here; one that is not here speaks under the name it
 * would be given on coming in, since a token tells a wish and somebody else may have that name now.
 */
function sessionAuthor({ id, name }: Session, people: Presence): SaidAuthor {
  const from = people.find(id)?.name ??
    (name === undefined ? "guest" : people.free(name, id));
  return { sender: id, from, said: undefined };
}

/**
 * Without a session: under the name that is said, unless it is somebody's, else as `guest`. The sender
 * is the address with the name as it was said, so that a retry is a duplicate whoever came in
 * meanwhile, and the same id from elsewhere is another message.
 */
function anonymousAuthor(
  { address, query }: Exchange,
  name: unknown,
  people: Presence,
): SaidAuthor {
  const said = name === undefined || name === "" ? query.name() : parseName(name);
  const from = said === undefined || people.taken(said) ? "guest" : said;
  return { sender: `anonymous:${address.hostname}:${said ?? ""}`, from, said: said ?? from };
}
