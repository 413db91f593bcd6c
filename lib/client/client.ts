import type { Clock } from "../base/clock.ts";
import type { FoundPeople, HeardEvent } from "../model/events.ts";
import type { FileInfo, Receipt } from "../model/message.ts";
import type { OrderFields } from "../model/order.ts";
import type { TcpCarrier } from "./carriers/tcp.ts";
import type { OutboxStorage, Outgoing, Ref } from "./outbox/outgoing.ts";
import type { FileSource, Transfer, UploadOptions } from "./outbox/upload.ts";
import type { Transport } from "./transport.ts";

/** How to join; every field may be left out. */
export interface JoinOptions {
  /** The name wished for; a guest's without. Where somebody has it, the next free one is given. */
  readonly name?: string | undefined;
  /** Of an earlier stay (`client.token`): comes back as the same person. */
  readonly token?: string | undefined;
  /**
   * Of the room, where it has one. It is given once, and the token says so from then on; it is never in
   * a URL. A wrong one ends the stay with a TurnedAway whose code is `unauthorized`.
   */
  readonly password?: string | undefined;
  /** A cursor to go on from (`client.cursor`), as `k3x-46` or `46`; without one, the newest come. */
  readonly since?: string | undefined;
  /**
   * How many of the newest entries come where there is no cursor: 0 to 500; the server decides by
   * default. Not over TCP.
   */
  readonly recent?: number | undefined;
  /** In the order in which they are tried. By default websocket, sse, poll; for `tcp://` URLs tcp. */
  readonly transports?: readonly Transport[];
  /** For "tcp": `overTcp((address) => Deno.connect(address))` where TLS is not used. */
  readonly tcp?: TcpCarrier;
  /**
   * `token`, the default: requests say who we are in `Authorization`. `cookie`: the browser says it
   * by itself; the name is introduced by POST /api/session before the first connection.
   */
  readonly credentials?: "token" | "cookie";
  /** Only reads, by polling, and is nobody in the room, until `enter(name)`. */
  readonly lurk?: boolean;
  /** Where what is not in the log yet survives a restart. In memory without. */
  readonly storage?: OutboxStorage;
  /**
   * Told whenever `outgoing` has changed. With it, what failed stays there until `retry` or `discard`;
   * without, it is gone once the promise has been rejected.
   */
  readonly onOutgoing?: (outgoing: readonly Outgoing[]) => void;
  /** How `upload` sends, where a stream that is counted is nothing for `fetch`: in browsers. */
  readonly transfer?: Transfer;
  /** How long the server may be away before it is given up, in ms. For ever by default. */
  readonly giveUpMs?: number;
  /** Leaves when it aborts. */
  readonly signal?: AbortSignal;
  /** For tests. */
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** What belongs to a message beside its text; each may be left out. */
export interface SayOptions {
  readonly id?: string | undefined;
  /** The message that it answers. */
  readonly re?: Ref | undefined;
  /** Its files, as `upload` resolved with them: ten at most. */
  readonly files?: readonly FileInfo[] | undefined;
}

/** What the server says, and what becomes of the connection. */
export type ClientEvent =
  | HeardEvent
  | { readonly type: "connection"; readonly state: ConnectionState };

export type ConnectionState =
  | { readonly type: "connecting" }
  /** `missed`: how many entries came since the connection before was lost; undefined the first time. */
  | { readonly type: "connected"; readonly via: Transport; readonly missed?: number }
  /** Lost, or not to be had: `until` is the time of the next attempt, in ms since the Unix epoch. */
  | { readonly type: "waiting"; readonly until: number; readonly reason: string }
  /** Until `reconnect`, or until what came is read. */
  | { readonly type: "paused" }
  | { readonly type: "closed" };

/** Who is in the room, as far as the server says. */
export interface PeopleView {
  readonly count: number;
  /** In alphabetical order; empty where the server leaves them out, above 200 people. */
  readonly names: readonly string[];
  /** Those of them who are operators. */
  readonly operators: ReadonlySet<string>;
}

/**
 * Somebody's stay in a room, over as many connections as it takes: each goes on where the last one
 * ended, as the same person. It begins when it is made and ends with `leave`; disposing it leaves.
 */
export interface Client extends AsyncIterable<ClientEvent>, AsyncDisposable {
  /**
   * Entries once each, in order, without holes; everything else as it came. For one consumer, here or
   * in `batches`; to break out of the loop ends nothing. Ends after `leave`, when all has been read;
   * throws a TurnedAway, or an Unreachable.
   *
   * A consumer that does not read costs 10,000 events at most: then entries wait on the server, and
   * notices that come meanwhile are lost.
   */
  [Symbol.asyncIterator](): AsyncIterator<ClientEvent>;
  /** The same events, as many at a time as there are; never none. */
  batches(): AsyncIterable<readonly ClientEvent[]>;
  readonly state: ConnectionState;
  /** As the server gave it; before that, the one wished for. Undefined while we only read. */
  readonly name: string | undefined;
  /** To come back as the same person after a restart. A secret. */
  readonly token: string | undefined;
  /** After the last entry the consumer was given: `since` of the next stay. */
  readonly cursor: string | undefined;
  readonly people: PeopleView;
  /** What was said and is not in the log yet, in order. */
  readonly outgoing: readonly Outgoing[];
  /**
   * Says a message. Like `edit`, `remove` and `react` it waits in `outgoing` behind what was said before
   * it, and resolves when the server has stored it, over as many connections, and with a `storage`
   * restarts, as that takes. Rejects with a Refusal where it never will be (`not_found`, `forbidden`,
   * …), with NotConnected where we leave before, or where it is discarded. The same `id` (1 to 64 printable ASCII
   * characters) again, by the same person, does nothing twice.
   */
  say(text: string, options?: SayOptions): Promise<Receipt>;
  /**
   * Gives a message of ours another text. One of `outgoing`, meant by its id, is changed before it is
   * sent where that is still possible; then the receipt is that of the message.
   */
  edit(ref: Ref, text: string, options?: Pick<SayOptions, "id">): Promise<Receipt>;
  /**
   * Deletes a message: its text, files and reactions are gone, its place stays. Resolves with undefined
   * where it was one of `outgoing` that the server has never seen: that is only taken away.
   */
  remove(ref: Ref, options?: Pick<SayOptions, "id">): Promise<Receipt | undefined>;
  /** Reacts to a message with an emoji, or takes that back where `on` is false. */
  react(
    ref: Ref,
    emoji: string,
    on?: boolean,
    options?: Pick<SayOptions, "id">,
  ): Promise<Receipt>;
  /**
   * Stores a file on the server, now or not at all; resolves with what `say` takes as one of `files`. The
   * same bytes are stored once, however often; without a name it is called `file`. Rejects with a
   * Refusal (`too_long`, `forbidden`, …), with NotConnected where the server does not answer or
   * there is no HTTP address, or with the signal's reason.
   */
  upload(name: string, body: FileSource, options?: UploadOptions): Promise<FileInfo>;
  /** Tries again to say what failed of `outgoing`. */
  retry(id: string): void;
  /** Forgets what failed, or what was not sent yet. */
  discard(id: string): void;
  /**
   * Some of those who are here, `limit` at most, whose name has `part` in it, in any case and with any
   * accents; who spoke last comes first. Rejects with a Refusal, or with NotConnected where the server
   * does not answer or there is no HTTP address.
   */
  findPeople(part: string, limit: number): Promise<FoundPeople>;
  /** Asks for another name. Rejects with a Refusal (name_taken, …), or NotConnected. */
  rename(name: string): Promise<void>;
  /** Comes in under a name where we only read. Rejects with a Refusal, or an Error where nobody answers. */
  enter(name: string): Promise<void>;
  /**
   * Does what only an operator can, as PROTOCOL.md tells; resolves with what the server says of it.
   * Rejects with a Refusal, or NotConnected.
   */
  order(order: OrderFields): Promise<string>;
  /** Tells the others that somebody types, where the transport carries it; at most every 3 s. */
  typing(): void;
  /** Tries at once where it waits to; goes on after `pause`. */
  reconnect(): void;
  /** There is no network: closes the connection and waits for `reconnect`. */
  pause(): void;
  /** Says what is still to be said (for a second at most), takes leave, ends the events. Idempotent. */
  leave(): Promise<void>;
}
