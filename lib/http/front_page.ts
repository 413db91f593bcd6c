import { LIMITS } from "../model/message.ts";
import type { Assets } from "../page/assets.ts";
import { renderPage } from "../page/render.ts";
import type { Room } from "../room/room.ts";
import type { Handler } from "./exchange.ts";

/** GET /: the page, with the newest messages in it for a reader without scripts, or without them yet. */
export function frontPage(room: Room, assets: Assets): Handler {
  return async ({ request }) => {
    const last = room.tail.seq;
    const { epoch, first } = room.log;
    const entries = await room.log.read({ before: last + 1, limit: room.recent });
    const { text, name } = LIMITS;
    const screen = { room: room.name, epoch, first, last, entries, limits: { text, name } };
    const html = renderPage(assets.text("index.html"), screen, {
      base: assets.base,
      languages: request.headers.get("accept-language"),
      now: Date.now(),
    });
    return assets.html(request, html, { vary: "accept-language" });
  };
}
