import type { Access } from "../access/mod.ts";
import { LIMITS, type Message } from "../model/message.ts";
import type { FrontPage, ScreenSource } from "../page/front_page.ts";
import type { Room } from "../room/room.ts";
import type { Handler } from "./exchange.ts";
import { visitorName } from "./session_cookie.ts";

/** Messages in a page of the history that a browser without scripts leafs through. */
const PAGE = 100;

/**
 * GET /: the page, with the newest messages in it for a reader without scripts, or without them yet;
 * with `before`, those before a seq.
 * For somebody who may not read it has none, and asks for the password.
 */
export function getFrontPage(page: Pick<FrontPage, "respond">, access: Access): Handler {
  return ({ request, query, proof }) =>
    page.respond(request, {
      features: access.features(proof),
      personal: access.hasPassword,
      name: visitorName(request.headers),
      before: query.optionalInteger("before", { min: 1, max: Number.MAX_SAFE_INTEGER }),
    });
}

/** What a page about the room begins with: its newest messages. */
export function firstScreenOf(room: Room): ScreenSource {
  const { text, name } = LIMITS;
  return {
    position: ({ read }) => read ? `${room.log.epoch} ${room.log.first} ${room.tail.seq}` : "",
    async read(features, before) {
      const file = room.files?.limit;
      const limits = { text, name, ...(file !== undefined && { file }) };
      if (!features.read) {
        const nothing = { topic: "", epoch: "", first: 1, last: 0, entries: [] };
        return { room: room.name, ...nothing, limits, features };
      }
      const { epoch, first } = room.log;
      const last = room.tail.seq;
      const topic = room.log.topic?.text ?? "";
      const entries = await room.log.readMessages(
        before === undefined
          ? { before: last + 1, limit: room.recent }
          : { before: Math.min(before, last + 1), limit: PAGE },
      );
      const quoted = await quotedBy(entries, room);
      const answered = quoted.length > 0 && { quoted };
      return { room: room.name, topic, epoch, first, last, entries, ...answered, limits, features };
    },
  };
}

/** The messages that some of these answer, where they are not among them, and still kept. */
async function quotedBy(entries: readonly Message[], { log }: Room): Promise<Message[]> {
  const oldest = entries[0]?.seq ?? 0;
  const seqs = new Set(entries.map(({ re }) => re).filter((re = Infinity) => re < oldest));
  const found = await Promise.all(
    Array.from(seqs, (seq = 0) => log.readMessages({ after: seq - 1, limit: 1 })),
  );
  return found.flat().filter(({ seq }) => seqs.has(seq));
}
