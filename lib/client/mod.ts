// The client of a room, wherever it runs: the page, the terminal, bots. It asks for no DOM and no Deno.
import type { Client, JoinOptions } from "./client.ts";

export type {
  Client,
  ClientEvent,
  ConnectionState,
  JoinOptions,
  PeopleView,
  Transport,
} from "./client.ts";
export type { Dial, DialedConnection } from "./carriers/tcp.ts";
export type { OutboxStorage, OutgoingMessage } from "./outbox/outgoing.ts";
export { NotConnected, TurnedAway, Unreachable } from "./errors.ts";
export { type Code, Refusal } from "../model/refusal.ts";
export type { RoomEvent, Welcome } from "../model/events.ts";
export type { Entry, Receipt } from "../model/message.ts";

/**
 * Joins the room at a URL: where its addresses begin (`http://HOST:PORT`, also under a path, or
 * `/ws` or `/events` themselves), `ws://` for the same, or `tcp://HOST:PORT` with a `dial`. Begins to
 * connect at once. Throws a TypeError where the URL or the options make no sense.
 */
export function join(_url: string | URL, _options: JoinOptions = {}): Client {
  throw new Error("not built yet");
}
