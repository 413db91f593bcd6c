import { type Client, type ClientEvent, type RoomEvent, Unreachable } from "../../client/mod.ts";
import type { Welcome } from "../../model/events.ts";
import { reasonOf } from "../reason.ts";
import { parseCursor } from "../../model/cursor.ts";

/** What is told at a terminal: what the server says, and what becomes of the connection. */
export type Happening =
  | RoomEvent
  | { readonly type: "lost"; readonly reason: string; readonly retryMs: number }
  /** Welcomed again, to go on after `seq`; where that is undefined, a reset says why. */
  | { readonly type: "back"; readonly welcome: Welcome; readonly seq: number | undefined };

/** Makes of a client's events what is told of them. */
export class Narrator {
  readonly #client: Client;
  #welcomed = false;

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * To be called with each event as it is given; undefined where there is nothing to tell. Throws
   * Unreachable where the first connection cannot be had: somebody at a terminal wants to know.
   */
  tell(event: ClientEvent): Happening | undefined {
    if (event.type === "welcome") return this.#welcome(event);
    if (event.type === "unknown") return undefined;
    if (event.type !== "connection") return event;
    const { state } = event;
    if (state.type !== "waiting") return undefined;
    const { reason, until } = state;
    if (!this.#welcomed) throw new Unreachable(reason);
    return {
      type: "lost",
      reason: reasonOf(new Error(reason)),
      retryMs: Math.max(0, until - Date.now()),
    };
  }

  #welcome(welcome: Welcome): Happening {
    if (!this.#welcomed) {
      this.#welcomed = true;
      return welcome;
    }
    const { cursor } = this.#client;
    const seq = cursor === undefined ? undefined : parseCursor(cursor)?.seq;
    return { type: "back", welcome, seq };
  }
}
