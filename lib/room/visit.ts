import type { Context } from "../http/context.ts";
import type { Cursor, Start } from "../model/cursor.ts";
import type { Welcome } from "../model/events.ts";
import { LIMITS } from "../model/message.ts";
import { guestName } from "../model/names.ts";
import { errorEvent, parseFrame } from "../wire/json.ts";
import { type Reader, resetEvent } from "./reader.ts";
import { Refusal } from "../model/refusal.ts";
import { type Member, PING_MS, type Room } from "./room.ts";
import type { Session } from "./sessions.ts";

/** Refused for their rate, one after the other: somebody who goes on is not listening. */
const REFUSALS_AT_MOST = 100;
/** Answers nobody reads: with the rate limit's own answers, far more than a slow line needs. */
const UNTOLD_AT_MOST = 1000;

/** Who comes, with a token to come back by. */
export interface Visitor {
  readonly session: string;
  /** The name wished for; the one given may differ, if somebody has it. */
  readonly name: string;
  readonly token: string;
}

/** Where to begin. */
export interface Wish {
  readonly cursor: Cursor | "unknown" | undefined;
  /** How many of the newest entries come where the cursor does not say; the room's own by default. */
  readonly recent?: number | undefined;
}

/** A session made ready to come in: with a new one where it brings none, under a guest's name where none. */
export async function identify(
  { sessions }: Context,
  session: Session | undefined,
  name: string | undefined,
): Promise<Visitor> {
  const { id, name: lastName } = session ?? sessions.create();
  const wished = name ?? lastName ?? guestName();
  return {
    session: id,
    name: wished,
    token: await sessions.issue({ id, name: wished }),
  };
}

/**
 * One connection's stay, whatever it rides on: its member of the room and its reader, which begins
 * with `welcome`. The transport writes what the reader yields, hands over what the client sends, and
 * calls `leave` when the connection ends, as often as it likes.
 */
export class Visit {
  readonly member: Member;
  readonly reader: Reader;
  readonly #room: Room;
  #refused = 0;

  constructor(room: Room, visitor: Visitor, { cursor, recent }: Wish) {
    this.#room = room;
    this.member = room.enter(visitor.session, visitor.name);
    const start = room.locate(cursor, recent);
    this.reader = room.follow(start);
    this.welcome(start, visitor.token);
    if (start.reset) this.reader.tell(resetEvent(room.log, start, seqOf(cursor)));
  }

  /** Whether the client goes on in spite of being refused, or asks without reading the answers. */
  get flooding(): boolean {
    return this.#refused >= REFUSALS_AT_MOST || this.reader.untold >= UNTOLD_AT_MOST;
  }

  /** Tells where the reader stands and who it is, with the token to come back by. */
  welcome(start: Start, token: string): void {
    const { type: _, ...presence } = this.#room.presence();
    const welcome: Welcome = {
      type: "welcome",
      v: 1,
      room: this.#room.name,
      epoch: this.#room.log.epoch,
      first: this.#room.log.first,
      last: this.#room.tail.seq,
      name: this.member.name,
      token,
      resumed: start.resumed,
      ...presence,
      limits: {
        text: LIMITS.text,
        name: LIMITS.name,
        ...(this.#room.rate && { rate: this.#room.rate.perSecond, burst: this.#room.rate.burst }),
      },
      ping: PING_MS / 1000,
    };
    this.reader.tell(welcome);
  }

  /**
   * Does what a frame of the JSON protocol asks for; the answer comes through the reader. Resolves
   * when there is one, and never rejects.
   */
  async receive(text: string): Promise<void> {
    let id: unknown;
    try {
      const frame = parseFrame(text);
      switch (frame.type) {
        case "message": {
          id = frame.id;
          const receipt = await this.post(frame);
          const known = typeof id === "string" ? { id } : {};
          return this.reader.tell({ type: "ack", ...known, ...receipt });
        }
        case "rename":
          return this.member.rename(frame.name);
        case "typing":
          return this.member.typing();
      }
    } catch (error) {
      this.refuse(error, id);
    }
  }

  /** As `Member.post`, keeping count of refusals. */
  async post(message: { text: unknown; id?: unknown }) {
    const receipt = await this.reader.await(this.member.post(message));
    this.#refused = 0;
    return receipt;
  }

  /** Tells the client, and only what it may know, why something was not done. */
  refuse(thrown: unknown, id?: unknown): void {
    const refusal = Refusal.from(thrown);
    if (refusal.code === "rate_limited") this.#refused++;
    if (refusal.code === "internal") this.#room.report("cannot answer a client", thrown);
    this.reader.tell(errorEvent(refusal, id));
  }

  /** Idempotent. `goodbye`: the client said so, and is not waited for. */
  leave(goodbye = false): void {
    this.member.leave(goodbye); // first: who writes what the reader yields leaves too when it ends
    this.reader.close();
  }
}

function seqOf(cursor: Wish["cursor"]): number | undefined {
  return typeof cursor === "object" ? cursor.seq : undefined;
}
