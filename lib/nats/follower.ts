import {
  type Consumer,
  DeliverPolicy,
  jetstream,
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
   * NATS begins with what there is without a word. What it throws ends the follower.
   */
  begin(stream: StreamInfo): Beginning;
  /** Is given each message, in order; the next one when it has resolved. What it throws ends the follower. */
  read(message: JsMsg): void | Promise<void>;
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
  /** Resolves when it has been disposed; rejects with what `begin` or `read` has thrown. */
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

  /** Undefined where NATS cannot do it now. */
  async #makeConsumer(): Promise<Consumer | undefined> {
    const { stream, begin } = this.#options;
    const manager = await this.#jetstream.jetstreamManager(false);
    const state = await manager.streams.info(stream).catch(() => undefined);
    if (!state || this.#ending.signal.aborted) return undefined;
    const beginning = begin(state);
    const from = beginning === "newest of each subject"
      ? { deliver_policy: DeliverPolicy.LastPerSubject }
      : { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: beginning.after + 1 };
    return await this.#jetstream.consumers.get(stream, from).catch(() => undefined);
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
    try {
      if (pending === 0) caughtUp?.();
      for await (const message of messages) {
        await read(message);
        if (--pending === 0) caughtUp?.();
      }
    } finally {
      this.#stop = undefined;
      messages.stop();
      await watching;
      // Best effort: the server removes it by itself some minutes later.
      if (this.#nats.connected) consumer.delete().catch(() => {});
    }
  }
}
