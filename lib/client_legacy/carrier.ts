import type { RoomEvent } from "../model/events.ts";

/** What we say, as on /ws. */
export type Frame =
  | { readonly type: "message"; readonly id: string; readonly text: string }
  | { readonly type: "rename"; readonly name: string };

/** How we come in. */
export interface Opening {
  /** The name wished for. */
  readonly name?: string | undefined;
  /** Of an earlier welcome: who we are. */
  readonly token?: string | undefined;
  /** A cursor: where to go on. */
  readonly since?: string | undefined;
}

/** One connection to a room, whatever it rides on. It belongs to whoever opened it, who closes it. */
export interface Connection {
  /**
   * What the server says, `welcome` first, in order; undefined for what says nothing, but that it is
   * alive. For one consumer. It ends after `close`, and throws an Error that says why where the
   * connection ends otherwise; a `TurnedAway` where coming back would be no use.
   */
  readonly events: AsyncIterable<RoomEvent | undefined>;
  /** The answer is an event. What is sent when the connection breaks may get none. */
  send(frame: Frame): void;
  /** Takes leave as the transport has it, or drops the connection where `deadline` comes first. */
  close(deadline: AbortSignal): Promise<void>;
  /** Ends it at once; `events` throws the reason. */
  drop(why: Error): void;
}

/** Opens a connection. Rejects where that cannot be done before the signal aborts. */
export type Connect = (opening: Opening, signal: AbortSignal) => Promise<Connection>;

/** The server does not want us, and will not the next time. */
export class TurnedAway extends Error {
  override readonly name = "TurnedAway";
}
