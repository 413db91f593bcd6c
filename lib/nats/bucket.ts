import { JetStreamApiCodes, JetStreamApiError } from "@nats-io/jetstream";
import { type KV, Kvm } from "@nats-io/kv";
import { type Clock, systemClock } from "../base/clock.ts";
import { type BucketChange, type BucketEntry, BucketWatch } from "./bucket_watch.ts";
import { eraseMessage } from "./erase.ts";
import { encodeKey } from "./key.ts";
import type { Nats } from "./nats.ts";

export interface BucketOptions {
  /** Letters, digits, `-` and `_`. */
  readonly name: string;
  /** How many servers have it; counts when it is made. */
  readonly replicas: number;
  /** What is not written again for so long is gone; everything stays where undefined. */
  readonly ttlMs?: number;
  /** What `update` and `delete` replace is overwritten on the servers' disks, and not just forgotten. */
  readonly erases?: boolean;
  readonly clock?: Clock;
}

/** As many nodes may write one key at the same time, and each erase what was before. */
const HISTORY = 32;

/**
 * Keys and values that all nodes share, in NATS: any texts, keys not empty. A write that resolves is
 * on a majority of the replicas; one that rejects may have been carried out or not. Reads see all
 * writes that resolved before them, on whichever node.
 */
export class Bucket {
  readonly #nats: Nats;
  readonly #kv: KV;
  readonly #options: BucketOptions;

  private constructor(nats: Nats, kv: KV, options: BucketOptions) {
    this.#nats = nats;
    this.#kv = kv;
    this.#options = options;
  }

  /** Makes the bucket where there is none. Rejects with a StartupError. */
  static async open(nats: Nats, options: BucketOptions): Promise<Bucket> {
    const { name, replicas, ttlMs, erases } = options;
    const kv = await nats.patiently(
      `the bucket ${name} in NATS`,
      () =>
        new Kvm(nats.jetstream).create(name, {
          replicas,
          // What NATS has forgotten cannot be erased any more: those before stay until they are.
          history: erases ? HISTORY : 1,
          // Reads from a replica could be older than what was written.
          allow_direct: false,
          ...(ttlMs !== undefined && { ttl: ttlMs }),
        }),
    );
    return new Bucket(nats, kv, options);
  }

  async get(key: string): Promise<BucketEntry | undefined> {
    const entry = await this.#kv.get(encodeKey(key));
    if (entry?.operation !== "PUT") return undefined;
    return { value: entry.string(), revision: entry.revision };
  }

  /** Writes whatever was there, and resolves with the new revision. */
  put(key: string, value: string): Promise<number> {
    return this.#kv.put(encodeKey(key), value);
  }

  /** Writes where there is nothing; resolves with the revision, or undefined where there is something. */
  create(key: string, value: string): Promise<number | undefined> {
    return ifExpected(this.#kv.create(encodeKey(key), value));
  }

  /** Writes where that revision is still the newest of the key; undefined where it is not. */
  async update(key: string, value: string, revision: number): Promise<number | undefined> {
    const written = await ifExpected(this.#kv.update(encodeKey(key), value, revision));
    if (written !== undefined) await this.#erase(revision);
    return written;
  }

  /** Deletes the key; with a revision, only where it is still the newest. Resolves with whether it did. */
  async delete(key: string, revision?: number): Promise<boolean> {
    const options = revision === undefined ? {} : { previousSeq: revision };
    const deleted = this.#kv.delete(encodeKey(key), options).then(() => true);
    const isDeleted = await ifExpected(deleted) ?? false;
    if (isDeleted && revision !== undefined) await this.#erase(revision);
    return isDeleted;
  }

  /**
   * Tells `listener` all that is there, then each change, in order, until disposed. Resolves when all
   * has been told that was there at the call. A key that expires is told within its TTL again after it
   * was last told. While NATS is away nothing is told and nothing expires; when it is back, what changed
   * meanwhile is told, and each key has its whole TTL to be written again.
   */
  async watch(listener: (change: BucketChange) => void): Promise<AsyncDisposable> {
    const { name, ttlMs, clock = systemClock } = this.#options;
    const watch = new BucketWatch(this.#nats, { name, ttlMs, clock, listener });
    await watch.caughtUp;
    return watch;
  }

  /** Where the bucket erases what is replaced. */
  async #erase(revision: number): Promise<void> {
    const { name, erases } = this.#options;
    if (erases) await eraseMessage(this.#nats, `KV_${name}`, revision);
  }
}

/** Undefined where somebody else was first. */
async function ifExpected<T>(write: Promise<T>): Promise<T | undefined> {
  try {
    return await write;
  } catch (error) {
    if (
      error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamWrongLastSequence
    ) return undefined;
    throw error;
  }
}
