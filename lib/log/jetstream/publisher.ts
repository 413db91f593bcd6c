import { createHash } from "node:crypto";
import type { PubAck } from "@nats-io/jetstream";
import { pause } from "../../base/backoff.ts";
import type { EventLoop } from "../../base/event_loop.ts";
import type { Draft } from "../../model/draft.ts";
import { unavailable } from "../../model/refusal.ts";
import { isOvertaken, type RoomStream } from "./stream.ts";

/** How long a draft is tried for, over short losses of the connection or of a leader. */
export const STORE_MS = 5000;
/** How long NATS has for an answer before the same is asked again. */
const TRY_MS = 2000;
const PAUSE_MS = 50;
/** What clients are asked to wait while NATS is away. */
export const RETRY_AFTER_S = 2;

/** What is to be published. */
export interface Publication {
  readonly record: Uint8Array;
  readonly msgID: string;
  readonly ref: number | undefined;
  /** The last change of that message so far. */
  readonly expected: number | undefined;
}

/** Where it is stored; `duplicate`: something with the same id had been there before. */
export interface Published {
  readonly seq: number;
  readonly duplicate: boolean;
}

/** Publishes, as often as it takes, what the stream stores once. */
export class Publisher {
  readonly #stream: RoomStream;
  readonly #loop: EventLoop;
  readonly #closing: AbortSignal;
  /** What was published and not acknowledged yet: where it is, as far as that has been seen. */
  readonly #underWay = new Map<string, number | undefined>();

  constructor(stream: RoomStream, loop: EventLoop, closing: AbortSignal) {
    this.#stream = stream;
    this.#loop = loop;
    this.#closing = closing;
  }

  /** Told by who follows the stream what this node has published: an acknowledgement may be lost. */
  readonly seen = (msgID: string, seq: number): void => {
    if (this.#underWay.has(msgID)) this.#underWay.set(msgID, seq);
  };

  get isIdle(): boolean {
    return this.#underWay.size === 0;
  }

  /**
   * Resolves when it is stored; `undefined`: another change of that message was there first. Rejects with
   * a Refusal, `unavailable`, where that is not known in time: it may be stored or not.
   */
  async publish({ record, ...options }: Publication): Promise<Published | undefined> {
    const { msgID } = options;
    const until = this.#loop.monotonic() + STORE_MS;
    this.#underWay.set(msgID, undefined);
    try {
      for (let tries = 1;; tries++) {
        try {
          const ack = await this.#stream.publish(record, { ...options, timeout: TRY_MS });
          return this.#published(ack, msgID);
        } catch (error) {
          const seq = this.#underWay.get(msgID);
          if (seq !== undefined) return { seq, duplicate: false };
          if (isOvertaken(error)) return undefined;
          const isOver = this.#loop.monotonic() >= until || this.#closing.aborted;
          if (isOver) {
            throw unavailable("the room's history cannot be reached", RETRY_AFTER_S, error);
          }
          await pause(this.#loop, PAUSE_MS, this.#closing);
        }
      }
    } finally {
      this.#underWay.delete(msgID);
    }
  }

  /** What is ours is no duplicate, though it was published twice. */
  #published({ seq, duplicate }: PubAck, msgID: string): Published {
    return { seq, duplicate: duplicate === true && this.#underWay.get(msgID) !== seq };
  }
}

/** What the stream knows a draft by. */
export function msgIdOf({ sender, id }: Draft): string {
  if (id === undefined) return crypto.randomUUID();
  return createHash("sha256").update(JSON.stringify([sender, id])).digest("base64url");
}
