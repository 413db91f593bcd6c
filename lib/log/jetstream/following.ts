import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import { pause } from "../../base/backoff.ts";
import { systemClock } from "../../base/clock.ts";
import type { Nats } from "../../nats/mod.ts";

/** A consumer whose server is gone is made anew after two of them. */
const HEARTBEAT_MS = 1000;
/** What waits to be taken in, at most. */
const BUFFERED = 4096;
const RETRY_MS = 500;

export interface FollowingOptions {
  readonly stream: string;
  /** The first seq that is wanted, whenever it begins anew. */
  readonly next: () => number;
  readonly take: (message: JsMsg) => void;
  /** Asked before each beginning but the first; what rejects is tried again. */
  readonly verify: () => Promise<unknown>;
}

/**
 * Takes all messages of a stream in order, without an end: NATS forgets a consumer when the server that
 * had it is gone, and then another one is made, once it is sure that the stream is still the same.
 */
export class Following implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #options: FollowingOptions;
  readonly #closing = new AbortController();
  #messages: ConsumerMessages | undefined;
  #running: Promise<void> | undefined;

  constructor(nats: Nats, options: FollowingOptions) {
    this.#nats = nats;
    this.#options = options;
  }

  /** Resolves when the first consumer is there. */
  async start(): Promise<void> {
    const messages = await this.#begin();
    this.#running = this.#run(messages);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#messages?.stop();
    await this.#running;
  }

  async #begin(): Promise<ConsumerMessages> {
    const { stream, next, take } = this.#options;
    const consumer = await this.#nats.jetstream.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, next()),
    });
    let isOn = true;
    const messages = this.#messages = await consumer.consume({
      callback: (message) => {
        if (isOn) take(message);
      },
      max_messages: BUFFERED,
      idle_heartbeat: HEARTBEAT_MS,
    });
    this.#watch(messages, () => isOn = false);
    return messages;
  }

  /** The client makes consumers anew by itself; here that is an end, as the stream may be another. */
  async #watch(messages: ConsumerMessages, off: () => void): Promise<void> {
    for await (const { type } of messages.status()) {
      if (type === "reset") off();
      if (type === "ordered_consumer_recreated") messages.stop();
    }
  }

  async #run(first: ConsumerMessages): Promise<void> {
    const { signal } = this.#closing;
    await first.closed();
    while (!signal.aborted) {
      try {
        await this.#options.verify();
        if (signal.aborted) return;
        const messages = await this.#begin();
        if (signal.aborted) messages.stop();
        await messages.closed();
      } catch {
        // It is tried again, until there is somebody who answers.
        await pause(systemClock, RETRY_MS, signal);
      }
    }
  }
}
