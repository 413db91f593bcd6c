import type { Limits } from "../limits/mod.ts";
import { formatCursor } from "../model/cursor.ts";
import { isOrderType } from "../model/order.ts";
import { Refusal } from "../model/refusal.ts";
import type { Moderation } from "../moderation/mod.ts";
import type { Room } from "../room/room.ts";
import { parseObject } from "../wire/json.ts";
import { receiveBody } from "./body.ts";
import type { Handler } from "./exchange.ts";
import { json } from "./respond.ts";

/** POST /api/moderation: what an operator asks for, as the frame of /ws that asks for the same. */
export function postModeration(
  { room, moderation, limits }: { room: Room; moderation: Moderation; limits: Limits },
): Handler {
  return async (exchange) => {
    const { request, session } = exchange;
    const { type, id, ...fields } = parseObject(await receiveBody(exchange, limits));
    const by = { session: session?.id };
    moderation.check(by);
    if (!isOrderType(type)) {
      throw new Refusal(
        "bad_request",
        `"type" must be kick, ban, unban, mute, unmute, slow, topic, bans or undo`,
      );
    }
    const key = request.headers.get("idempotency-key") ?? id;
    const { receipt, ...done } = await moderation.order({ type, ...fields }, by, key);
    if (!receipt) return json(done);
    const { seq } = receipt;
    return json({ ...done, seq, cursor: formatCursor(room.log.epoch, seq) });
  };
}

/** GET /api/moderation: who is banned or muted, and the slow mode; for operators alone. */
export function getModeration({ moderation }: { moderation: Moderation }): Handler {
  return ({ session }) => json(moderation.state({ session: session?.id }));
}
