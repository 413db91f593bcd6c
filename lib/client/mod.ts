/**
 * The client of a room, wherever it runs: the page, the terminal, bots. It asks for no DOM and no Deno.
 *
 * `join` makes a `Client`: iterate it (or `batches()`) for all that comes; `say`, `edit`, `remove`,
 * `react` and `upload` for what goes. What goes is in `outgoing` until it is in the log: what is of the
 * type `message` is shown below the messages, the others on the message of their `ref`. `Messages`
 * holds what is shown: give `add` every message that comes and every page of history, and `change`
 * every entry that `isChange`; both return what to show.
 *
 * @module
 */
import { systemClock } from "../base/clock.ts";
import { parseCursor } from "../model/cursor.ts";
import { parseAddress } from "./address.ts";
import type { Client, JoinOptions } from "./client.ts";
import { Identity } from "./identity.ts";
import { Outbox } from "./outbox/outbox.ts";
import { fetchTransfer } from "./outbox/upload.ts";
import { Requests } from "./requests.ts";
import { RoomClient } from "./room_client.ts";
import { lurkingRoutes, routesTo } from "./carriers/choices.ts";

export type { Client, ClientEvent, ConnectionState, JoinOptions } from "./client.ts";
export type { PeopleView, SayOptions } from "./client.ts";
export type { Transport } from "./transport.ts";
export { type Dial, type DialedConnection, overTcp } from "./carriers/tcp.ts";
export type { ChangeWish, OutboxStorage, Outgoing } from "./outbox/outgoing.ts";
export type { OutgoingMessage, Ref, Saying } from "./outbox/outgoing.ts";
export type { FileSource, Transfer, UploadOptions } from "./outbox/upload.ts";
export { Messages } from "./reading/messages.ts";
export { NotConnected, TurnedAway, Unreachable } from "./errors.ts";
export type { Measure } from "../model/measure.ts";
export type { OrderFields } from "../model/order.ts";
export { type Code, Refusal } from "../model/refusal.ts";
export type { FoundPeople, HeardEvent, RoomEvent, UnknownEntry, Welcome } from "../model/events.ts";
export { isChange } from "../model/message.ts";
export type { Change, Entry, FileInfo, Message, Reaction } from "../model/message.ts";
export type { Receipt, Topic } from "../model/message.ts";

/**
 * Joins the room at a URL: where its addresses begin (`http://HOST:PORT`, also under a path, or
 * `/ws` or `/events` themselves), `ws://` for the same, or `tcp://HOST:PORT` with `tcp`; with TLS
 * `https://`, `wss://`, `tcps://`. Begins to connect at once. Throws a TypeError where the URL or the options make no sense.
 */
export function join(url: string | URL, options: JoinOptions = {}): Client {
  const { name, token, password, since, recent, storage, onOutgoing, signal, lurk = false } =
    options;
  const { credentials = "token", giveUpMs = Infinity } = options;
  const { clock = systemClock, random = Math.random, transfer = fetchTransfer } = options;
  const identity = new Identity({ name, token, password, credentials });
  const cookie = credentials === "cookie";
  const address = parseAddress(url);
  const requests = address.type === "tcp" ? undefined : new Requests(address.base, {
    clock,
    token: cookie ? undefined : () => identity.token,
  });
  const choices = { clock, credentials, requests, password, tcp: options.tcp };
  return new RoomClient({
    clock,
    random,
    since: cursorOf(since),
    recent,
    giveUpMs,
    identity,
    transfer,
    outbox: new Outbox({ clock, storage, changed: onOutgoing }),
    requests,
    cookie,
    choices: routesTo(address, options.transports, choices),
    lurking: lurk || cookie ? lurkingRoutes(choices) : [],
    lurk,
    signal,
  });
}

function cursorOf(since: string | undefined): string | undefined {
  if (since === undefined || parseCursor(since)) return since;
  throw new TypeError(`"${since}" is no cursor; wanted a number, or <epoch>-<number>`);
}
