import { readFields, receiveBody } from "../../http/body.ts";
import type { Handler } from "../../http/exchange.ts";
import { json } from "../../http/respond.ts";
import { nameCookie } from "../../http/session_cookie.ts";
import { formatCursor } from "../../model/cursor.ts";
import type { Services } from "../services.ts";
import { anonymousAuthor, sessionAuthor } from "./author.ts";

/**
 * POST /api/messages: one message, from JSON, a form or plain text. Answers when it is stored: 201,
 * or 200 where the sender has used the id before.
 */
export function post({ room, limits }: Services): Handler {
  return async (exchange) => {
    const { request, session, proof, address, cookie } = exchange;
    const body = await receiveBody(exchange, limits);
    const type = request.headers.get("content-type");
    const fields = readFields(body, type);
    const { said, ...author } = session
      ? sessionAuthor(session, room.people)
      : anonymousAuthor(exchange, fields.name, room.people);
    const { seq, duplicate } = await room.post(
      {
        ...author,
        text: fields.text,
        id: request.headers.get("idempotency-key") ?? fields.id,
        re: numberOf(fields.re, type),
        files: fields.files,
      },
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
      const headers = new Headers({ location: "../" });
      // It is filled in the next time.
      if (cookie && fields.name && said) headers.set("set-cookie", nameCookie(said, cookie));
      return new Response(null, { status: 303, headers });
    }
    return json({
      seq,
      cursor: formatCursor(room.log.epoch, seq),
      ...(duplicate && { duplicate }),
    }, { status: duplicate ? 200 : 201 });
  };
}

/** In a form all is text, and a field that was not filled in is empty. */
function numberOf(field: unknown, contentType: string | null): unknown {
  if (typeof field !== "string" || contentType?.includes("json")) return field;
  return field === "" ? undefined : /^\d{1,16}$/.test(field) ? Number(field) : field;
}
