import type { Exchange } from "../../http/exchange.ts";
import type { Author } from "../../model/draft.ts";
import { parseName } from "../../names/mod.ts";
import type { Presence } from "../../room/people/presence.ts";
import type { Session } from "../../room/sessions.ts";

/** Whose message it is, and the name that was said with it. */
interface SaidAuthor extends Author {
  readonly said: string | undefined;
}

/**
 * A session under the name that its person has here; one that is not here speaks under the name it
 * would be given on coming in, since a token tells a wish and somebody else may have that name now.
 */
export function sessionAuthor({ id, name }: Session, people: Presence): SaidAuthor {
  const from = people.find(id)?.name ??
    (name === undefined ? "guest" : people.free(name, id));
  return { sender: id, from, said: undefined };
}

/**
 * Without a session: under the name that is said, unless it is somebody's, else as `guest`. The sender
 * is the address with the name as it was said, so that a retry is a duplicate whoever came in
 * meanwhile, and the same id from elsewhere is another message.
 */
export function anonymousAuthor(
  { address, query }: Exchange,
  name: unknown,
  people: Presence,
): SaidAuthor {
  const said = name === undefined || name === "" ? query.name() : parseName(name);
  const from = said === undefined || people.taken(said) ? "guest" : said;
  return { sender: `anonymous:${address.hostname}:${said ?? ""}`, from, said: said ?? from };
}
