import { LIMITS } from "../model/message.ts";
import type { ScreenSource } from "../page/front_page.ts";
import type { Room } from "../room/room.ts";
import type { Exchange } from "./router.ts";

/** GET /: the page, with the newest messages in it, so that it shows them without scripts, too. */
export function frontPage({ request, context }: Exchange): Promise<Response> {
  return context.frontPage.respond(request);
}

/** The first screen of the page: the newest messages of the room. */
export function firstScreenOf(room: Room): ScreenSource {
  const { text, name } = LIMITS;
  return {
    position: () => `${room.log.epoch} ${room.log.first} ${room.tail.seq}`,
    async read() {
      const { epoch, first } = room.log;
      const last = room.tail.seq;
      const entries = await room.log.read({ before: last + 1, limit: room.recent });
      return { room: room.name, epoch, first, last, entries, limits: { text, name } };
    },
  };
}
