import type { JsMsg, StreamInfo } from "@nats-io/jetstream";
import type { Clock } from "../base/clock.ts";
import { decodeKey } from "./key.ts";
import { Follower } from "./follower.ts";
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
  /** Of the change, also of a deletion; undefined where the key has expired, or is gone after a loss. */
  readonly revision: number | undefined;
}

export interface BucketWatchOptions {
  /** Of the bucket. */
  readonly name: string;
  readonly clock: Clock;
  readonly ttlMs: number | undefined;
  readonly listener: (change: BucketChange) => void;
}

/** What is known of a key that is there. */
interface Known {
  readonly revision: number;
  /** When it was last told, or NATS came back. */
  readonly since: number;
}

/** Keys are looked through for what has expired so many times in their TTL. */
const LOOKS = 4;

/**
 * Follows the stream of a bucket. NATS does not tell when a key expires, so that is counted here, from
 * when it was last told: later than NATS, never earlier. After a loss the whole bucket is read anew,
 * and what is not there any more is told as gone.
 */
export class BucketWatch implements AsyncDisposable {
  readonly #nats: Nats;
  readonly #options: BucketWatchOptions;
  readonly #prefix: string;
  readonly #follower: Follower;
  readonly #caughtUp = Promise.withResolvers<void>();
  /** In the order of their revisions. */
  readonly #known = new Map<string, Known>();
  /** Those that have not been told again since it began anew. */
  #missing = new Set<string>();
  /** Which stream it is: one that was made again counts from 1. */
  #created: string | undefined;
  #timer: Disposable | undefined;

  constructor(nats: Nats, options: BucketWatchOptions) {
    this.#nats = nats;
    this.#options = options;
    this.#prefix = `$KV.${options.name}.`;
    this.#follower = new Follower(nats, {
      stream: `KV_${options.name}`,
      clock: options.clock,
      begin: (stream) => this.#begin(stream),
      read: (message) => this.#read(message),
      caughtUp: () => this.#complete(),
    });
    if (options.ttlMs !== undefined) this.#look(options.ttlMs);
  }

  /** Resolves when all that was there at first has been told. */
  get caughtUp(): Promise<void> {
    return Promise.race([this.#caughtUp.promise, this.#follower.ended]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    await this.#follower[Symbol.asyncDispose]();
  }

  #begin({ created }: StreamInfo): "newest of each subject" {
    this.#renewAll(created === this.#created);
    this.#created = created;
    this.#missing = new Set(this.#known.keys());
    return "newest of each subject";
  }

  #read(message: JsMsg): void {
    const key = decodeKey(message.subject.slice(this.#prefix.length));
    const { seq: revision } = message;
    this.#missing.delete(key);
    const known = this.#known.get(key);
    if (message.headers?.get("KV-Operation")) {
      if (known) this.#tellGone(key, revision);
      return;
    }
    this.#known.delete(key);
    this.#known.set(key, { revision, since: this.#options.clock.monotonic() });
    if (known?.revision === revision) return;
    this.#options.listener({ key, entry: { value: message.string(), revision }, revision });
  }

  #complete(): void {
    for (const key of this.#missing) this.#tellGone(key);
    this.#missing.clear();
    this.#caughtUp.resolve();
  }

  #tellGone(key: string, revision?: number): void {
    this.#known.delete(key);
    this.#options.listener({ key, entry: undefined, revision });
  }

  /** Gives each key its whole TTL again. */
  #renewAll(areSame: boolean): void {
    const since = this.#options.clock.monotonic();
    for (const [key, { revision }] of this.#known) {
      this.#known.set(key, { revision: areSame ? revision : 0, since });
    }
  }

  #look(ttlMs: number): void {
    const { clock } = this.#options;
    const begun = clock.monotonic();
    this.#timer = clock.after(ttlMs / LOOKS, () => {
      this.#look(ttlMs);
      if (!this.#nats.connected) return;
      // This process stood still: what was told meanwhile is still to be read.
      if (clock.monotonic() - begun > 2 * ttlMs / LOOKS) this.#renewAll(true);
      const before = clock.monotonic() - ttlMs;
      for (const [key, { since }] of this.#known) {
        if (since > before) break;
        this.#tellGone(key);
      }
    });
  }
}
