import { LIMITS } from "../model/message.ts";
import type { FrontPage, ScreenSource } from "../page/front_page.ts";
import type { Room } from "../room/room.ts";
import type { Handler } from "./exchange.ts";

/** GET /: the page, with the newest messages in it for a reader without scripts, or without them yet. */
export function getFrontPage(page: Pick<FrontPage, "respond">): Handler {
  return ({ request }) => page.respond(request);
}

/** What a page about the room begins with: its newest messages. */
export function firstScreenOf(room: Room): ScreenSource {
  const { text, name } = LIMITS;
  return {
    position: () => `${room.log.epoch} ${room.log.first} ${room.tail.seq}`,
    async read() {
      const { epoch, first } = room.log;
      const last = room.tail.seq;
      const topic = room.log.topic?.text ?? "";
      const entries = await room.log.readMessages({ before: last + 1, limit: room.recent });
      return { room: room.name, topic, epoch, first, last, entries, limits: { text, name } };
    },
  };
}
