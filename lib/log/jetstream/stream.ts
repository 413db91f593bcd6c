import {
  type ApiError,
  DeliverPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  type JsMsg,
  type PubAck,
  type StreamInfo,
} from "@nats-io/jetstream";
import { nanos } from "@nats-io/nats-core";
import { pause } from "../../base/backoff.ts";
import { systemClock } from "../../base/clock.ts";
import { StartupError } from "../../base/startup_error.ts";
import { eraseMessage, isMissing, type Nats, Requests } from "../../nats/mod.ts";
import { Following, type FollowingOptions } from "./following.ts";

/** Within it NATS itself knows what was published before, by its id. */
export const DUPLICATE_WINDOW_MS = 2 * 60_000;
const decoder = new TextDecoder();
/** The header that says which node has published something. */
const BY = "Partyline-By";
const EXPECTED = "Nats-Expected-Last-Subject-Sequence";
/** As often, and so long after each other, a stream is tried to be made. */
const MAKING_TRIES = 10;
const MAKING_MS = 500;

export interface StreamOptions {
  readonly name: string;
  /** How many servers have it; counts when it is made. */
  readonly replicas: number;
}

/** What there is in the stream. */
export interface StreamState {
  /** Its identity: another one where it was made anew, or has lost what it had. */
  readonly epoch: string;
  readonly first: number;
  readonly last: number;
}

/** The stream of a room: one message is one entry, and its sequence the entry's seq. */
export class RoomStream {
  readonly #nats: Nats;
  readonly #name: string;
  readonly #requests: Requests;
  /** Tells what this node has published from what others have. */
  readonly #by = crypto.randomUUID().slice(0, 8);

  private constructor(nats: Nats, name: string) {
    this.#nats = nats;
    this.#name = name;
    this.#requests = new Requests(nats.core, systemClock);
  }

  /** Makes the stream where there is none. Rejects with a StartupError where it is no room's. */
  static async open(nats: Nats, { name, replicas }: StreamOptions): Promise<RoomStream> {
    const subjects = [`${name}.entries`, `${name}.changes.*`];
    const { config } = await openStream(nats, { name, replicas, subjects });
    if (config.duplicate_window < nanos(DUPLICATE_WINDOW_MS)) {
      throw new StartupError(
        `the stream ${name} knows duplicates for too short: set its duplicate window to 2 min`,
      );
    }
    return new RoomStream(nats, name);
  }

  get connected(): boolean {
    return this.#nats.connected;
  }

  watchConnection(listener: (connected: boolean) => void): Disposable {
    return this.#nats.watch(listener);
  }

  async state(): Promise<StreamState> {
    const info = await this.#nats.manager.streams.info(this.#name);
    const { first_seq, last_seq } = info.state;
    return { epoch: epochOf(info), first: first_seq, last: last_seq };
  }

  /** From here on what is in the stream is another log: it has lost what others have seen. */
  async renewEpoch(): Promise<void> {
    const info = await this.#nats.manager.streams.info(this.#name);
    const description = `history ${generationOf(info) + 1}`;
    await this.#nats.manager.streams.update(this.#name, { ...info.config, description });
  }

  /**
   * Rejects with a JetStreamApiError where something else has changed that message since `expected`;
   * with any other error, it may be stored or not.
   */
  async publish(
    record: Uint8Array,
    { msgID, ref, expected, timeout }: {
      /** What has the same is stored once. */
      readonly msgID: string;
      /** The message that it changes. */
      readonly ref: number | undefined;
      /** The seq of the last change of that before, or 0; undefined where that does not matter. */
      readonly expected: number | undefined;
      readonly timeout: number;
    },
  ): Promise<PubAck> {
    const subject = ref === undefined ? `${this.#name}.entries` : `${this.#name}.changes.${ref}`;
    const answer = await this.#requests.request(subject, record, {
      headers: {
        [BY]: this.#by,
        "Nats-Msg-Id": msgID,
        ...(expected !== undefined && { [EXPECTED]: String(expected) }),
      },
      timeout,
    });
    const ack = JSON.parse(decoder.decode(answer)) as PubAck | { readonly error: ApiError };
    if ("error" in ack) throw new JetStreamApiError(ack.error);
    return ack;
  }

  /** The id with which this node has published it; undefined where another one has. */
  ownIdOf({ headers }: JsMsg): string | undefined {
    return headers?.get(BY) === this.#by ? headers.get("Nats-Msg-Id") : undefined;
  }

  /** Takes the text out of the files of NATS; nothing where it is gone already. */
  async erase(seq: number): Promise<void> {
    await eraseMessage(this.#nats, this.#name, seq);
  }

  /** Removes all before `first`. */
  async purge(first: number): Promise<void> {
    await this.#nats.manager.streams.purge(this.#name, { seq: first });
  }

  /** The message with that seq; undefined where it is erased or purged. */
  async message(seq: number) {
    try {
      return await this.#nats.manager.streams.getMessage(this.#name, { seq }) ?? undefined;
    } catch (error) {
      if (isGone(error)) return undefined;
      throw error;
    }
  }

  /** Takes everything in the stream, in order. */
  follow(options: Omit<FollowingOptions, "stream">): Following {
    return new Following(this.#nats, { ...options, stream: this.#name });
  }

  /** The changes after that seq which there are now, in order. */
  async *changesAfter(seq: number): AsyncGenerator<JsMsg> {
    const consumer = await this.#nats.jetstream.consumers.get(this.#name, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: seq + 1,
      filter_subjects: `${this.#name}.changes.*`,
    });
    const { num_pending } = await consumer.info();
    if (num_pending === 0) return;
    const messages = await consumer.consume();
    try {
      let left = num_pending;
      for await (const message of messages) {
        yield message;
        if (--left <= 0 || message.info.pending === 0) return;
      }
    } finally {
      messages.stop();
    }
  }
}

/** Makes a stream where there is none. Rejects with a StartupError where it is something else's. */
export async function openStream(
  nats: Nats,
  { name, replicas, subjects }: StreamOptions & { readonly subjects: string[] },
): Promise<StreamInfo> {
  const { streams } = nats.manager;
  const config = {
    name,
    subjects,
    num_replicas: replicas,
    duplicate_window: nanos(DUPLICATE_WINDOW_MS),
  };
  let info = await ifThere(streams.info(name));
  for (let tries = 1; !info; tries++) {
    try {
      info = await streams.add(config);
    } catch (error) {
      // Another node may be making it.
      info = await ifThere(streams.info(name));
      if (!info && tries === MAKING_TRIES) throw error;
      if (!info) await pause(systemClock, MAKING_MS, new AbortController().signal);
    }
  }
  if (subjects.every((subject) => info.config.subjects.includes(subject))) return info;
  throw new StartupError(
    `the stream ${name} is something else's: it has no ${subjects.join(" and ")}; ` +
      "choose another --stream",
  );
}

/** Whether a change was refused because there was another one before it. */
export function isOvertaken(error: unknown): boolean {
  return error instanceof JetStreamApiError &&
    error.code === JetStreamApiCodes.StreamWrongLastSequence;
}

/** NATS has lost what it had, or somebody has: then the description counts the histories. */
function generationOf({ config: { description = "" } }: StreamInfo): number {
  return Number(/^history (\d{1,4})$/.exec(description)?.[1] ?? 1);
}

/** From the time when it was made, in nanoseconds. */
function epochOf(info: StreamInfo): string {
  const [, seconds, fraction = ""] = /^([^.Z]+)(?:\.(\d+))?/.exec(info.created)!;
  const ns = BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0"));
  const generation = generationOf(info);
  return `n${ns.toString(36)}${generation === 1 ? "" : `x${generation}`}`;
}

async function ifThere<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return error instanceof JetStreamApiError &&
    (error.code === JetStreamApiCodes.NoMessageFound ||
      /no message found|deleted/.test(error.message));
}
