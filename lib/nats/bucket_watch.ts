import { type ConsumerMessages, DeliverPolicy, type JsMsg } from "@nats-io/jetstream";
import type { Clock } from "../base/clock.ts";
import type { Nats } from "./nats.ts";

/** What a bucket has under a key. */
export interface BucketEntry {
  readonly value: string;
  /** Higher than that of all that was written before, in the whole bucket. */
  readonly revision: number;
}

/** What has become of a key; without a value where it was deleted, or has expired. */
export interface BucketChange {
  readonly key: string;
  readonly entry: BucketEntry | undefined;
  /** Of the change, also of a deletion; undefined where the key has expired. */
  readonly revision: number | undefined;
}

export interface BucketWatchOptions {
  readonly nats: Nats;
  readonly clock: Clock;
  readonly ttlMs: number | undefined;
  readonly listener: (change: BucketChange) => void;
}

/** Keys are looked through for what has expired so many times in their TTL. */
const LOOKS = 4;

/**
 * Follows the stream of a bucket. NATS does not tell when a key expires, so that is counted here, from
 * when it was last told: later than NATS, never earlier.
 */
export class BucketWatch implements AsyncDisposable {
  readonly #options: BucketWatchOptions;
  /** When each key was last told, oldest first. */
  readonly #told = new Map<string, number>();
  readonly #reconnects: Disposable;
  #messages: ConsumerMessages | undefined;
  #following: Promise<void> | undefined;
  #timer: Disposable | undefined;

  constructor(options: BucketWatchOptions) {
    this.#options = options;
    this.#reconnects = options.nats.watch((connected) => {
      if (connected) this.#renewAll();
    });
  }

  /** Resolves when all that is there has been told. */
  async start(stream: string, keyOf: (subject: string) => string): Promise<void> {
    const { nats: { jetstream }, ttlMs } = this.#options;
    try {
      const consumer = await jetstream.consumers.get(stream, {
        deliver_policy: DeliverPolicy.LastPerSubject,
      });
      const { num_pending } = await consumer.info();
      this.#messages = await consumer.consume({ idle_heartbeat: 1000, expires: 5000 });
      const caughtUp = Promise.withResolvers<void>();
      if (num_pending === 0) caughtUp.resolve();
      this.#following = this.#follow(this.#messages, keyOf, num_pending, caughtUp.resolve);
      if (ttlMs !== undefined) this.#look(ttlMs);
      await Promise.race([caughtUp.promise, this.#following]);
    } catch (error) {
      await this[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#reconnects[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
    this.#messages?.stop();
    await this.#following;
  }

  async #follow(
    messages: ConsumerMessages,
    keyOf: (subject: string) => string,
    pending: number,
    caughtUp: () => void,
  ): Promise<void> {
    for await (const message of messages) {
      this.#tell(keyOf(message.subject), message);
      if (--pending === 0 || message.info.pending === 0) caughtUp();
    }
  }

  #tell(key: string, message: JsMsg): void {
    this.#told.delete(key);
    if (message.headers?.get("KV-Operation")) {
      return this.#options.listener({ key, entry: undefined, revision: message.seq });
    }
    this.#told.set(key, this.#options.clock.monotonic());
    const entry = { value: message.string(), revision: message.seq };
    this.#options.listener({ key, entry, revision: message.seq });
  }

  #renewAll(): void {
    const now = this.#options.clock.monotonic();
    for (const key of this.#told.keys()) this.#told.set(key, now);
  }

  #look(ttlMs: number): void {
    const { clock, nats, listener } = this.#options;
    const begun = clock.monotonic();
    this.#timer = clock.after(ttlMs / LOOKS, () => {
      this.#look(ttlMs);
      if (!nats.connected) return;
      // This process stood still: what was told meanwhile is still to be read.
      if (clock.monotonic() - begun > 2 * ttlMs / LOOKS) this.#renewAll();
      const before = clock.monotonic() - ttlMs;
      for (const [key, told] of this.#told) {
        if (told > before) break;
        this.#told.delete(key);
        listener({ key, entry: undefined, revision: undefined });
      }
    });
  }
}
