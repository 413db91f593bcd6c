import type { HeardEvent } from "../model/events.ts";
import type { OrderFields } from "../model/order.ts";
import type { ChangeWish } from "./outbox/outgoing.ts";
import type { Transport } from "./transport.ts";

/** What goes into the log, and is answered by an ack or an error with its id. */
export type SaidFrame =
  & { readonly id: string }
  & (
    | {
      readonly type: "message";
      readonly text: string;
      readonly re?: number;
      /** Ids of files. */
      readonly files?: readonly string[];
    }
    | ChangeWish<number>
  );

/** What we say, as on /ws. */
export type Frame =
  | SaidFrame
  | { readonly type: "rename"; readonly name: string }
  | { readonly type: "typing" }
  | OrderFields & { readonly id: string };

/** How we come in. */
export interface Opening {
  /** The name wished for. */
  readonly name: string | undefined;
  /** Of an earlier welcome: who we are. Undefined where the browser says it. */
  readonly token: string | undefined;
  /** A cursor: where to go on. */
  readonly since: string | undefined;
  /** How many of the newest entries are wanted where there is no cursor. */
  readonly recent: number | undefined;
  /** The transport that was tried before this one and stayed silent: the operator is to know. */
  readonly silent?: Transport;
}

/** Told by a carrier, in order; nothing any more once it was closed or dropped. */
export interface CarrierListener {
  /**
   * What the server says, in order; empty where all that came is a sign of life. `epoch` is given
   * where no welcome tells it.
   */
  heard(events: readonly HeardEvent[], epoch?: string): void;
  /** It has ended, or could not be opened: the last call. */
  closed(why: Error): void;
}

/** One connection to a room over one transport. It does not come back by itself. */
export interface Carrier {
  /** The answer is an event. What is sent when the connection breaks may get none. */
  send(frame: Frame): void;
  /** Takes leave as the transport has it; resolves when that is done, or at the deadline. */
  close(deadline: AbortSignal): Promise<void>;
  /** Ends it at once. Idempotent. */
  drop(): void;
}

/** Opens a carrier. That it cannot be opened is told by `closed`, or thrown. */
export type OpenCarrier = (opening: Opening, listener: CarrierListener) => Carrier;
