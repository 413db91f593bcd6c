import { readFields, receiveBody } from "../../http/body.ts";
import type { Exchange, Handler } from "../../http/exchange.ts";
import { refOf } from "../../http/history.ts";
import { json } from "../../http/respond.ts";
import { formatCursor } from "../../model/cursor.ts";
import type { DraftFields } from "../../model/draft.ts";
import { Refusal } from "../../model/refusal.ts";
import type { Services } from "../services.ts";
import { sessionAuthor } from "./author.ts";

export interface ChangeRoutes {
  /** PATCH /api/messages/<seq>: another text. */
  readonly edit: Handler;
  /** DELETE /api/messages/<seq>. */
  readonly remove: Handler;
  /** PUT /api/messages/<seq>/reactions/<emoji>. */
  readonly react: Handler;
  /** DELETE of the same. */
  readonly unreact: Handler;
}

/** What changes a message: by a session, and no one else. Answered when it is stored. */
export function changeRoutes({ room, limits }: Services): ChangeRoutes {
  /** Stores the change that `fields` says; the header wins over an id in the body. */
  async function change(exchange: Exchange, fields: DraftFields): Promise<Response> {
    const { request, session, proof, address } = exchange;
    if (!session) {
      throw new Refusal(
        "unauthorized",
        "wanted a session: the token of the one that said it, or its cookie",
      );
    }
    const { sender, from } = sessionAuthor(session, room.people);
    const id = request.headers.get("idempotency-key") ?? fields.id;
    const poster = { session: session.id, proof, address: address.hostname };
    const { seq, duplicate } = await room.post({ ...fields, sender, from, id }, { poster });
    return json({
      seq,
      cursor: formatCursor(room.log.epoch, seq),
      ...(duplicate && { duplicate }),
    });
  }

  const react = (on: boolean): Handler => (exchange) => {
    const [ref, emoji] = exchange.items;
    return change(exchange, { type: "reaction", ref: refOf(ref), emoji, on });
  };

  return {
    async edit(exchange) {
      const ref = refOf(exchange.items[0]);
      const body = await receiveBody(exchange, limits);
      const { text, id } = readFields(body, exchange.request.headers.get("content-type"));
      return change(exchange, { type: "edit", ref, text, id });
    },
    remove: (exchange) => change(exchange, { type: "delete", ref: refOf(exchange.items[0]) }),
    react: react(true),
    unreact: react(false),
  };
}
