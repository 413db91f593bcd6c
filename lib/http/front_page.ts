import { LIMITS } from "../model/message.ts";
import { renderPage } from "../page/render.ts";
import type { Exchange } from "./router.ts";

/** GET /: the page, with the newest messages in it for whoever has no scripts, or not yet. */
export async function frontPage({ request, context }: Exchange): Promise<Response> {
  const { room, assets } = context;
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
}
