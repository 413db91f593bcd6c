import {
  type Consumer,
  DeliverPolicy,
  jetstream,
  JetStreamApiCodes,
  JetStreamApiError,
  type JetStreamClient,
  type JsMsg,
  type StreamInfo,
} from "@nats-io/jetstream";
import { Backoff, pause } from "../base/backoff.ts";
import { type Clock, systemClock } from "../base/clock.ts";
import type { Nats } from "./nats.ts";

/** Where in a stream to begin: after a sequence, or with the newest message of each subject. */
export type Beginning = { readonly after: number } | "newest of each subject";

export interface FollowerOptions {
  readonly stream: string;
  readonly clock?: Clock;
  /**
   * Says where to begin; called at the start, and whenever it begins anew, with the stream as it is
   * then: it may have been made again meanwhile, or have lost what the reader stands before, and
   * NATS begins with what there is without a word. Where it rejects it is asked again a moment later.
   */
  begin(stream: StreamInfo): Beginning | Promise<Beginning>;
  /** Is given each message, in order; the next one when it has resolved. What it throws ends the follower. */
  read(message: JsMsg): void | Promise<void>;
  /** Called, until it is there again, as often as NATS says that there is no such stream. */
  missing?(): Promise<unknown>;
  /** Called each time that all has been read that was there when it began (anew). */
  caughtUp?(): void;
}

/**
 * The server tells so often that it is there, and is given up after two times that it did not. The
 * time between is the shortest pause in which a message can be missed.
 */
const HEARTBEAT_MS = 1000;
/** How long NATS has for an answer: while it elects a leader it may have dropped the question. */
const ANSWER_MS = 1500;
/** A pull holds for so long, and is renewed. */
const PULL_MS = 10_000;
/** So often it is looked whether something in the stream does not come. */
const LOOK_MS = 3000;
/** What may be under way from the server. */
const MESSAGES_UNDER_WAY = 1000;
/** What NATS says of a consumer that is of no use any more. */
const USELESS: readonly string[] = [
  "heartbeats_missed",
  "consumer_not_found",
  "consumer_deleted",
  "stream_not_found",
  "no_responders",
  "reset",
];

/**
 * Reads a stream in order, for as long as it is not disposed: when the connection is lost, or the
 * server that has the consumer is gone, or stands still, it begins anew as soon as it can. That is ours
 * because NATS' own ordered consumer has been seen to stay silent for ever after the kill of a server
 * (@nats-io/jetstream 3.4.0: what fails while the cluster elects its leaders is not tried again).
 */
export class Follower implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #jetstream: JetStreamClient;
  readonly #options: FollowerOptions;
  readonly #ending = new AbortController();
  readonly #reconnects: Disposable;
  #stop: (() => void) | undefined;
  /** The newest that this consumer has given: what it gives again is passed over. */
  #given = 0;
  /** That, or a newer one that is known to be no more. */
  #last = 0;
  /** Where it stood when something was seen that had not come. */
  #lacked = -1;
  /** Resolves when it has been disposed; rejects with what `read` has thrown. */
  readonly ended: Promise<void>;

  constructor(nats: Nats, options: FollowerOptions) {
    this.#nats = nats;
    this.#jetstream = jetstream(nats.core, { timeout: ANSWER_MS });
    this.#options = options;
    // Also when it is lost: what is read then is read again, and nothing waits for the server.
    this.#reconnects = nats.watch(() => this.#stop?.());
    this.ended = this.#run();
    this.ended.catch(() => {}); // whoever minds awaits it
  }

  /** Resolves when nothing is read any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort();
    this.#reconnects[Symbol.dispose]();
    this.#stop?.();
    await this.ended.catch(() => {}); // told by `ended`
  }

  async #run(): Promise<void> {
    const { clock = systemClock } = this.#options;
    const { signal } = this.#ending;
    const backoff = new Backoff({ minMs: 20, maxMs: 500 });
    while (!signal.aborted) {
      const consumer = await this.#makeConsumer();
      if (consumer) {
        await this.#consume(consumer);
        backoff.reset();
      }
      if (!signal.aborted) await pause(clock, backoff.nextMs(), signal);
    }
  }

  /** Undefined where it cannot be had now. */
  async #makeConsumer(): Promise<Consumer | undefined> {
    const { stream, begin } = this.#options;
    try {
      const manager = await this.#jetstream.jetstreamManager(false);
      const beginning = await begin(await manager.streams.info(stream));
      this.#last = this.#given = beginning === "newest of each subject" ? 0 : beginning.after;
      const from = beginning === "newest of each subject"
        ? { deliver_policy: DeliverPolicy.LastPerSubject }
        : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: beginning.after + 1 };
      return await this.#jetstream.consumers.get(stream, from);
    } catch (error) {
      if (isMissing(error)) await this.#options.missing?.().catch(() => {}); // it has been told
      return undefined; // best effort: it is tried again
    }
  }

  /** Resolves when the consumer is of no use any more. */
  async #consume(consumer: Consumer): Promise<void> {
    const { read, caughtUp } = this.#options;
    let { num_pending: pending } = await consumer.info(true);
    const messages = await consumer.consume({
      max_messages: MESSAGES_UNDER_WAY,
      idle_heartbeat: HEARTBEAT_MS,
      expires: PULL_MS,
    });
    this.#stop = () => messages.stop();
    if (this.#ending.signal.aborted) messages.stop();
    const watching = (async () => {
      for await (const { type } of messages.status()) {
        if (USELESS.includes(type)) return messages.stop();
      }
    })();
    const looking = new AbortController();
    const looked = this.#look(looking.signal);
    try {
      if (pending === 0) caughtUp?.();
      for await (const message of messages) {
        if (message.seq <= this.#given) continue;
        await read(message);
        this.#given = message.seq;
        this.#last = Math.max(this.#last, message.seq);
        if (--pending === 0) caughtUp?.();
      }
    } finally {
      this.#stop = undefined;
      looking.abort();
      messages.stop();
      await Promise.all([watching, looked]);
      // Best effort: the server removes it by itself some minutes later.
      if (this.#nats.connected) consumer.delete().catch(() => {});
    }
  }

  /**
   * Ends the consumer where there is something in the stream that does not come. NATS puts a consumer on
   * any server that has the stream, also on one that has just been started again and lags behind; such a
   * one says that it is well, and gives nothing (seen with nats-server 2.9.10 after a loss of the majority).
   */
  async #look(signal: AbortSignal): Promise<void> {
    const { clock = systemClock, stream } = this.#options;
    for (;;) {
      await pause(clock, LOOK_MS, signal);
      if (signal.aborted) return;
      const from = this.#last;
      const newest = await this.#newestIn(stream).catch(() => 0);
      if (newest <= this.#last) continue;
      if (from === this.#last && this.#lacked === from) this.#stop?.();
      this.#lacked = from;
    }
  }

  /** The newest message of the stream that is there; what has expired or was erased never comes. */
  async #newestIn(stream: string): Promise<number> {
    const manager = await this.#jetstream.jetstreamManager(false);
    const { state: { last_seq: newest } } = await manager.streams.info(stream);
    if (newest <= this.#last) return newest;
    try {
      if (await manager.streams.getMessage(stream, { seq: newest })) return newest;
    } catch (error) {
      const isGone = error instanceof JetStreamApiError &&
        error.code === JetStreamApiCodes.NoMessageFound;
      if (!isGone) throw error;
    }
    this.#last = Math.max(this.#last, newest);
    return newest;
  }
}

/** Whether NATS says that there is no such stream. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound;
}
